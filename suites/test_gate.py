"""The gate: what would be installed now was judged on this CPU and may be installed. Builds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.plugin.recorder import Recorder
from pytest_rtopt.results.values import GateState
from pytest_rtopt.verdict.gate import answer

if TYPE_CHECKING:
    from pytest_rtopt.base.once import Once
    from pytest_rtopt.verdict.gate import Question

pytestmark = pytest.mark.gate

_TO_JUDGE = (GateState.STALE, GateState.PENDING)


def test_switch_is_allowed(
    gate_question: Question, rebuild_notes: Once[tuple[str, ...]], request: pytest.FixtureRequest
) -> None:
    """The runtime is stock, or the ledger has a verdict that the policy of the profile accepts."""
    answered = answer(gate_question)
    if answered.answer.state in _TO_JUDGE:
        answered = answered.noting(*rebuild_notes(gate_question.runtime))
    # `rtopt_recorder` would need the package set, which a run with a manifest does not evaluate.
    Recorder(request.node).gate(answered)
    if not answered.answer.allowed:
        pytest.fail(answered.answer.sentence, pytrace=False)
