"""The overlays of Go, Node.js, Python and Rust on every shape of nixpkgs, evaluated by a real Nix.

RTOPT_NIXPKGS=DIRECTORY runs the same on a whole nixpkgs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.support.nixpkgs_sets import (
    OF_2026,
    RUNTIMES,
    SHAPES,
    UNTIL_25_11,
    Evaluated,
    Overlay,
    PackageSet,
    full_profile,
    ours,
    real_nixpkgs,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.private_store import PrivateStore

MARCH = ["-march=skylake", "-mtune=skylake", "-O3"]
RECORDED = [*MARCH, "-frecord-gcc-switches"]
FOR_TARGET = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS"
REAL = "RTOPT_NIXPKGS"


@pytest.fixture(scope="module", params=[UNTIL_25_11, OF_2026, *([REAL] if real_nixpkgs() else [])])
def packages(request: pytest.FixtureRequest, private_store: PrivateStore) -> PackageSet:
    nixpkgs = real_nixpkgs() if request.param == REAL else None
    return PackageSet(request.param, private_store.nix, nixpkgs)


@pytest.fixture(scope="module")
def stock(packages: PackageSet) -> Evaluated:
    return packages.under()


@pytest.fixture(scope="module")
def tuned(packages: PackageSet, stock: Evaluated) -> Evaluated:
    return packages.under(*ours(full_profile(stock)))


@pytest.fixture(scope="module")
def beside(packages: PackageSet, stock: Evaluated) -> Evaluated:
    return packages.under(*ours(full_profile(stock, scope="add")))


def words(environment: Mapping[str, str], name: str) -> list[str]:
    return environment.get(name, "").split()


def listed(evaluated: Evaluated, point: str, name: str) -> list[str]:
    value = evaluated[point].attributes.get(name, [])
    return value if isinstance(value, list) else str(value).split()


@pytest.mark.parametrize(
    "profile",
    [
        {},
        {"system": {"hostname": "x"}, "build": {"parallelism": {"maxCores": 4}}},
        {
            "build": {"compiler": {}},
            "packages": {
                name: {"enable": False} for name in ("go_1_24", "nodejs_24", "nodejs_22", "python313", "rust")
            },
        },
    ],
    ids=["empty", "no compiler", "all disabled"],
)
def test_a_profile_that_asks_for_nothing_changes_no_byte(
    packages: PackageSet, stock: Evaluated, profile: dict[str, object]
) -> None:
    assert packages.under(*ours(profile)) == stock


def test_every_compiler_and_every_consumer_is_another_derivation(stock: Evaluated, tuned: Evaluated) -> None:
    same = [point for point in stock.standing if stock.standing[point] == tuned.standing[point]]
    assert same == []


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_was_exported_stays_exported(stock: Evaluated, tuned: Evaluated, runtime: str) -> None:
    """`overrideAttrs (_: { env.X = …; })`, as often written, loses CPPFLAGS and more of Python's."""
    lost = set(stock[runtime].exported) - set(tuned[runtime].exported)
    assert lost == set()


def test_go_is_compiled_for_the_level_and_passes_it_on(tuned: Evaluated) -> None:
    go = tuned["go"]
    assert go.exported["GOAMD64"] == "v3"
    assert 'echo "CGO_CFLAGS=-O2 -g -march=skylake -mtune=skylake" >> go.env' in str(
        go.attributes["postPatch"]
    )


def test_python_gets_profile_guided_optimization_and_the_march_past_sysconfig(tuned: Evaluated) -> None:
    python = tuned["python"]
    flags = words(python.exported, "NIX_CFLAGS_COMPILE")
    assert flags[flags.index(MARCH[0]) :] == [*RECORDED, "-ftls-model=initial-exec"]
    assert "CFLAGS" not in python.exported
    assert {"--enable-optimizations", "--with-lto"} <= set(listed(tuned, "python", "configureFlags"))
    assert python.exported["PROFILE_TASK"].endswith("python.py")
    assert "$(BUILDPYTHON): LINK_PYTHON_OBJS = $(LIBRARY_OBJS)" in str(python.attributes["postPatch"])
    assert "Python/ceval.o: PY_CORE_CFLAGS := $(filter-out -fprofile-use" in str(
        python.attributes["postPatch"]
    )
    # The compiler wrapper's setup hook exports this one, wherever it stands.
    hardening = set(listed(tuned, "python", "NIX_HARDENING_ENABLE"))
    assert hardening.isdisjoint({"stackprotector", "stackclashprotection", "zerocallusedregs"})
    assert {"relro", "fortify"} <= hardening, "only what costs time is relaxed"


