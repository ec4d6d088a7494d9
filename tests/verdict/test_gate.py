"""The answers of the gate: what passes under which policy, and what is never let through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_rtopt.hardware.gate_policy import GatePolicy, Require, Stale
from pytest_rtopt.plugin.session import expected_work
from pytest_rtopt.results.values import Finding, FindingStatus, GateState, StorePaths
from pytest_rtopt.verdict.freshness import CurrentState
from pytest_rtopt.verdict.gate import Question, answer
from tests.support.gate_cases import INPUTS, OPTIMIZED, STOCK, adopted, entry, measured

ENTRY = entry()
CURRENT = CurrentState(STOCK, OPTIMIZED, ENTRY.cpu_features, inputs=INPUTS)
QUESTION = Question("lua", ENTRY, CURRENT, expected_work("lua"), GatePolicy())
NEUTRAL = replace(ENTRY, result=measured(adopted(), (0.995, 1.005)))
SLOWER = replace(ENTRY, result=measured(adopted(), (0.9, 0.95)))
VERIFIED = replace(ENTRY, result=replace(adopted(), benchmarks=()))
REFUTED = replace(
    ENTRY,
    result=replace(adopted(), findings=(Finding("lua/isa-level", FindingStatus.REFUTED, "as in stock"),)),
)
CHANGED = replace(CURRENT, optimized=StorePaths("/nix/store/n.drv", "/nix/store/n"))


def outcome(question: Question) -> tuple[GateState, bool]:
    found = answer(question).answer
    return found.state, found.allowed


@pytest.mark.parametrize(
    ("remembered", "require", "expected"),
    [
        (ENTRY, Require.ADOPT, (GateState.ADOPTED, True)),
        (ENTRY, Require.NO_REGRESSION, (GateState.ADOPTED, True)),
        (NEUTRAL, Require.ADOPT, (GateState.NEUTRAL, False)),
        (NEUTRAL, Require.NO_REGRESSION, (GateState.NEUTRAL, True)),
        (VERIFIED, Require.NO_REGRESSION, (GateState.PENDING, False)),
        (VERIFIED, Require.ADOPT, (GateState.PENDING, False)),
        (VERIFIED, Require.VERIFIED, (GateState.VERIFIED, True)),
        (SLOWER, Require.VERIFIED, (GateState.REJECTED, False)),
        (REFUTED, Require.VERIFIED, (GateState.REJECTED, False)),
        (None, Require.VERIFIED, (GateState.PENDING, False)),
    ],
)
def test_what_the_policy_asks_for(
    remembered: object, require: Require, expected: tuple[GateState, bool]
) -> None:
    question = replace(QUESTION, entry=remembered, policy=GatePolicy(require=require))  # type: ignore[arg-type]
    assert outcome(question) == expected


def test_a_verdict_that_was_edited_by_hand_is_decided_anew() -> None:
    claimed = replace(VERIFIED, result=replace(VERIFIED.result, verdict=adopted().verdict))
    assert outcome(replace(QUESTION, entry=claimed)) == (GateState.PENDING, False)


def test_stale_is_refused_unless_the_policy_warns() -> None:
    stale = replace(QUESTION, current=CHANGED)
    assert outcome(stale) == (GateState.STALE, False)
    assert outcome(replace(stale, policy=GatePolicy(stale=Stale.WARN))) == (GateState.STALE, True)


@pytest.mark.parametrize("remembered", [SLOWER, VERIFIED, REFUTED])
def test_a_warning_lets_nothing_pass_that_did_not_pass_before(remembered: object) -> None:
    warned = GatePolicy(stale=Stale.WARN)
    question = replace(QUESTION, entry=remembered, current=CHANGED, policy=warned)  # type: ignore[arg-type]
    assert outcome(question) == (GateState.STALE, False)


def test_a_warning_lets_no_code_pass_that_this_cpu_cannot_run() -> None:
    weaker = replace(CURRENT, cpu_features=frozenset())
    question = replace(QUESTION, current=weaker, policy=GatePolicy(stale=Stale.WARN))
    assert outcome(question) == (GateState.STALE, False)


def test_stock_needs_no_verdict_unless_somebody_demands_better() -> None:
    """A rollback to stock was refused: the ledger had no entry, or one that rejects."""
    stock = replace(QUESTION, entry=SLOWER, current=replace(CURRENT, optimized=STOCK))
    assert outcome(stock) == (GateState.STOCK, True)
    assert outcome(replace(stock, demanded=True)) == (GateState.STOCK, False)
    assert stock.entry is not None
    alone = replace(stock.entry.result, optimized=stock.entry.result.baseline, programs=None)
    judged = replace(stock, demanded=True, entry=replace(stock.entry, result=alone))
    assert outcome(judged) == (GateState.STOCK, True), "named, and judged as stock's own build"
    assert outcome(replace(stock, policy=GatePolicy(runtimes=("lua",)))) == (GateState.STOCK, False)
