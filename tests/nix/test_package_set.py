"""What is stock and what is optimized in a package set, by a real Nix."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.overlay_source import Overlay
from pytest_rtopt.nix.package_set import (
    Judged,
    PackageSet,
    evaluate_bundle,
    instantiate,
)
from tests.support.nixpkgs_sets import OF_2026, SHAPES, UNTIL_25_11

if TYPE_CHECKING:
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.package_set import Instantiation
    from tests.support.private_store import PrivateStore

DATA: Final = Path(__file__).parent.parent / "data"
TUNE: Final = """final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = old.env // { NIX_CFLAGS_COMPILE = "${old.env.NIX_CFLAGS_COMPILE or ""} -O3"; };
  });
}
"""
FLAKE: Final = """{
  outputs = { self }: {
    empty = 3;
    plain = import ./nixpkgs { };
    homes."me@host".pkgs = import ./nixpkgs { overlays = [ (import ./tune.nix) ]; };
    unrelated = import ./nixpkgs { overlays = [ (final: prev: { emacs = "mine"; }) ]; };
    legacyPackages.x86_64-linux = self.plain;
  };
}
"""


@pytest.fixture
def nix(private_store: PrivateStore) -> Nix:
    return private_store.nix


@pytest.fixture
def flake(tmp_path: Path) -> Path:
    """Return a directory with a flake whose nixpkgs is a copy of the embedded set, and a plain overlay."""
    shutil.copytree(PACKAGE / "embedded", tmp_path / "nixpkgs")
    (tmp_path / "tune.nix").write_text(TUNE)
    (tmp_path / "flake.nix").write_text(FLAKE)
    return tmp_path


def lua(
    nix: Nix, packages: PackageSet, *overlays: Path, attributes: tuple[str, ...] = ("lua5_4",)
) -> Instantiation:
    named = replace(REGISTRY["lua"], attributes=attributes)
    judged = Judged({"cpu": {}}, tuple(map(Overlay.in_file, overlays)), {})
    return instantiate(nix, packages, [named], judged)


def flags(nix: Nix, drv: str) -> str:
    return nix.derivations([drv])[drv].exported.get("NIX_CFLAGS_COMPILE", "").strip()


def test_a_path(nix: Nix, flake: Path) -> None:
    found = lua(nix, find_package_set("nixpkgs", flake, nix), flake / "tune.nix")
    sides = found.runtimes["lua"]
    assert not found.overlaid
    assert found.everything is None
    assert flags(nix, sides.stock.drv) == ""
    assert flags(nix, sides.optimized.drv) == "-O3"


def test_a_flake_without_overlays_gets_ours(nix: Nix, flake: Path) -> None:
    found = lua(nix, find_package_set(".", flake, nix), flake / "tune.nix")
    sides = found.runtimes["lua"]
    assert not found.overlaid
    assert flags(nix, sides.stock.drv) == ""
    assert flags(nix, sides.optimized.drv) == "-O3"


def test_overlaid_packages_are_judged_as_they_are(nix: Nix, flake: Path) -> None:
    """Stock is a plain import of the same nixpkgs, and no overlay is applied a second time."""
    found = lua(nix, find_package_set('.#homes."me@host".pkgs', flake, nix), flake / "tune.nix")
    sides = found.runtimes["lua"]
    assert found.overlaid
    assert flags(nix, sides.stock.drv) == ""
    assert flags(nix, sides.optimized.drv) == "-O3"
    plain = lua(nix, find_package_set(".#plain", flake, nix)).runtimes["lua"]
    assert sides.stock == plain.stock


def test_overlays_about_other_packages_stay_below_ours(nix: Nix, flake: Path) -> None:
    """Packages with any overlay counted as overlaid: nothing was optimized then."""
    found = lua(nix, find_package_set(".#unrelated", flake, nix), flake / "tune.nix")
    sides = found.runtimes["lua"]
    assert not found.overlaid
    assert flags(nix, sides.stock.drv) == ""
    assert flags(nix, sides.optimized.drv) == "-O3"


def test_an_attribute_that_is_missing_in_a_flake(nix: Nix, flake: Path) -> None:
    with pytest.raises(NixError, match=r"has no attribute homes\.you\.pkgs; name the packages after #"):
        lua(nix, find_package_set(".#homes.you.pkgs", flake, nix))


def test_an_attribute_that_is_no_package_set(nix: Nix, flake: Path) -> None:
    with pytest.raises(NixError, match="#empty is no package set"):
        lua(nix, find_package_set(".#empty", flake, nix))


def test_removed_names_are_passed_over(nix: Nix, tmp_path: Path) -> None:
    """In nixpkgs a removed name may still be there and throw."""
    packages = tmp_path / "packages.nix"
    packages.write_text(
        f'arguments: import {PACKAGE}/embedded arguments // {{ lua5_9 = throw "lua5_9 has been removed"; }}\n'
    )
    found = lua(nix, PackageSet("p", "path", str(packages)), attributes=("lua5_9", "lua5_4"))
    assert found.runtimes["lua"].attr == "lua5_4"
    with pytest.raises(NixError, match=r"The package set p does not have lua \(lua5_9\)"):
        lua(nix, PackageSet("p", "path", str(packages)), attributes=("lua5_9",))


@pytest.mark.parametrize("attr", ["lua5_4-optimized", "lua5_4_fast"])
def test_an_optimized_package_beside_stocks_is_judged_by_its_name(
    nix: Nix, tmp_path: Path, attr: str
) -> None:
    """A stranger's `<attr>-optimized` was taken for an overlay that touches nothing."""
    path = tmp_path / "beside.nix"
    path.write_text(TUNE.replace("  lua5_4 =", f"  {attr} ="))
    sides = lua(nix, find_package_set("embedded", tmp_path, nix), path).runtimes["lua"]
    assert flags(nix, sides.stock.drv) == ""
    assert flags(nix, sides.optimized.drv) == ("-O3" if attr == "lua5_4-optimized" else "")


