"""What somebody else's overlay is held to."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from pytest_rtopt.claims.requested_profile import OverlayRequest, request_of, with_requests
from pytest_rtopt.evidence.overlay_changes import OverlayChanges
from pytest_rtopt.evidence.requested import Requested, requested_by
from pytest_rtopt.hardware.profile import HardwareProfile
from tests.support.observations import derivation, profile, side

DETECTED = profile("x86-64-v4", "lua5_4", enableLTO=True, pgoLevel="LIGHT", goamd64="v4")
NOTHING = Requested(frozenset(), frozenset(), lto=False, pgo_level="NONE")


def asks(request: Requested) -> OverlayRequest:
    """Return a request of an overlay that changed flags."""
    return OverlayRequest(request, OverlayChanges(("NIX_CFLAGS_COMPILE",), flags=True, promise=None))


def requested(
    *marches: str, levels: tuple[str, ...] = (), lto: bool = False, pgo: bool = False
) -> HardwareProfile:
    """Return the detected profile as an overlay that asks for these is held to it."""
    return with_requests(
        DETECTED,
        "lua5_4",
        asks(Requested(frozenset(marches), frozenset(levels), lto=lto, pgo_level="FULL" if pgo else "NONE")),
    )


def test_one_named_architecture_is_the_one() -> None:
    held = requested("skylake")
    assert (held.march, held.settings("lua5_4").goamd64) == ("skylake", None)


def test_several_or_an_impure_one_leave_the_profiles() -> None:
    for marches in (("skylake", "x86-64"), ("native",), ("skylake", "native")):
        assert requested(*marches).march == "x86-64-v4"


def test_a_level_alone_asks_for_nothing_of_the_c_compiler() -> None:
    held = requested(levels=("v3",))
    assert (held.march, held.settings("lua5_4").goamd64) == (None, "v3")
    both = requested("skylake", levels=("v3",))
    assert (both.march, both.settings("lua5_4").goamd64) == ("skylake", "v3")
    for levels in (("v9",), ("v3", "v9")):
        assert requested(levels=levels).settings("lua5_4").goamd64 == "v4"


def test_the_highest_of_several_levels_is_what_is_claimed() -> None:
    """Bug: v3 for the toolchain and v1 for programs was held to v4, on a CPU that has it."""
    held = requested(levels=("v1", "v3"))
    assert (held.march, held.settings("lua5_4").goamd64) == (None, "v3")


def test_link_time_and_profile_guided_optimization_are_claimed_by_those_who_name_them() -> None:
    plain, both = requested().settings("lua5_4"), requested(lto=True, pgo=True).settings("lua5_4")
    assert (plain.lto, plain.pgo_level) == (False, "NONE")
    assert (both.lto, both.pgo_level) == (True, "FULL")


def test_who_names_only_other_optimizations_promises_no_architecture() -> None:
    """An overlay that trains an interpreter and nothing else was refuted for the detected architecture."""
    pgo_requested = requested(pgo=True)
    assert (pgo_requested.march, pgo_requested.settings("lua5_4").goamd64) == (None, None)
    assert requested("skylake", "x86-64", pgo=True).march == "x86-64-v4"


@pytest.mark.parametrize(
    "named", [{"optimization": "3"}, {"mtune": "skylake"}, {"no_interposition": True}, {"compiler": True}]
)
def test_who_names_a_flag_or_a_compiler_promises_no_architecture(named: dict[str, Any]) -> None:
    """An overlay of `-O3` and nothing else was refuted for the detected architecture."""
    assert with_requests(DETECTED, "lua5_4", asks(replace(NOTHING, **named))).march is None


def test_what_builds_programs_is_read_with_the_runtime() -> None:
    """Flags that `buildRustPackage` was given were nobody's request, and the detected CPU was expected."""
    rustc = derivation("rustc")
    stock = side(rustc, {}, program_derivation=derivation("programs"))
    tuned = derivation("o-programs", {"RUSTFLAGS": "-Ctarget-cpu=skylake"})
    optimized = side(rustc, {}, program_derivation=tuned)
    assert request_of(stock, optimized).requested.marches == {"skylake"}
    own = side(derivation("o", {"NIX_CFLAGS_COMPILE": "-O3"}), {})
    assert request_of(side(rustc, {}), own).requested.optimization == "3"


