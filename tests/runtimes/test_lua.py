"""Lua's claims, decided on made-up observations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_rtopt.claims import lto, pgo
from pytest_rtopt.evidence.elf.switches import CommandLine, RecordedSwitches
from pytest_rtopt.evidence.log.build_log import BuildLog, parse_log
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import binary, census, derivation, observation, printed, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

lto_used = lto.lto_used("lua")
pgo_used = pgo.pgo_used("lua")
FLAG = "-march=x86-64-v3"
STOCK = derivation("stock")
LINK_TIME = RecordedSwitches((CommandLine("GNU GIMPLE", "12.2.0", (FLAG, "-O3", "-fltrans")),))
OBJECTS = RecordedSwitches((CommandLine("GNU C17", "12.2.0", (FLAG, "-O3")),))


def built(settings: dict[str, object], log: BuildLog | None = None, **fields: Any) -> Observation:  # noqa: ANN401  # of Binary
    """Return an observation of a program with `fields`, of which `settings` are asked."""
    optimized = binary(census(40), **fields)
    sides = side(STOCK, {"lua": binary(census())}), side(derivation("o"), {"lua": optimized}, log=log)
    return observation(profile("x86-64-v3", "lua5_4", **settings), *sides)


LTO: dict[str, object] = {"enableLTO": True}
PGO: dict[str, object] = {"pgoLevel": "FULL"}


def test_link_time_code_is_proven_by_its_record_or_by_merged_symbols() -> None:
    recorded = lto_used(built(LTO, switches=LINK_TIME))
    assert (recorded.status, "GNU GIMPLE" in recorded.evidence) == (FindingStatus.PROVEN, True)
    merged = lto_used(built(LTO, functions=frozenset({"f7.lto_priv.0"})))
    assert merged.status is FindingStatus.PROVEN
    assert "as f7.lto_priv.0" in merged.evidence


def test_some_units_of_link_time_code_are_not_the_program() -> None:
    """Bug: two units of seven with -flto have functions with the mark, and it was the proof for all."""
    log = "".join(f"gcc {'-flto' if n < 2 else '-O2'} -c f{n}.c\n" for n in range(7))
    merged = frozenset({"f7.lto_priv.0"})
    answer = lto_used(built(LTO, parse_log(log), functions=merged))
    assert answer.status is FindingStatus.UNPROVEN
    assert "only 2 of 7 compilations" in answer.evidence
    whole = lto_used(built(LTO, parse_log(log.replace("-O2", "-flto")), functions=merged))
    assert whole.status is FindingStatus.PROVEN


def test_code_without_a_trace_of_link_time_is_refuted_with_what_the_log_asked() -> None:
    answer = lto_used(built(LTO, printed("-flto=auto"), switches=OBJECTS))
    assert answer.status is FindingStatus.REFUTED
    assert "1 of 1 compilations in the build log got -flto" in answer.evidence
    assert "0 of 1" in lto_used(built(LTO, printed("-O3"))).evidence
    assert lto_used(built(LTO, switches=OBJECTS)).status is FindingStatus.REFUTED


def test_a_stripped_program_is_no_evidence_against_link_time_code_or_a_profile() -> None:
    """A stripped program has no cold parts to count, which once refuted the profile."""
    stripped: dict[str, Any] = {"has_symbols": False, "functions": frozenset[str](), "cold_functions": 0}
    assert lto_used(built(LTO, **stripped)).status is FindingStatus.UNPROVEN
    answer = pgo_used(built(PGO, **stripped))
    assert answer.status is FindingStatus.UNPROVEN
    assert "the optimized program is stripped" in answer.evidence


def test_what_nobody_asks_for_is_not_applicable() -> None:
    assert lto_used(built({})).status is FindingStatus.NOT_APPLICABLE
    for settings in ({}, {"pgoLevel": "NONE"}):
        assert pgo_used(built(dict(settings))).status is FindingStatus.NOT_APPLICABLE


def test_a_profile_shows_in_the_layout_and_in_a_record() -> None:
    profiled = RecordedSwitches((CommandLine("GNU C17", "12.2.0", ("-fprofile-use=data",)),))
    answer = pgo_used(built(PGO, cold_functions=224, switches=profiled))
    assert answer.status is FindingStatus.PROVEN
    assert "224 functions have a cold part, 6 in stock" in answer.evidence
    logged = pgo_used(built(PGO, printed("-fprofile-use=data"), cold_functions=224))
    assert logged.status is FindingStatus.PROVEN
    assert "the log records -fprofile-use" in logged.evidence


def test_the_layout_alone_proves_no_profile() -> None:
    answer = pgo_used(built(PGO, cold_functions=224))
    assert answer.status is FindingStatus.UNPROVEN
    assert "neither the program nor the log records -fprofile-use" in answer.evidence


def test_a_profile_that_was_not_used_is_refuted_with_what_the_log_has() -> None:
    answer = pgo_used(built(PGO, printed("-fprofile-generate=data"), cold_functions=7))
    assert answer.status is FindingStatus.REFUTED
    assert "7 functions have a cold part, 6 in stock" in answer.evidence
    assert "1 instrumented compilations and 0 that use a profile" in answer.evidence
    assert "there is no build log" in pgo_used(built(PGO, cold_functions=7)).evidence


def test_a_profile_of_fewer_than_half_of_the_units_is_refuted() -> None:
    """The units that had one made many functions with a cold part, which once was proof."""
    found = printed("-fprofile-use=data").calls[0]
    for lost, status in ((3, FindingStatus.REFUTED), (2, FindingStatus.PROVEN)):
        log = BuildLog((found,) * 5, (("profile count data file not found", lost),), "")
        answer = pgo_used(built(PGO, log, cold_functions=224))
        assert answer.status is status
    echoed = BuildLog((replace(found, flags=("-c", "lapi.c"), complete=False),) * 5, log.warnings, "")
    recorded = RecordedSwitches((CommandLine("GNU C17", "12.2.0", ("-fprofile-use=data",)),))
    many = replace(echoed, warnings=(("profile count data file not found", 3),))
    for seen, status in ((echoed, FindingStatus.PROVEN), (many, FindingStatus.REFUTED)):
        assert pgo_used(built(PGO, seen, switches=recorded, cold_functions=224)).status is status


def test_an_instrumented_program_is_refuted() -> None:
    answer = pgo_used(built(PGO, profiling_symbols=("__gcov_init",), cold_functions=224))
    assert answer.status is FindingStatus.REFUTED
    assert "it still counts (__gcov_init)" in answer.evidence
