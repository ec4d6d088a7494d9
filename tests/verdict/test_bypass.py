"""The bypass: recorded with time and reason, in the ledger or in the user's cache."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.verdict.bypass import BypassRequest, record_bypass, requested_bypass
from pytest_rtopt.verdict.ledger import Bypass, read_ledger
from tests.support.gate_cases import allowed_switch

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TIME = "2026-01-02T03:04:05.000000+00:00"


def test_the_word_and_the_reason() -> None:
    assert requested_bypass({}) is None
    assert requested_bypass({"RTOPT_GATE": ""}) is None
    assert requested_bypass({"RTOPT_GATE": "skip"}) == BypassRequest("no reason was given")
    bypass = requested_bypass({"RTOPT_GATE": "skip", "RTOPT_GATE_REASON": "the fix\n for a hole"})
    assert bypass == BypassRequest("the fix for a hole")


@pytest.mark.parametrize("word", ["off", "0", "SKIP", "skip "])
def test_another_word_is_refused(word: str) -> None:
    with pytest.raises(ReportError, match="set it to `skip`"):
        requested_bypass({"RTOPT_GATE": word})


def test_it_is_written_beside_what_is_remembered(tmp_path: Path) -> None:
    switch = allowed_switch(tmp_path)
    before = read_ledger(switch.ledger)
    assert record_bypass(switch.ledger, BypassRequest("hurry"), NOW) == switch.ledger
    after = read_ledger(switch.ledger)
    assert after.entries == before.entries
    assert after.bypasses == {TIME: Bypass("hurry")}


def test_a_damaged_ledger_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    switch = allowed_switch(tmp_path)
    switch.ledger.write_text("{")
    place = record_bypass(switch.ledger, BypassRequest("hurry"), NOW)
    assert place == tmp_path / "cache" / "pytest-rtopt" / "bypasses.json"
    assert read_ledger(place).bypasses == {TIME: Bypass("hurry")}
    assert switch.ledger.read_text() == "{"


def test_what_nobody_can_write_down_does_not_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    with pytest.raises(ReportError, match="cannot be recorded, so the gate refuses it"):
        record_bypass(tmp_path, BypassRequest("hurry"), NOW)
