"""What is told at the end about the run as a whole: the platform, and overlays that touch no runtime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from pytest_rtopt.nix.package_set import Instantiation, RuntimeDerivations
from pytest_rtopt.results.values import StorePaths
from pytest_rtopt.stages.notes import run_notes

if TYPE_CHECKING:
    from pytest_rtopt.stages.settings import Settings


@dataclass(frozen=True)
class Asked:
    """The part of the settings that notes depend on."""

    uses_shipped_overlays: bool = False
    runtimes_given: bool = False


def sides(*, touched: bool) -> RuntimeDerivations:
    optimized = "b" if touched else "a"
    return RuntimeDerivations("x", "1", StorePaths("a", "a"), StorePaths(optimized, optimized), None, None)


def notes(derivations: Instantiation, asked: Asked | None = None) -> list[str]:
    return list(run_notes(cast("Settings", asked or Asked()), derivations))


def test_a_platform_is_told_with_what_it_reaches_and_what_would_reach_the_others() -> None:
    names = ("lua", "go", "rust")
    derivations = Instantiation(
        {name: sides(touched=True) for name in names},
        overlaid=True,
        everything=None,
        platform={"tune": "skylake", "arch": "skylake"},
    )
    (note,) = notes(derivations)
    assert note == (
        "the packages are built for a platform with gcc.arch = skylake, gcc.tune = skylake. It reaches what "
        "the C compiler compiles (lua), and not the code of go and rust: GOAMD64 (`goamd64` in a profile) "
        "decides for Go; RUSTFLAGS with -Ctarget-cpu (`targetCpu` in a profile) decides for Rust. Stock is "
        "the same nixpkgs for the plain platform."
    )


def test_flags_of_the_standard_environment_are_told_likewise() -> None:
    derivations = Instantiation(
        {"lua": sides(touched=True), "go": sides(touched=True)},
        overlaid=True,
        everything=None,
        stdenv_flags=("-O3", "-march=skylake"),
    )
    (note,) = notes(derivations)
    assert note == (
        "the packages have a standard environment that gives every C compilation -O3 -march=skylake. It "
        "reaches what the C compiler compiles (lua), and not the code of go: GOAMD64 (`goamd64` in a "
        "profile) decides for Go. Stock is the same nixpkgs without it."
    )


def test_overlays_that_touch_no_runtime_are_told_with_the_names_that_they_define() -> None:
    alone = Instantiation(
        {"lua": sides(touched=False)}, overlaid=False, everything=None, touched_attrs=("a", "b")
    )
    (note,) = notes(alone)
    assert note == (
        "the overlays touch none of the runtimes that are judged (lua): they define a and b. Nothing is "
        "refuted, because only runtimes are judged; to judge what a program gets from its runtime, give the "
        "flags to all programs of that runtime, in rustPlatform or buildGoModule."
    )
    assert notes(alone, Asked(runtimes_given=True)) == []
    assert notes(alone, Asked(uses_shipped_overlays=True)) == []
    touching = Instantiation({"lua": sides(touched=True)}, overlaid=False, everything=None)
    assert notes(touching) == []
    failing = Instantiation(
        {"lua": sides(touched=False)}, overlaid=False, everything=None, failures={"go": "no go"}
    )
    assert notes(failing) == []
