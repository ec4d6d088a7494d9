"""What a test attaches to its report, for the run and for JUnit files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pytest_rtopt.plugin.recorder import Recorder, RuntimeRecorder
from pytest_rtopt.plugin.records import GATE, NOTE, PARCEL, RESULT
from pytest_rtopt.results.values import (
    Finding,
    FindingStatus,
    GateAnswer,
    GateState,
    RuntimeResult,
    RuntimeVerdict,
    StorePaths,
)
from pytest_rtopt.verdict.gate import Answered

if TYPE_CHECKING:
    import pytest

LUA = RuntimeResult(
    name="lua",
    attr="lua5_4",
    version="5.4.7",
    baseline=StorePaths("/nix/store/a.drv", "/nix/store/a"),
    optimized=StorePaths("/nix/store/b.drv", "/nix/store/b"),
)
FINDING = Finding("lua/lto-used", FindingStatus.PROVEN, "it is in the log")


@dataclass
class Item:
    """The part of a test item that a recorder uses."""

    user_properties: list[tuple[str, object]] = field(default_factory=list)

    def values(self, name: str) -> list[object]:
        """Return the attached values of one name."""
        return [value for key, value in self.user_properties if key == name]

    def recorded(self, name: str) -> list[dict[str, object]]:
        """Return the attached records of one name."""
        return [json.loads(str(value)) for value in self.values(name)]


def recorder_on(item: Item) -> Recorder:
    return Recorder(cast("pytest.Item", item))


def test_a_part_of_a_result_shows_no_verdict_on_the_runtime() -> None:
    """In a JUnit file, "pending" on every test would read as the verdict."""
    item = Item()
    recorder_on(item).result(LUA)
    assert item.values("rtopt.verdict.lua") == []
    recorder_on(item).result(replace(LUA, verdict=RuntimeVerdict.ADOPT))
    assert item.values("rtopt.verdict.lua") == ["adopt"]


def test_a_test_records_its_own_finding_with_the_builds_that_it_is_about() -> None:
    item = Item()
    RuntimeRecorder(recorder_on(item), LUA).finding(FINDING)
    RuntimeRecorder(recorder_on(item), LUA).no_request("the overlay asks for nothing")
    first, second = item.recorded(RESULT)
    assert first["name"] == second["name"] == "lua"
    assert first["baseline"] == second["baseline"]
    assert "lua/lto-used" in json.dumps(first["findings"])
    assert second["findings"] == []
    assert "the overlay asks for nothing" in json.dumps(second)


def test_an_answer_of_the_gate_has_the_result_that_it_rests_on() -> None:
    item = Item()
    answer = GateAnswer("lua", GateState.ADOPTED, allowed=True, sentence="It was adopted.")
    recorder_on(item).gate(Answered(answer, replace(LUA, verdict=RuntimeVerdict.ADOPT)))
    [recorded] = item.recorded(GATE)
    assert recorded["name"] == "lua"
    assert isinstance(recorded["judged"], dict)
    assert item.values("rtopt.gate.lua") == ["adopted"]
    assert item.values("rtopt.verdict.lua") == ["adopt"]


def test_an_answer_without_a_ledger_entry_rests_on_nothing() -> None:
    item = Item()
    answer = GateAnswer("lua", GateState.PENDING, allowed=False, sentence="Nothing is known.")
    recorder_on(item).gate(Answered(answer, None))
    assert item.recorded(GATE)[0]["judged"] is None
    assert item.values("rtopt.verdict.lua") == []


def test_records_are_text_that_crosses_processes() -> None:
    item = Item()
    recorder_on(item).parcel("lua", Path("/nix/store/p"))
    recorder_on(item).note("Nothing was fetched.")
    assert item.recorded(PARCEL) == [{"name": "lua", "directory": "/nix/store/p"}]
    assert item.values(NOTE) == ['"Nothing was fetched."']