@pytest.mark.parametrize("builder", ["buildGoModule", "buildGo124Module"])
def test_what_builds_go_programs_by_default_is_what_builds_the_judged_ones(
    nix: Nix, tmp_path: Path, builder: str
) -> None:
    """Bug: an overlay of buildGoModule, which packages use, was one that touches nothing."""
    path = tmp_path / "level.nix"
    path.write_text(
        f"final: prev: {{ {builder} = arguments: (prev.{builder} arguments).overrideAttrs (old: {{ "
        'env = (old.env or { }) // { GOAMD64 = "v3"; }; }); }\n'
    )
    judged = Judged({"cpu": {}}, (Overlay.in_file(path),), {}, everything=False)
    packages = find_package_set("embedded", tmp_path, nix)
    sides = instantiate(nix, packages, [REGISTRY["go"]], judged).runtimes["go"]
    assert sides.stock == sides.optimized
    assert sides.optimized_programs is not None
    drv = sides.optimized_programs.drv
    assert nix.derivations([drv])[drv].exported["GOAMD64"] == "v3"


@pytest.mark.parametrize(("shape", "attr"), [(UNTIL_25_11, "go_1_24"), (OF_2026, "go")])
def test_what_scope_add_puts_beside_a_go_of_another_version_is_judged(
    nix: Nix, tmp_path: Path, shape: str, attr: str
) -> None:
    """Stock was judged against itself: `go-optimized` was looked for, and `go_1_24-optimized` is there."""
    packages = tmp_path / "nixpkgs.nix"
    packages.write_text(
        f'import (import {SHAPES}/as-nixpkgs.nix {{ embedded = "{PACKAGE}/embedded"; shape = "{shape}"; }})\n'
    )
    profile = {"packages": {"go_1_24": {"goamd64": "v3", "scope": "add"}}}
    overlay = Overlay.in_file(directory("overlays") / "go-hardware-optimized.nix")
    judged = Judged(profile, (overlay,), {"go": overlay}, everything=False)
    sides = instantiate(nix, PackageSet("p", "path", str(packages)), [REGISTRY["go"]], judged).runtimes["go"]
    assert sides.attr == attr
    of = nix.derivations([sides.stock.drv, sides.optimized.drv])
    assert "GOAMD64" not in of[sides.stock.drv].exported
    assert of[sides.optimized.drv].exported["GOAMD64"] == "v3"
    assert sides.stock_programs != sides.optimized_programs


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        ("{ lua5_4 = 1; }", "overlay.nix:1 is a set (lua5_4), not a function"),
        ("final: prev: { lua5_4 = null; }", "The overlays make lua5_4 a null, not a package"),
        ("final: prev: {\n  lua5_4 = throw ''no''; }", "no (at @overlay.nix:2)"),
        ("final: prev: {\n  lua5_4 = 1 +; }", "syntax error, unexpected ';'"),
        ("final: prev: {\n  lua5_4 = 1 +; }", "(at @overlay.nix:2)"),
        (
            "hardwareProfile: final: prev: {\n\n lua5_4 = lib; }",
            "undefined variable 'lib' (at @overlay.nix:3)",
        ),
    ],
)
def test_an_overlay_that_does_not_evaluate(nix: Nix, tmp_path: Path, overlay: str, said: str) -> None:
    path = tmp_path / "my overlay.nix" if "@" not in said else tmp_path / "overlay.nix"
    path.write_text(overlay)
    with pytest.raises(NixError) as caught:
        lua(nix, find_package_set("embedded", tmp_path, nix), path)
    assert said.replace("@", f"{tmp_path}/") in str(caught.value)
    assert "instantiate.nix" not in str(caught.value)


