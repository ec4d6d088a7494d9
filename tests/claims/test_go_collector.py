"""Claims on garbage collection in Go, decided on what compilers of Go 1.24 and 1.26 report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.claims.go_collector import (
    HEAP_CONSTANT,
    HEAP_REPORT,
    LINKER_REPORT,
    PROGRAM_REPORT,
    WITH_GOGC,
    compiler_heap,
    first_goal,
    linker_collector,
    program_collector,
    starting_heap,
)
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

ATTR = "go_1_24"
MIB = 1 << 20
# `compile -d=gcadjust=1 -c=2` of upstream's Go 1.24.11 and 1.26.8, and of 1.24.11 with a heap of 512 MiB.
STOCK = """GCAdjust: Reuse GOGC adjust, current goal 50331648, count is 0, current gogc 1200
GCAdjust: AtExit goal 50331648 gogc 1200 count 0 maxprocs 2 gcConcurrency 2 overPct -87"""
RAISED = """GCAdjust: Reuse GOGC adjust, current goal 536870912, count is 0, current gogc 12800
GCAdjust: AtExit goal 536870912 gogc 12800 count 0 maxprocs 2 gcConcurrency 2 overPct -98"""
OF_1_26 = """GCAdjust: Reuse GOGC adjust, current goal 73MB, count is 0, current gogc 1760
GCAdjust: AtExit goal 73MB gogc 1760 count 0 maxprocs 2 overPct -95"""

# `GODEBUG=gctrace=1 link` of upstream's Go 1.24.11, and of 1.24.11 with GOGC=400 in the linker.
# Lines are wrapped here.
LINKED = """gc 1 @0.060s 1%: 0.25+1.5+0.012 ms clock, 0.50+0/0.72/0+0.025 ms cpu, \
4->4->4 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P
gc 2 @0.086s 1%: 0.20+3.2+0.024 ms clock, 0.40+0/2.6/0.96+0.048 ms cpu, \
8->9->6 MB, 8 MB goal, 0 MB stacks, 0 MB globals, 2 P
link: open /build/absent.a: no such file or directory"""
LINKED_LATER = """gc 1 @0.097s 1%: 0.18+3.4+0.030 ms clock, 0.37+0/2.9/1.3+0.060 ms cpu, \
15->16->9 MB, 16 MB goal, 0 MB stacks, 0 MB globals, 2 P
link: open /build/absent.a: no such file or directory"""
REFUTED, PROVEN, UNPROVEN = FindingStatus.REFUTED, FindingStatus.PROVEN, FindingStatus.UNPROVEN


def both(default: str, explicit: str) -> str:
    """Return the report of a program that ran twice."""
    return f"{default}\n{WITH_GOGC}\n{explicit}"


def seen(
    reports: dict[str, str] | None = None, constants: frozenset[int] | None = None, **settings: object
) -> Observation:
    """Return the observation of a Go that reports this, against upstream's."""
    programs = {"go": binary(census())}
    upstream = {
        HEAP_REPORT: both(STOCK, ""),
        LINKER_REPORT: both(LINKED, LINKED),
        PROGRAM_REPORT: both("100", "100"),
    }
    stock = side(derivation("stock"), programs, reports=upstream)
    optimized = side(
        derivation("optimized"), programs, reports=reports or {}, constants={HEAP_CONSTANT: constants}
    )
    return observation(profile(None, ATTR, **settings), stock, optimized, ATTR)


def test_the_goal_before_any_collection_is_read_in_both_formats() -> None:
    assert (starting_heap(STOCK), starting_heap(RAISED), starting_heap(OF_1_26)) == (48, 512, 70)


def test_the_goal_of_the_first_collection_is_read() -> None:
    assert (first_goal(LINKED), first_goal(LINKED_LATER)) == (4, 16)


@given(st.text())
def test_another_report_has_no_goal(text: str) -> None:
    assert starting_heap(text) is None
    assert first_goal(text) is None


@pytest.mark.parametrize(
    ("report", "constants", "status", "words"),
    [
        # However the overlay wrote the number, the compiler starts with it.
        (
            both(RAISED, ""),
            None,
            PROVEN,
            "a heap goal of 512 MiB (stock: 48 MiB); a GOGC in the environment wins",
        ),
        (both(OF_1_26, ""), frozenset({512}), PROVEN, "holds 512 MiB"),
        (both(OF_1_26, ""), frozenset({256}), REFUTED, "70 MiB (stock: 48 MiB), but 512 MiB"),
        (both(OF_1_26, ""), None, REFUTED, "but 512 MiB are requested"),
        (both(STOCK, ""), frozenset({512}), REFUTED, "48 MiB), but 512 MiB are requested"),
        (both(RAISED, RAISED), None, REFUTED, "ignores a GOGC in the environment"),
        (both("unknown debug setting", ""), frozenset({512}), UNPROVEN, "reports no goal"),
    ],
)
def test_a_starting_heap_is_proven_by_the_compiler_itself(
    report: str, constants: frozenset[int] | None, status: FindingStatus, words: str
) -> None:
    answer = compiler_heap(seen({HEAP_REPORT: report}, constants, compilerHeap=512))
    assert answer.status is status, answer.evidence
    assert words in answer.evidence


@pytest.mark.parametrize(
    ("report", "status", "words"),
    [
        (both(LINKED_LATER, LINKED), PROVEN, "16 MiB (stock: 4 MiB), that of GOGC=400"),
        (both(LINKED, LINKED), REFUTED, "4 MiB (stock: 4 MiB), which is not that of the requested GOGC=400"),
        (both(LINKED_LATER, LINKED_LATER), REFUTED, "ignores a GOGC in the environment"),
        (both("link: no such file", LINKED), UNPROVEN, "traced no collection"),
        (both(LINKED_LATER, ""), UNPROVEN, "traced no collection"),
    ],
)
def test_the_linkers_gogc_is_proven_by_its_first_collection(
    report: str, status: FindingStatus, words: str
) -> None:
    answer = linker_collector(seen({LINKER_REPORT: report}, linkerGcPercent=400))
    assert answer.status is status, answer.evidence
    assert words in answer.evidence


@pytest.mark.parametrize(
    ("report", "status", "words"),
    [
        (both("200", "100"), PROVEN, "runs with GOGC=200 (stock: 100)"),
        (both("100", "100"), REFUTED, "but 200 is requested"),
        (both("200", "200"), REFUTED, "ignores a GOGC in the environment"),
        ("", UNPROVEN, "compiled no program"),
    ],
)
def test_a_default_of_gogc_is_proven_by_a_program(report: str, status: FindingStatus, words: str) -> None:
    answer = program_collector(seen({PROGRAM_REPORT: report}, goGcPercent=200))
    assert answer.status is status, answer.evidence
    assert words in answer.evidence


def test_nothing_asked_for_is_not_applicable_and_stocks_own_derivation_is_refuted() -> None:
    for decide in (compiler_heap, linker_collector, program_collector):
        assert decide(seen()).status is FindingStatus.NOT_APPLICABLE
        asked = seen(compilerHeap=512, linkerGcPercent=400, goGcPercent=400)
        assert decide(replace(asked, optimized=asked.stock)).status is FindingStatus.REFUTED