def test_pgo_light_is_upstreams_own_training(packages: PackageSet) -> None:
    light = packages.under(*ours({"packages": {"python313": {"pgoLevel": "LIGHT"}}}, "python"))
    assert "--enable-optimizations" in listed(light, "python", "configureFlags")
    assert "PROFILE_TASK" not in light["python"].exported
    assert "-march" not in light["python"].exported.get("NIX_CFLAGS_COMPILE", "")


def test_the_lto_that_nixpkgs_has_is_no_change(packages: PackageSet, stock: Evaluated) -> None:
    same = packages.under(*ours({"packages": {"python313": {"enableLTO": True}}}, "python"))
    assert same.standing["python"] == stock.standing["python"]
    without = packages.under(*ours({"packages": {"python313": {"enableLTO": False}}}, "python"))
    assert "--with-lto" not in listed(without, "python", "configureFlags")


def test_a_python_without_arguments_gets_them_as_configure_flags(private_store: PrivateStore) -> None:
    packages = PackageSet(OF_2026, private_store.nix)
    plain = Overlay(SHAPES / "plain-python.nix", {})
    requested = {"pgoLevel": "LIGHT", "enableLTO": True, "staticInterpreter": True}
    tuned = packages.under(plain, *ours({"packages": {"python313": requested}}, "python"))
    flags = listed(tuned, "python", "configureFlags")
    assert {"--enable-shared", "--with-lto", "--enable-optimizations"} <= set(flags)
    script = str(tuned["python"].attributes["postPatch"])
    assert script.startswith("touch patched\necho '$(BUILDPYTHON): LINK_PYTHON_OBJS"), (
        "joined to the last line"
    )


def test_the_nodejs_that_compiles_gets_flags_and_not_its_join(tuned: Evaluated) -> None:
    node = tuned["nodejs"]
    assert words(node.exported, "NIX_CFLAGS_COMPILE")[-4:] == RECORDED
    # Ninja would hide the commands, of which the build log is the only record under link-time optimization.
    assert node.exported.get("NINJA") in {None, "TERM=dumb ninja -v"}
    assert words(node.exported, "NIX_LDFLAGS")[-1] == "-ljemalloc"
    assert listed(tuned, "nodejs", "configureFlags")[-3:] == [
        "--enable-lto",
        "--enable-pgo-use",
        "--v8-options=--max-lazy",
    ]
    assert re.search(r"rtoptTrainNode \S+node\.js\n$", str(node.attributes["preBuild"]))
    assert any("jemalloc" in path for path in node.inputs)
    assert "-DRTOPT_COMPILE_CACHE" in str(node.attributes["postFixup"])
    assert tuned.needs("nodejs/command", of="nodejs")


def test_rust_reaches_the_compiler_and_the_platforms_programs(tuned: Evaluated) -> None:
    rustc = tuned["rust"].exported
    assert rustc[FOR_TARGET] == "-Ctarget-cpu=haswell"
    assert words(rustc, "RUSTFLAGS")[0] == "-Ccodegen-units=1", "a later -Ccodegen-units=10 would win"
    assert "--set=rust.lto=thin" in listed(tuned, "rust", "configureFlags")
    wrapper = tuned["rust/wrapper"]
    assert "rtoptTargetCpu=haswell" in str(wrapper.attributes["buildCommand"])
    assert "rtoptVectorWidth=128" in str(wrapper.attributes["buildCommand"])
    assert "rtoptLinker=lld" in str(wrapper.attributes["buildCommand"])
    assert any("-lld-" in path for path in wrapper.inputs)
    assert tuned.needs("rust/program", of="rust/wrapper")


def test_cargo_gets_the_cpu_where_cargo_looks_for_flags(tuned: Evaluated) -> None:
    """RUSTFLAGS, where set, hides the variable of the target."""
    cargo = tuned["rust/cargo"].exported
    assert ("RUSTFLAGS" in cargo) != (FOR_TARGET in cargo)
    assert "-Ctarget-cpu=haswell" in words(cargo, "RUSTFLAGS") + words(cargo, FOR_TARGET)