def test_flags_of_a_standard_environment_are_no_request_of_go() -> None:
    """`stdenv = prev.withCFlags …` was taken for a promise about Go, whose compiler never gets them."""
    flags = ("-march=skylake", "-O3")
    stock = side(derivation("go", {"NIX_CFLAGS_COMPILE": "-DX  "}), {})
    optimized = side(derivation("o", {"NIX_CFLAGS_COMPILE": "-DX   -march=skylake -O3"}), {})
    held = request_of(stock, optimized)
    assert held.requested.marches == {"skylake"}
    assert held.requested.optimization == "3"
    released = request_of(stock, optimized, stdenv_flags=flags)
    assert released.is_empty
    assert released.changes.names == ("NIX_CFLAGS_COMPILE",)
    # What the overlay itself gives the package stays a request.
    both = side(derivation("o", {"NIX_CFLAGS_COMPILE": "-DX -O3 -flto", "GOAMD64": "v3"}), {})
    own = request_of(stock, both, stdenv_flags=flags).requested
    assert own.levels == {"v3"}
    assert own.lto
    assert own.optimization is None
    without = side(derivation("o", {"NIX_CFLAGS_COMPILE": "-O3"}), {})
    assert request_of(side(derivation("go"), {}), without, stdenv_flags=flags).is_empty


def test_the_detected_profile_stays_as_it_was() -> None:
    before = repr(DETECTED)
    requested("skylake", levels=("v3",), lto=True)
    assert repr(DETECTED) == before


def test_a_profile_without_sections_can_be_narrowed() -> None:
    bare = HardwareProfile("bare", "bare", {})
    assert with_requests(bare, "lua5_4", asks(NOTHING)).march is None


def test_a_detected_profiles_other_wishes_are_not_held_against_a_stranger() -> None:
    detected = profile(
        "x86-64-v4",
        "nodejs_24",
        compileCache=True,
        staticTls=True,
        staticInterpreter=True,
        loopWithoutProfile=True,
        v8Options="--maglev",
        linker="mold",
    )
    held = with_requests(detected, "nodejs_24", asks(NOTHING)).settings("nodejs_24")
    assert (held.compile_cache, held.static_tls) == (False, False)
    assert (held.static_interpreter, held.loop_without_profile) == (False, False)
    assert (held.v8_options, held.linker) == (None, None)


def test_every_wish_of_a_profile_is_dropped_for_a_stranger() -> None:
    """Bug: overlays of Go were refuted for collecting garbage as early as stock does."""
    wishes = {
        "pgoLevel": "FULL",
        "enableLTO": True,
        "enableJemalloc": True,
        "compileCache": True,
        "v8Options": "--maglev",
        "goamd64": "v4",
        "targetCpu": "x86-64-v4",
        # No claim is about it.
        "preferVectorWidth": "256",
        "linker": "mold",
        "staticTls": True,
        "staticInterpreter": True,
        "loopWithoutProfile": True,
        "compilerHeap": 512,
        "linkerGcPercent": 400,
        "goGcPercent": 200,
        "toolchain": "upstream",
    }
    wishing = profile("x86-64-v4", "any", **wishes).settings("any")
    silent = profile("x86-64-v4", "any").settings("any")
    asked_for = {field.name for field in fields(wishing)} - {"enable", "scope", "memory_limit", "expect"}
    differing = {name for name in asked_for if getattr(wishing, name) != getattr(silent, name)}
    assert differing | {"release"} >= asked_for, "a new field needs a value above"
    held = with_requests(profile("x86-64-v4", "any", **wishes), "any", asks(NOTHING)).settings("any")
    none = with_requests(profile("x86-64-v4", "any"), "any", asks(NOTHING)).settings("any")
    assert replace(held, vector_width=None) == none