def test_the_embedded_set_lists_everything(nix: Nix, tmp_path: Path) -> None:
    path = tmp_path / "tune.nix"
    path.write_text(TUNE)
    found = lua(nix, find_package_set("embedded", tmp_path, nix), path)
    assert found.everything is not None
    stock, optimized = found.everything
    assert {name for name in stock if stock[name] != optimized[name]} == {"lua5_4"}
    assert "go_1_24" in stock


@pytest.mark.parametrize("reference", ["embedded", "nixpkgs", ".", '.#homes."me@host".pkgs'])
def test_a_bundle_on_any_package_set(nix: Nix, flake: Path, reference: str) -> None:
    """A flake reference was imported as if it were a path."""
    snippet = flake / "rtopt.nix"
    snippet.write_text("{ nixpkgs }: import nixpkgs { overlays = [ (import ./tune.nix) ]; }\n")
    packages = find_package_set(reference, flake, nix)
    drvs = evaluate_bundle(nix, packages, snippet, ["lua5_4", "absent"])
    assert list(drvs) == ["lua5_4"]
    assert flags(nix, drvs["lua5_4"]) == "-O3"


def test_a_further_build_has_its_functions_elsewhere_and_is_otherwise_the_same(
    nix: Nix, tmp_path: Path
) -> None:
    path = tmp_path / "tune.nix"
    path.write_text(TUNE)
    packages = replace(
        find_package_set("embedded", tmp_path, nix), rust="rustc 1.85.0 (4d91de4e4 2025-02-17)"
    )

    def build(layout: int, *names: str) -> Instantiation:
        judged = Judged({"cpu": {}}, (Overlay.in_file(path),), {}, everything=False, layout=layout)
        return instantiate(nix, packages, [REGISTRY[name] for name in names], judged)

    plain, first, second = (build(layout, "lua").runtimes["lua"] for layout in range(3))
    assert plain == lua(nix, packages, path).runtimes["lua"]
    assert len({sides.stock.drv for sides in (plain, first, second)}) == 3
    assert flags(nix, first.optimized.drv) == "-O3 -falign-functions=64:15"
    assert flags(nix, first.stock.drv) == "-falign-functions=64:15"
    assert flags(nix, second.stock.drv) == "-falign-functions=64:22"

    unvaried, varied = (build(layout, "go", "rust", "nodejs").runtimes for layout in range(2))
    # A prebuilt program lies as it lies.
    assert varied["nodejs"] == unvaried["nodejs"]
    assert varied["rust"].stock == unvaried["rust"].stock
    for name, variable, words in (
        ("rust", "NIX_RUSTFLAGS", "-Cmetadata=rtopt-layout-1 -Cllvm-args=-align-all-functions=6"),
        ("go", "GOFLAGS", "-mod=vendor -trimpath -ldflags=-randlayout=1"),
    ):
        programs = varied[name].stock_programs
        assert programs is not None
        assert programs != unvaried[name].stock_programs
        assert nix.derivations([programs.drv])[programs.drv].exported[variable].strip() == words
    toolchain = varied["go"].stock.drv
    assert nix.derivations([toolchain])[toolchain].exported["GO_LDFLAGS"].strip() == "-randlayout=1"


