"""The claim that something reads the flags that an overlay adds, where the overlay puts them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_rtopt.claims.flag_placement import flags_are_read, flags_of_programs_are_read
from pytest_rtopt.evidence.log.build_log import parse_log
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation
    from pytest_rtopt.nix.derivation import Derivation

STOCK = derivation("stock", {"LC_ALL": "C", "NIX_LDFLAGS": "-rpath /x"})
ECHOED = "gcc -O2 -c a.c\n"
REPORTED = (
    "extra flags before to gcc:\n  ''\noriginal flags to gcc:\n  -O2\n  -c\n  a.c\n"
    "extra flags after to gcc:\n  -O3\n"
)


def placed(
    variables: dict[str, str],
    log: str | None = ECHOED,
    *,
    gained: int = 0,
    linker: str = "bfd",
    **attributes: object,
) -> Observation:
    """Return an observation of an overlay that added `variables`, and unexported `attributes`."""
    # Structured attributes have nothing of what they leave to Nix itself.
    exported = {**STOCK.exported, **variables}
    built = derivation("optimized", exported, **attributes)
    program = binary(census(gained, tag="" if not gained else "o"), linker=linker)
    optimized = side(built, {"lua": program}, log=None if log is None else parse_log(log))
    return observation(profile("skylake"), side(STOCK, {"lua": binary(census())}), optimized)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"NIX_CXXFLAGS_COMPILE": "-O3"}, "is read by no compiler wrapper; NIX_CFLAGS_COMPILE, or"),
        ({"NIX_CFLAGS": "-O3"}, "is read by no compiler wrapper; NIX_CFLAGS_COMPILE was probably meant"),
        ({"NIX_CFLAGS_COMPILE_AFTER": "-O3"}, "is read by no compiler wrapper; NIX_CFLAGS_COMPILE was"),
        ({"NIX_CXXFLAGS": "-O3"}, "NIX_CXXSTDLIB_COMPILE for C++ alone, was probably meant"),
        ({"NIX_CFLAGS_COMPILE_FOR_BUILD": "-O3"}, "is read only for code of another machine"),
        ({"NIX_LDFLAGS": "-rpath /x -flto"}, "is read when linking only"),
        ({"NIX_CFLAGS_LINK": "-march=skylake"}, "is read when linking only"),
        ({"NIX_LDFLAGS": "-rpath /x -fuse-ld=mold"}, "NIX_CFLAGS_LINK was probably meant"),
        ({"NIX_CFLAGS_COMPILE": "-Bsymbolic-functions"}, "NIX_LDFLAGS was probably meant"),
        ({"NIX_CFLAGS_COMPILE": "--gc-sections"}, "NIX_LDFLAGS was probably meant"),
        ({"NIX_CFLAGS_COMPILE": "-rpath /y"}, "NIX_LDFLAGS was probably meant"),
        ({"NIX_RUSTFLAGS": "-O3"}, "is read by rustc, which has no such flag"),
        ({"GOFLAGS": "-march=skylake"}, "is read by the go command, which has no such flag"),
        ({"RUST_FLAGS": "-Ctarget-cpu=skylake"}, "by neither cargo nor rustc; RUSTFLAGS was probably meant"),
        ({"EXTRA_CFLAGS": "-O3"}, "EXTRA_CFLAGS, which is read by no compiler wrapper"),
        ({"CFLAGS": "-march=skylake"}, "CFLAGS, which is read by no compiler wrapper"),
        (
            {"CFLAGS_NODIST": "-O3", "preConfigure": 'export CFLAGS_NODIST="-fno-semantic-interposition"'},
            "CFLAGS_NODIST, which preConfigure overwrites",
        ),
        (
            {"RUSTFLAGS": "", "CARGO_BUILD_RUSTFLAGS": "-Ctarget-cpu=skylake"},
            "cargo ignores if RUSTFLAGS is set",
        ),
    ],
)
def test_flags_that_nothing_reads_are_refuted_with_what_was_meant(
    variables: dict[str, str], words: str
) -> None:
    answer = flags_are_read(placed(variables))
    assert answer.status is FindingStatus.REFUTED, answer.evidence
    assert words in answer.evidence


@pytest.mark.parametrize(
    ("variables", "log"),
    [
        ({"NIX_CFLAGS_COMPILE": "-O3 -march=skylake"}, ECHOED),
        ({"NIX_CFLAGS_COMPILE": "-O3"}, REPORTED),
        ({"NIX_CFLAGS_COMPILE": "-O3"}, None),
        ({"NIX_CFLAGS_COMPILE": "-flto", "NIX_LDFLAGS": "-rpath /x -flto"}, ECHOED),
        ({"NIX_CFLAGS_COMPILE": "-O3", "CFLAGS": "-O3"}, ECHOED),
        ({"NIX_CFLAGS_LINK": "-fuse-ld=mold"}, ECHOED),
        # A Makefile that takes its flags from the environment, as most do.
        ({"CFLAGS": "-O3"}, "gcc -O3 -c a.c\n"),
        ({"OPT": "-O3"}, "gcc -O3 -c a.c\n"),
        # A variable of the overlay's own, which a phase of it hands on.
        ({"NIX_MY_FLAGS": "-O3", "buildPhase": "make CFLAGS=$NIX_MY_FLAGS"}, "gcc -O3 -c a.c\n"),
        ({"CGO_CFLAGS": "-O3 -march=skylake"}, ECHOED),
        ({"RUSTFLAGS": "-Ctarget-cpu=skylake"}, ECHOED),
        ({"NIX_RUSTFLAGS": "-C target-cpu=skylake"}, ECHOED),
    ],
)
def test_flags_that_arrive_are_proven_whatever_the_style(variables: dict[str, str], log: str | None) -> None:
    answer = flags_are_read(placed(variables, log))
    assert answer.status is FindingStatus.PROVEN, answer.evidence


@pytest.mark.parametrize(
    "variables",
    [
        {"makeFlags": "CFLAGS=-O3 -march=skylake"},
        {"makeFlags": "MYCFLAGS=-mtune=skylake", "NIX_CFLAGS": "-mtune=skylake"},
        {"configureFlags": "--with-lto CFLAGS=-O3"},
        {"preBuild": 'export NIX_CFLAGS_COMPILE+=" -O3"'},
        # One flag of two places, of which a script may be the one that counts.
        {"makeFlags": "-O3", "CFLAGS": "-O3"},
        {"NIX_LDFLAGS": "-rpath /x -O1 --gc-sections -z now"},
        {"LC_ALL": "C.UTF-8"},
        {"NIX_CFLAGS_COMPILE": "-DNDEBUG -Wall -I/x -z now"},
        {"GOAMD64": "v3"},
    ],
)
def test_what_stands_in_scripts_or_is_no_flag_is_not_judged(variables: dict[str, str]) -> None:
    answer = flags_are_read(placed(variables))
    assert answer.status is FindingStatus.NOT_APPLICABLE, answer.evidence


@pytest.mark.parametrize("log", [None, "  CC a.o\n", "gcc -c a.c\n  CC b.o\n"])
def test_a_name_alone_refutes_nothing(log: str | None) -> None:
    answer = flags_are_read(placed({"CFLAGS": "-O3"}, log))
    assert answer.status is FindingStatus.UNPROVEN
    assert "NIX_DEBUG=1" in answer.evidence


def test_the_wrappers_own_report_is_the_last_word() -> None:
    answer = flags_are_read(placed({"NIX_CFLAGS_COMPILE": "-O3 -march=skylake"}, REPORTED))
    assert answer.status is FindingStatus.REFUTED
    assert "-march=skylake is in NIX_CFLAGS_COMPILE, but no compilation" in answer.evidence


def test_unexported_attributes_are_refuted() -> None:
    refuted = flags_are_read(placed({}, NIX_CFLAGS_COMPILE_BEFORE="-march=skylake"))
    assert refuted.status is FindingStatus.REFUTED
    assert "is not exported: with __structuredAttrs" in refuted.evidence
    other = flags_are_read(placed({}, gained=40, NIX_CFLAGS_LINK="-flto"))
    assert other.status is FindingStatus.REFUTED


def test_a_linker_that_was_used_was_chosen_wherever_it_was_named() -> None:
    """GCC takes the choice out of the linker's flags before the linker sees it."""
    variables = {"NIX_LDFLAGS": "-rpath /x -fuse-ld=mold"}
    assert flags_are_read(placed(variables, linker="mold")).status is FindingStatus.PROVEN
    assert flags_are_read(placed(variables)).status is FindingStatus.REFUTED


