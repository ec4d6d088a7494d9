"""What the end of a run shows and writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_rtopt.verdict.ledger import Ledger, write_ledger

if TYPE_CHECKING:
    from tests.support.plugin_runs import Stranger


def test_a_run_that_does_not_ask_the_gate_shows_no_answer_of_the_gate(stranger_with_nix: Stranger) -> None:
    """Bug: a run before the first verdict ended with "refused stale", which looked like a failure."""
    write_ledger(stranger_with_nix.path / "rtopt.lock.json", Ledger(present=True, entries={}))
    generated = stranger_with_nix.suites(
        "-m", "generate", "-k", "what_the_ledger_lets_in", "--rtopt-json=rtopt.json"
    )
    generated.assert_outcomes(passed=1)
    assert " gate " not in generated.stdout.str()
    assert json.loads((stranger_with_nix.path / "rtopt.json").read_text())["gate"] == {}
    asked = stranger_with_nix.suites("-m", "gate")
    assert asked.ret != 0
    assert " gate " in asked.stdout.str()