@pytest.mark.parametrize(
    ("consumer", "compiler"),
    [
        ("go/program", "go"),
        ("nodejs/program", "nodejs"),
        ("python/environment", "python"),
        ("rust/program", "rust"),
    ],
)
def test_consumers_use_what_was_compiled(tuned: Evaluated, consumer: str, compiler: str) -> None:
    assert tuned.needs(consumer, of=compiler)


def test_pythons_packages_are_those_of_the_same_python(tuned: Evaluated) -> None:
    assert tuned.standing["python/packages"] == tuned.standing["python"]


@pytest.mark.parametrize("ours_first", [True, False])
def test_a_neighbours_overlay_before_or_after_keeps_both(
    packages: PackageSet, stock: Evaluated, *, ours_first: bool
) -> None:
    mine, theirs = ours(full_profile(stock)), Overlay(SHAPES / "neighbour.nix", stock.attrs)
    both = packages.under(*([*mine, theirs] if ours_first else [theirs, *mine]))
    assert [both[runtime].exported["NEIGHBOUR"] for runtime in RUNTIMES] == ["1"] * len(RUNTIMES)
    assert both["go"].exported["GOAMD64"] == "v3"
    assert {*MARCH, "-DNEIGHBOUR"} <= set(words(both["python"].exported, "NIX_CFLAGS_COMPILE"))
    assert set(MARCH) <= set(words(both["nodejs"].exported, "NIX_CFLAGS_COMPILE"))
    assert both["rust"].exported[FOR_TARGET] == "-Ctarget-cpu=haswell"
    assert both.needs("rust/program", of="rust")
    assert both.needs("python/environment", of="python")


def test_scope_add_changes_no_existing_derivation(stock: Evaluated, beside: Evaluated) -> None:
    assert beside.standing == stock.standing


def test_scope_add_gives_the_optimized_packages_beside(beside: Evaluated) -> None:
    node = f"{beside.attrs['nodejsCompiling']}-optimized"
    assert beside["go_1_24-optimized"].exported["GOAMD64"] == "v3"
    assert words(beside[node].exported, "NIX_CFLAGS_COMPILE")[-4:] == RECORDED
    assert beside["rust-optimized"].exported[FOR_TARGET] == "-Ctarget-cpu=haswell"
    assert beside.needs(f"{beside.attrs['nodejs']}-optimized", of=node)
    assert beside.needs("rust-optimized/program", of="rust-optimized")


def test_an_added_pythons_packages_are_not_the_stock_ones(stock: Evaluated, beside: Evaluated) -> None:
    """`override` under a new name without `self` gives `withPackages` of the stock interpreter."""
    assert beside.added["python313-optimized/packages"] == beside.added["python313-optimized"]
    assert beside.needs("python313-optimized/environment", of="python313-optimized")
    assert not beside.needs("python313-optimized/environment", of="python")
    assert beside.added["python313-optimized"] != stock.standing["python"]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_features_of_the_builder_are_asked_for_on_request(
    packages: PackageSet, stock: Evaluated, tuned: Evaluated, runtime: str
) -> None:
    """Never unasked: builders offer gccarch-… only where their nix.conf says so, else Nix refuses."""
    profile = full_profile(stock)
    profile["build"]["compiler"]["requireSystemFeatures"] = True
    requested = listed(packages.under(*ours(profile)), runtime, "requiredSystemFeatures")
    assert requested[-1] == ("gccarch-haswell" if runtime == "rust" else "gccarch-skylake")
    assert not any("gccarch" in feature for feature in listed(tuned, runtime, "requiredSystemFeatures"))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_each_overlay_alone_changes_what_it_changes_among_all(
    packages: PackageSet, stock: Evaluated, runtime: str
) -> None:
    alone = packages.under(*ours(full_profile(stock), runtime))
    assert alone.standing[runtime] != stock.standing[runtime]
    assert alone.needs(f"{runtime}/{'environment' if runtime == 'python' else 'program'}", of=runtime)


def test_default_is_the_same_overlays(packages: PackageSet, stock: Evaluated, tuned: Evaluated) -> None:
    default = ours({})[0].file.with_name("default.nix")
    assert packages.under(Overlay(default, {"profile": full_profile(stock)})).standing == tuned.standing