@pytest.mark.parametrize(
    ("lua5_4", "said"),
    [
        ('throw "no lua today"', "no lua today"),
        ("prev.lua5_4.nothing", "attribute 'nothing' missing"),
        ("final.lua5_4", "infinite recursion encountered: `final.lua5_4` leads back"),
        ("1", "The overlays make lua5_4 a int, not a package"),
        ("prev.lua5_4.overrideAttrs { makeFlags = throw ''no flags''; }", "no flags"),
    ],
)
def test_a_runtime_that_does_not_evaluate_leaves_the_others_judged(
    nix: Nix, tmp_path: Path, lua5_4: str, said: str
) -> None:
    """One throw ended the whole run."""
    path = tmp_path / "half.nix"
    path.write_text(
        f"final: prev: {{\n lua5_4 = {lua5_4};\n"
        ' go_1_24 = prev.go_1_24.overrideAttrs (old: { env = old.env or { } // { GOAMD64 = "v3"; }; });\n}\n'
    )
    runtimes = [REGISTRY[name] for name in ("lua", "go", "nodejs")]
    judged = Judged({"cpu": {}}, (Overlay.in_file(path),), {})
    found = instantiate(nix, find_package_set("embedded", tmp_path, nix), runtimes, judged)
    assert {name: sides.touched for name, sides in found.runtimes.items()} == {"go": True, "nodejs": False}
    assert said in found.failures["lua"]
    with pytest.raises(NixError, match="lua cannot be judged: "):
        found.of("lua")
    assert found.of("go") == found.runtimes["go"]
    if "throw" in lua5_4:
        # Nix catches nothing else.
        assert found.everything is not None
        stock, optimized = found.everything
        assert "lua5_4" not in optimized
        assert stock["go_1_24"] != optimized["go_1_24"]


def test_where_nothing_evaluates_the_run_ends(nix: Nix, tmp_path: Path) -> None:
    path = tmp_path / "broken.nix"
    path.write_text('final: prev: { lua5_4 = throw "no lua"; go_1_24 = throw "no go"; }')
    judged = Judged({"cpu": {}}, (Overlay.in_file(path),), {})
    runtimes = [REGISTRY[name] for name in ("lua", "go")]
    with pytest.raises(NixError, match=r"^no (lua|go) "):
        instantiate(nix, find_package_set("embedded", tmp_path, nix), runtimes, judged)


def test_a_runtime_that_does_not_evaluate_in_a_flake(nix: Nix, flake: Path) -> None:
    """What is left of the user's packages stays the optimized side."""
    (flake / "tune.nix").write_text(TUNE.replace("prev: {", "prev: {\n go_1_24 = prev.nothing;\n"))
    runtimes = [REGISTRY[name] for name in ("lua", "go")]
    judged = Judged({"cpu": {}}, (), {})
    packages = find_package_set('.#homes."me@host".pkgs', flake, nix)
    found = instantiate(nix, packages, runtimes, judged)
    assert found.overlaid
    assert flags(nix, found.runtimes["lua"].optimized.drv) == "-O3"
    assert flags(nix, found.runtimes["lua"].stock.drv) == ""
    assert "'nothing' missing" in found.failures["go"]
    assert found.touched_attrs == ("go_1_24", "lua5_4")


@pytest.mark.parametrize("name", ["platformOnly", "platformAndOverlay", "otherStdenv", "configured"])
def test_packages_for_a_tuned_platform_are_the_optimized_side(nix: Nix, tmp_path: Path, name: str) -> None:
    """Bug: without an overlay that changed a runtime, stock was the tuned set and optimized a generic one."""
    shutil.copytree(DATA / "platform-flake", tmp_path / "flake")
    packages = find_package_set(f".#{name}.pkgs", tmp_path / "flake", nix)
    found = lua(nix, packages)
    sides = found.runtimes["lua"]
    march = {
        side: nix.derivations([paths.drv])[paths.drv].exported["NIX_CFLAGS_BEFORE"]
        for side, paths in (("stock", sides.stock), ("optimized", sides.optimized))
    }
    assert march == {"stock": "-march=x86-64", "optimized": "-march=skylake"}
    assert found.overlaid
    tuned = name.startswith("platform")
    assert found.platform == ({"arch": "skylake", "tune": "skylake"} if tuned else {})
    assert found.touched_attrs == (("greeting",) if name == "platformAndOverlay" else ())


SETS: Final = {
    "platform": (
        "{ overlays ? [ ] }: import EMBEDDED"
        ' { inherit overlays; localSystem = { system = "x86_64-linux"; gcc.arch = "skylake"; }; }'
    ),
    "replaced": (
        "{ overlays ? [ ] }: import EMBEDDED"
        ' { inherit overlays; config.replaceStdenv = { pkgs }: pkgs.withCFlags [ "-O3" ] pkgs.stdenv; }'
    ),
    "adapter": (
        "{ overlays ? [ ] }: import EMBEDDED"
        ' { overlays = [ (_: prev: { stdenv = prev.withCFlags [ "-O3" ] prev.stdenv; }) ] ++ overlays; }'
    ),
    "native": (
        "{ overlays ? [ ] }: import EMBEDDED { overlays ="
        " [ (_: prev: { stdenv = prev.impureUseNativeOptimizations prev.stdenv; }) ] ++ overlays; }"
    ),
    "appended": "(import EMBEDDED { }).appendOverlays [ (import ./tune.nix) ]",
    "plain": "{ overlays ? [ ] }: import EMBEDDED { inherit overlays; }",
}
"""Package sets at a path, tuned by each of the ways that nixpkgs has for all packages at once."""


