"""The gate's answer for one runtime, from its ledger entry and what would be installed now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pytest_rtopt.hardware.gate_policy import GatePolicy, Require, Stale
from pytest_rtopt.results.values import GateAnswer, GateState, RuntimeResult, RuntimeVerdict
from pytest_rtopt.verdict.decide import ExpectedWork, decide_again
from pytest_rtopt.verdict.freshness import Change, CurrentState, compare

if TYPE_CHECKING:
    from pytest_rtopt.verdict.ledger import LedgerEntry

BYPASS: Final = "RTOPT_GATE=skip"
"""The setting that bypasses the gate."""

_PASSING: Final = {
    RuntimeVerdict.ADOPT: GateState.ADOPTED,
    RuntimeVerdict.NEUTRAL: GateState.NEUTRAL,
}


@dataclass(frozen=True)
class Question:
    """A question to the gate about one runtime.

    `entry` is `None` if the ledger has no entry. A `demanded` runtime, which --rtopt-runtime names, must be
    optimized.
    """

    runtime: str
    entry: LedgerEntry | None
    current: CurrentState
    expected: ExpectedWork
    policy: GatePolicy
    demanded: bool = False


@dataclass(frozen=True)
class Answered:
    """The answer, and the result in the ledger with the verdict of today, if that is fresh."""

    answer: GateAnswer
    result: RuntimeResult | None = None

    def noting(self, *notes: str) -> Answered:
        """Return the same answer with more notes."""
        return replace(self, answer=replace(self.answer, notes=(*self.answer.notes, *notes)))


def answer(question: Question) -> Answered:
    """Decide whether what would be installed now may be installed.

    Stock needs no verdict. Every other build needs a fresh one. It is decided again here, so a verdict that
    was edited by hand does not pass, nor one that lacks a newer claim. A stale verdict passes if the policy
    permits it and this CPU has all features of the judging machine's CPU.
    """
    name, entry, policy = question.runtime, question.entry, question.policy
    if question.current.one_build:
        return Answered(_stock(question))
    judge = f"run `-m 'build or verify or benchmark'` for {name}, with the same options"
    if entry is None:
        sentence = f"{name} is pending: the ledger has no entry for it; {judge}."
        return Answered(_refused(name, GateState.PENDING, sentence))
    freshness = compare(entry, question.current)
    judged = decide_again(entry.result, _required_work(question.expected, policy))
    if_fresh = _fresh(judged, policy, judge, freshness.notes)
    if freshness.is_fresh:
        return Answered(if_fresh, judged)
    # With "warn", a stale verdict passes only if it would pass when fresh, and if the code can run here.
    warned = policy.stale is Stale.WARN and if_fresh.allowed and not freshness.concerns(Change.CPU)
    remedy = 'gate.stale = "warn" lets it pass' if warned else judge
    sentence = f"{name} is stale: {freshness.reasons}; {remedy}."
    return Answered(GateAnswer(name, GateState.STALE, warned, sentence, freshness.notes))


def _stock(question: Question) -> GateAnswer:
    name = question.runtime
    # The user named a runtime, and the ledger already says that its optimized build is the same as stock's.
    known = question.entry is not None and question.entry.result.one_build
    if (question.demanded and not known) or name in question.policy.runtimes:
        by = "--rtopt-runtime names it" if question.demanded else "gate.runtimes in the profile lists it"
        return _refused(
            name,
            GateState.STOCK,
            f"{name} would be stock, although {by}: the profile, the overlays or the ledger do not change "
            "it; enable it there, or do not name it.",
        )
    return GateAnswer(
        name, GateState.STOCK, allowed=True, sentence=f"{name} is not changed: stock would be installed."
    )


def _required_work(expected: ExpectedWork, policy: GatePolicy) -> ExpectedWork:
    if policy.require is Require.VERIFIED:
        return replace(expected, workloads=frozenset())
    return expected


def _fresh(judged: RuntimeResult, policy: GatePolicy, judge: str, notes: tuple[str, ...]) -> GateAnswer:
    name, verdict = judged.name, judged.verdict
    if verdict is RuntimeVerdict.REJECT:
        sentence = (
            f"{name}: reject. {judged.reason} Keep stock (`enable = false` in the profile, or "
            f"`overlays/default.nix` with this ledger), or repair the overlay and {judge}."
        )
        return _refused(name, GateState.REJECTED, sentence, notes)
    state = _PASSING.get(verdict, GateState.PENDING)
    if state is GateState.NEUTRAL and not judged.benchmarks and not judged.one_build:
        state = GateState.VERIFIED
    if state is GateState.PENDING:
        return _refused(
            name, state, f"{name}: pending. {judged.reason} {judge[0].upper()}{judge[1:]}.", notes
        )
    if policy.require is Require.ADOPT and state is not GateState.ADOPTED:
        sentence = (
            f'{name}: {verdict}. {judged.reason} gate.require = "adopt" in the profile requires a proven '
            'gain; keep stock, or set gate.require to "no-regression".'
        )
        return _refused(name, state, sentence, notes)
    return GateAnswer(name, state, allowed=True, sentence=f"{name}: {verdict}. {judged.reason}", notes=notes)


def _refused(name: str, state: GateState, sentence: str, notes: tuple[str, ...] = ()) -> GateAnswer:
    return GateAnswer(name, state, allowed=False, sentence=sentence, notes=notes)
