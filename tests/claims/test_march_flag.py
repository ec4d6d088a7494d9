"""The claim that `-march` reaches the C compiler, decided on made-up observations and on real logs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.claims.march_flag import flags_reach_compiler
from pytest_rtopt.evidence.elf.switches import CommandLine, RecordedSwitches
from pytest_rtopt.evidence.log.build_log import BuildLog, CompilerCall, parse_log
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import binary, census, derivation, observation, printed, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

LOGS = Path(__file__).parent.parent / "data" / "logs"
FLAG = "-march=x86-64-v3"
STOCK = derivation("stock")
ECHOED = parse_log((LOGS / "lua-stock-echoed.log").read_text())
UNKNOWN = RecordedSwitches(())
LINK_TIME = RecordedSwitches((CommandLine("GNU GIMPLE", "12.2.0", (FLAG, "-O3", "-fltrans")),))
OBJECTS = RecordedSwitches((CommandLine("GNU C17", "12.2.0", (FLAG, "-O3")),))


def flagged(
    exported: dict[str, str],
    log: BuildLog | None,
    *,
    switches: RecordedSwitches = UNKNOWN,
    gained: int = 0,
    **attributes: object,
) -> Observation:
    """Return an observation in which an overlay made the derivation export `exported`."""
    built = binary(census(gained, tag="o"), switches=switches)
    optimized = side(derivation("optimized", exported, **attributes), {"lua": built}, log=log)
    return observation(profile("x86-64-v3"), side(STOCK, {"lua": binary(census())}), optimized)


def test_flags_in_every_printed_call_are_proven() -> None:
    recorded = parse_log((LOGS / "lua-pgo-nix-debug.log").read_text().replace("-v4", "-v3"))
    answer = flags_reach_compiler(flagged({"NIX_CFLAGS_COMPILE": FLAG}, recorded, gained=40))
    assert answer.status is FindingStatus.PROVEN
    count = len(recorded.compilations)
    assert f"{count} of {count} compilations in the build log got {FLAG}" in answer.evidence


def test_without_printed_flags_the_export_and_the_calls_are_the_proof() -> None:
    answer = flags_reach_compiler(flagged({"NIX_CFLAGS_COMPILE": f"{FLAG} -O3"}, ECHOED, gained=40))
    assert answer.status is FindingStatus.PROVEN
    assert "in the derivation's exported flags" in answer.evidence


def test_a_phase_that_may_change_the_variable_leaves_it_open() -> None:
    """The export alone once proved what `preBuild` had overwritten."""
    hooked = {"NIX_CFLAGS_COMPILE": FLAG, "preBuild": "export NIX_CFLAGS_COMPILE=-march=x86-64"}
    answer = flags_reach_compiler(flagged(hooked, ECHOED))
    assert answer.status is FindingStatus.UNPROVEN
    assert "preBuild names NIX_CFLAGS_COMPILE" in answer.evidence
    shown = flagged(hooked, printed(FLAG), gained=40)
    assert flags_reach_compiler(shown).status is FindingStatus.PROVEN
    assert (
        flags_reach_compiler(flagged(hooked, printed(FLAG, "-march=x86-64"))).status is FindingStatus.REFUTED
    )


@pytest.mark.parametrize(
    ("exported", "words"),
    [
        (
            {"NIX_CXXFLAGS_COMPILE": FLAG},
            f"{FLAG} stands in NIX_CXXFLAGS_COMPILE, which is read by no compiler wrapper",
        ),
        ({"NIX_CXXSTDLIB_COMPILE": FLAG}, "NIX_CXXSTDLIB_COMPILE, which is read for C++ only"),
        ({"NIX_LDFLAGS": FLAG}, "NIX_LDFLAGS, which is read when linking only"),
        ({}, "the exported flags name no architecture"),
        ({"NIX_CFLAGS_COMPILE": f"{FLAG} -march=x86-64"}, f"which overrides the {FLAG} before it"),
        ({"NIX_CFLAGS_COMPILE": "-march=native"}, "the machine that builds, which the hash does not cover"),
    ],
)
def test_flags_that_do_not_arrive_are_refuted_with_the_place(exported: dict[str, str], words: str) -> None:
    answer = flags_reach_compiler(flagged(exported, ECHOED))
    assert answer.status is FindingStatus.REFUTED
    assert answer.evidence.startswith(f"0 of {len(ECHOED.compilations)} compilations got {FLAG}")
    assert words in answer.evidence


def test_an_unexported_attribute_is_refuted() -> None:
    answer = flags_reach_compiler(flagged({}, ECHOED, NIX_CFLAGS_COMPILE_BEFORE=FLAG))
    assert "NIX_CFLAGS_COMPILE_BEFORE, which is not exported: with __structuredAttrs" in answer.evidence


def test_native_is_refuted_although_the_code_shows_it() -> None:
    """The code for this very machine once talked the claim out of its refutation."""
    answer = flags_reach_compiler(flagged({"NIX_CFLAGS_COMPILE": "-march=native"}, ECHOED, gained=40))
    assert answer.status is FindingStatus.REFUTED


def test_what_the_wrapper_drops_is_the_reason_that_is_given() -> None:
    """-march=native in CFLAGS was refuted without a word on where it went."""
    log = replace(ECHOED, warnings=(("Skipping impure flag -march=native", 34),))
    answer = flags_reach_compiler(flagged({}, log))
    assert answer.status is FindingStatus.REFUTED
    assert "the wrapper said 'Skipping impure flag -march=native' 34 times" in answer.evidence


def test_flags_of_the_command_line_win_over_those_before_and_lose_to_those_after() -> None:
    own = CompilerCall("gcc", ("-march=x86-64", "-c", "a.c"), compiles=True, complete=False)
    log = BuildLog((own,), (), "")
    before = flags_reach_compiler(flagged({"NIX_CFLAGS_COMPILE_BEFORE": FLAG}, log))
    assert before.status is FindingStatus.REFUTED
    after = flags_reach_compiler(flagged({"NIX_CFLAGS_COMPILE": FLAG}, log, gained=40))
    assert after.status is FindingStatus.PROVEN


def test_a_compiler_that_is_called_past_the_wrapper_gets_nothing() -> None:
    call = CompilerCall("/usr/bin/gcc", ("-c", "a.c"), compiles=True, complete=False)
    answer = flags_reach_compiler(flagged({"NIX_CFLAGS_COMPILE": FLAG}, BuildLog((call,), (), "")))
    assert answer.status is FindingStatus.REFUTED


def test_another_architecture_on_the_command_line_is_refuted_whatever_the_code() -> None:
    """Code for x86-64-v3 once talked the claim out of refuting that skylake was asked for."""
    own = CompilerCall("gcc", ("-march=haswell", "-c", "a.c"), compiles=True, complete=False)
    answer = flags_reach_compiler(flagged({}, BuildLog((own,), (), ""), gained=40))
    assert answer.status is FindingStatus.REFUTED


def test_flags_from_an_unread_place_leave_it_open() -> None:
    answer = flags_reach_compiler(flagged({}, ECHOED, gained=40))
    assert answer.status is FindingStatus.UNPROVEN
    assert "flags came from a place that is not read" in answer.evidence


def test_calls_that_did_not_make_the_code_prove_nothing() -> None:
    """A line that a phase wrote into the log of a silent make was once proof, and so was a forged section."""
    forged = flagged({"NIX_CFLAGS_COMPILE": FLAG}, printed(FLAG))
    optimized = replace(forged.optimized, binaries={"lua": binary(census(), switches=OBJECTS)})
    for log in (forged.optimized.log, None):
        answer = flags_reach_compiler(replace(forged, optimized=replace(optimized, log=log)))
        assert answer.status is FindingStatus.REFUTED
        assert "the code of lua is stock's, instruction for instruction" in answer.evidence


@pytest.mark.parametrize("log", [None, ECHOED], ids=["a forged record", "a forged log"])
def test_what_is_shown_has_to_have_made_the_code(log: BuildLog | None) -> None:
    """Other code than stock's, as -O3 makes it, let a record of -march pass that no compiler wrote."""
    answer = flags_reach_compiler(flagged({"NIX_CFLAGS_COMPILE": FLAG}, log, switches=OBJECTS))
    assert answer.status is FindingStatus.REFUTED
    assert "not code for x86-64-v3" in answer.evidence
    assert answer.evidence.endswith("another command line compiled it")