def test_only_what_the_overlay_added_is_judged() -> None:
    stock = derivation("stock", {"NIX_CFLAGS": "-O2", "NIX_LDFLAGS": "-flto"})
    optimized = derivation("optimized", {"NIX_CFLAGS": "-O2", "NIX_LDFLAGS": "-flto -L/x"})
    for after in (optimized, stock):
        seen = observation(profile("skylake"), side(stock, {}), side(after, {}))
        assert flags_are_read(seen).status is FindingStatus.NOT_APPLICABLE


def test_rusts_programs_are_judged_by_what_builds_them() -> None:
    def built(variables: dict[str, str], own: Derivation = STOCK, *, prebuilt: bool = True) -> Observation:
        stock = side(STOCK, {}, program_derivation=derivation("programs"))
        optimized = side(own, {}, program_derivation=derivation("o-programs", variables))
        return replace(observation(profile("skylake"), stock, optimized, attr="rust"), prebuilt=prebuilt)

    wrong = flags_of_programs_are_read(built({"RUST_FLAGS": "-Ctarget-cpu=skylake"}))
    assert wrong.status is FindingStatus.REFUTED
    right = flags_of_programs_are_read(built({"RUSTFLAGS": "-Ctarget-cpu=skylake"}))
    assert right.status is FindingStatus.PROVEN
    # What stands on the prebuilt toolchain's derivation is for other claims to judge.
    own = derivation("optimized", {"NIX_CFLAGS": "-O3"})
    assert flags_of_programs_are_read(built({}, own)).status is FindingStatus.NOT_APPLICABLE
    compiled = flags_of_programs_are_read(built({}, own, prebuilt=False))
    assert compiled.status is FindingStatus.REFUTED
    # What the wrapper reads for programs, rustc's own build takes for its first stage alone.
    wrappers = {"NIX_RUSTFLAGS": "-Ctarget-cpu=skylake"}
    assert flags_of_programs_are_read(built(wrappers)).status is FindingStatus.PROVEN
    misplaced = flags_of_programs_are_read(built({}, derivation("optimized", wrappers), prebuilt=False))
    assert misplaced.status is FindingStatus.REFUTED
    assert "RUSTFLAGS was probably meant" in misplaced.evidence


names = st.sampled_from(
    ["NIX_CFLAGS_COMPILE", "CFLAGS", "preBuild", "RUSTFLAGS", "NIX_LDFLAGS", "GOFLAGS", "x"]
)
words = st.sampled_from(
    ["-O3", "-march=skylake", "-flto", "-fuse-ld=mold", "--gc-sections", "$CFLAGS", "\n", "'"]
)


@settings(deadline=None)
@given(st.dictionaries(names, st.lists(words, max_size=5).map(" ".join), max_size=5))
def test_any_derivation_can_be_judged(variables: dict[str, str]) -> None:
    assert flags_are_read(placed(variables)).evidence