@pytest.mark.parametrize(
    ("attributes", "field", "value"),
    [
        ({"configureFlags": "--with-lto --enable-optimizations"}, "pgo_level", "LIGHT"),
        ({"configureFlags": "--enable-optimizations", "PROFILE_TASK": "x.py"}, "pgo_level", "FULL"),
        ({"NIX_CFLAGS_COMPILE": "-fprofile-use=/x"}, "pgo_level", "FULL"),
        ({"configureFlags": "--enable-pgo-use"}, "pgo_level", "FULL"),
        ({"configureFlags": "--without-ensurepip"}, "pgo_level", "NONE"),
        ({"configureFlags": "--enable-lto"}, "lto", True),
        (
            {"configureFlags": "--v8-options=--max-semi-space-size=32"},
            "v8_options",
            "--max-semi-space-size=32",
        ),
        ({"RUSTFLAGS": "-Ctarget-cpu=skylake -Clink-arg=-fuse-ld=mold"}, "marches", frozenset({"skylake"})),
        ({"RUSTFLAGS": "-Ctarget-cpu=skylake -Clink-arg=-fuse-ld=mold"}, "linker", "mold"),
        ({"postFixup": "wrapProgram $out/bin/node --set NODE_COMPILE_CACHE /x"}, "compile_cache", True),
        ({"NIX_LDFLAGS": "-ljemalloc"}, "jemalloc", True),
        ({"NIX_CFLAGS_COMPILE": "-ftls-model=initial-exec"}, "static_tls", True),
        ({"makeFlags": "LINK_PYTHON_OBJS=$(LIBRARY_OBJS)"}, "static_interpreter", True),
        ({"NIX_CFLAGS_COMPILE": "-g -O2 -O3"}, "optimization", "3"),
        ({"makeFlags": "CFLAGS=-Ofast"}, "optimization", "fast"),
        ({"preBuild": 'export NIX_CFLAGS_COMPILE+=" -O3"\n'}, "optimization", "3"),
        # What a script compiles for itself is no request, the linker has levels of its own, and two are none.
        ({"postFixup": "gcc -O2 wrapper.c\n"}, "optimization", None),
        ({"NIX_LDFLAGS": "-O1"}, "optimization", None),
        ({"CFLAGS": "-O3", "CXXFLAGS": "-O2"}, "optimization", None),
        ({"NIX_CFLAGS_COMPILE": "-mtune=skylake"}, "mtune", "skylake"),
        ({"NIX_CFLAGS_COMPILE": "-fno-semantic-interposition"}, "no_interposition", True),
        ({"NIX_CFLAGS_COMPILE": "-fprofile-instr-use=/x.profdata"}, "pgo_level", "FULL"),
        ({"NIX_CFLAGS_COMPILE": "-fprofile-sample-use=/x"}, "pgo_level", "FULL"),
        ({"GOFLAGS": "-pgo=/x/default.pgo"}, "pgo_level", "FULL"),
        ({"GOFLAGS": "-pgo=off"}, "pgo_level", "NONE"),
        ({"RUSTFLAGS": "-C lto=fat"}, "lto", True),
        ({"CARGO_PROFILE_RELEASE_LTO": "fat"}, "lto", True),
        ({"CARGO_PROFILE_RELEASE_LTO": "off"}, "lto", False),
        ({"configureFlags": "--set=rust.lto=thin"}, "lto", True),
        # The last of a variable counts, and a lower one behind it is what spoils the request.
        ({"NIX_CFLAGS_COMPILE": "-march=x86-64-v2 -march=x86-64-v3"}, "marches", frozenset({"x86-64-v3"})),
        (
            {"NIX_CFLAGS_COMPILE": "-march=x86-64-v3 -march=x86-64"},
            "marches",
            frozenset({"x86-64", "x86-64-v3"}),
        ),
        ({"NIX_CFLAGS_COMPILE": "-mcpu=skylake"}, "mtune", "skylake"),
        (
            {"cargoBuildFlags": """--config build.rustflags=["-Ctarget-cpu=skylake"]"""},
            "marches",
            frozenset({"skylake"}),
        ),
        ({"postPatch": """printf '[profile.release]\\nlto = "fat"\\n' >> Cargo.toml"""}, "lto", True),
        ({"postPatch": """printf '[profile.release]\\nlto = false\\n' >> Cargo.toml"""}, "lto", False),
        ({"mesonFlags": "-Db_lto=true"}, "lto", True),
        ({"cmakeFlags": "-DCMAKE_INTERPROCEDURAL_OPTIMIZATION:BOOL=ON"}, "lto", True),
        # A whole package set for one architecture, and another standard environment.
        ({"requiredSystemFeatures": "big-parallel gccarch-skylake"}, "marches", frozenset({"skylake"})),
        ({"stdenv": "/nix/store/clang-stdenv"}, "compiler", True),
    ],
)
def test_what_an_overlay_names_is_what_it_asks_for(
    attributes: dict[str, str], field: str, value: object
) -> None:
    assert getattr(requested_by((derivation("stock"), derivation("optimized", attributes))), field) == value


def test_a_platform_asks_nothing_of_compilers_other_than_the_c_compiler() -> None:
    """Bug: a tuned `hostPlatform` was taken for a promise about the code of Go and Rust."""
    stock, platform = derivation("lua"), {"requiredSystemFeatures": "gccarch-skylake"}
    by_platform = requested_by((stock, derivation("lua", platform)))
    assert by_platform.marches == by_platform.platform == {"skylake"}
    assert by_platform.without_platform().is_empty
    named = requested_by((stock, derivation("lua", {**platform, "RUSTFLAGS": "-Ctarget-cpu=skylake"})))
    assert named.without_platform().marches == {"skylake"}


def test_a_platform_is_a_request_where_builders_are_asked_for_nothing() -> None:
    """Bug: packages for `gcc.arch` were held to no architecture, unless nixpkgs demanded it of builders."""
    requested = requested_by((derivation("lua"), derivation("o", {"stdenv": "/s/tuned"})))
    tuned = requested.on_platform({"arch": "znver3", "tune": "znver3"})
    assert tuned.marches == tuned.platform == {"znver3"}
    assert tuned.mtune == "znver3"
    assert tuned.without_platform().marches == frozenset()
    assert requested.on_platform({"tune": "skylake"}).mtune == "skylake"
    assert requested.on_platform({}) == requested