@pytest.mark.parametrize(
    "line", ["for v in ${!NIX_CF*}; do unset $v; done", "PATH=$PWD/fake:$PATH", "gcc() { command gcc; }"]
)
def test_a_phase_that_can_drop_flags_unnamed_is_a_doubt_that_code_removes(line: str) -> None:
    """Flags were taken for what compiled although a phase had dropped all variables of a pattern."""
    hooked = {"NIX_CFLAGS_COMPILE": "-march=x86-64-v2", "preBuild": line}
    built = side(derivation("o", hooked), {"lua": binary(census(tag="o"))}, log=ECHOED)
    requested = observation(profile("x86-64-v2"), side(STOCK, {"lua": binary(census())}), built)
    answer = flags_reach_compiler(requested)
    assert answer.status is FindingStatus.UNPROVEN
    assert "preBuild can change variables, or the program that is found as the compiler" in answer.evidence
    shown = flagged({"NIX_CFLAGS_COMPILE": FLAG, "preBuild": line}, ECHOED, gained=40)
    assert flags_reach_compiler(shown).status is FindingStatus.PROVEN


def test_without_a_log_the_programs_own_record_decides() -> None:
    exported = {"NIX_CFLAGS_COMPILE": FLAG}
    shown = flagged(exported, None, switches=OBJECTS, gained=40)
    assert flags_reach_compiler(shown).status is FindingStatus.PROVEN
    assert flags_reach_compiler(flagged(exported, None)).status is FindingStatus.UNPROVEN
    assert flags_reach_compiler(flagged({}, None)).status is FindingStatus.REFUTED


def test_what_the_link_step_records_is_no_proof_for_the_objects() -> None:
    """`-march` of link-time code generation is recorded even where the objects had another."""
    answer = flags_reach_compiler(flagged({"NIX_CFLAGS_COMPILE": FLAG}, None, switches=LINK_TIME))
    assert answer.status is FindingStatus.UNPROVEN


def test_no_flags_asked_for() -> None:
    seen = observation(profile(None), side(STOCK, {}), side(derivation("o"), {}))
    assert flags_reach_compiler(seen).status is FindingStatus.NOT_APPLICABLE
    same = observation(profile("x86-64-v3"), side(STOCK, {}), side(STOCK, {}))
    assert flags_reach_compiler(same).status is FindingStatus.REFUTED