def at_path(directory: Path, name: str) -> PackageSet:
    (directory / "tune.nix").write_text(TUNE)
    (directory / "packages.nix").write_text(SETS[name].replace("EMBEDDED", str(PACKAGE / "embedded")))
    return PackageSet(name, "path", str(directory / "packages.nix"))


@pytest.mark.parametrize(
    ("name", "optimized", "stdenv_flags"),
    [
        ("platform", "", ()),
        ("replaced", "-O3", ("-O3",)),
        ("adapter", "-O3", ("-O3",)),
        ("native", "-march=native", ("-march=native",)),
        ("appended", "-O3", ()),
    ],
)
def test_tuned_packages_at_a_path_are_the_optimized_side(
    nix: Nix, tmp_path: Path, name: str, optimized: str, stdenv_flags: tuple[str, ...]
) -> None:
    """Bug: stock was the tuned set itself, so that nothing was found to judge."""
    found = lua(nix, at_path(tmp_path, name))
    sides = found.runtimes["lua"]
    plain = lua(nix, at_path(tmp_path, "plain")).runtimes["lua"]
    assert found.overlaid
    assert sides.stock == plain.stock == plain.optimized
    assert sides.optimized != sides.stock
    assert flags(nix, sides.optimized.drv) == optimized
    assert found.platform == ({"arch": "skylake"} if name == "platform" else {})
    assert found.stdenv_flags == stdenv_flags


@pytest.mark.parametrize("name", ["platform", "adapter", "appended", "plain"])
def test_named_overlays_are_on_top_of_packages_at_a_path(nix: Nix, tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.nix"
    path.write_text(TUNE.replace("-O3", "-funroll-loops"))
    sides = lua(nix, at_path(tmp_path, name), path).runtimes["lua"]
    before = "-O3 " if name in ("adapter", "appended") else ""
    assert " ".join(flags(nix, sides.optimized.drv).split()) in (
        f"{before}-funroll-loops",
        f"-funroll-loops {before}".strip(),
    )
    assert flags(nix, sides.stock.drv) == ""


def test_packages_that_take_no_further_overlays(nix: Nix, tmp_path: Path) -> None:
    packages = at_path(tmp_path, "plain")
    (tmp_path / "packages.nix").write_text("{ lua5_4 = 1; }")
    with pytest.raises(NixError, match="is neither a function of `overlays` nor a package set with"):
        lua(nix, packages, tmp_path / "tune.nix")


def test_overlays_that_a_flake_appends(nix: Nix, flake: Path) -> None:
    text = (flake / "flake.nix").read_text()
    appended = text.replace(
        "plain = import ./nixpkgs { };",
        "plain = import ./nixpkgs { }; more = self.plain.appendOverlays [ (import ./tune.nix) ];"
        " longer = self.plain.extend (import ./tune.nix);",
    )
    (flake / "flake.nix").write_text(appended)
    for name in ("more", "longer"):
        found = lua(nix, find_package_set(f".#{name}", flake, nix))
        assert found.overlaid
        assert flags(nix, found.runtimes["lua"].stock.drv) == ""
        assert flags(nix, found.runtimes["lua"].optimized.drv) == "-O3"
        assert found.touched_attrs == ("lua5_4",)


@pytest.mark.parametrize("name", ["platformOnly", "otherStdenv", "configured"])
def test_the_same_set_at_a_path(nix: Nix, tmp_path: Path, name: str) -> None:
    """As `platform-flake` has it, without the flake."""
    shutil.copytree(DATA / "platform-flake", tmp_path / "flake")
    (tmp_path / "set.nix").write_text(f"((import ./flake/flake.nix).outputs null).{name}.pkgs")
    found = lua(nix, find_package_set("./set.nix", tmp_path, nix))
    sides = found.runtimes["lua"]
    marches = [
        nix.derivations([paths.drv])[paths.drv].exported["NIX_CFLAGS_BEFORE"]
        for paths in (sides.stock, sides.optimized)
    ]
    assert marches == ["-march=x86-64", "-march=skylake"]


def test_a_plain_platform_is_not_told(nix: Nix, tmp_path: Path) -> None:
    shutil.copytree(DATA / "platform-flake", tmp_path / "flake")
    found = lua(nix, find_package_set(".#plain.pkgs", tmp_path / "flake", nix))
    assert not found.overlaid
    assert found.platform == {}
    assert not found.runtimes["lua"].touched
