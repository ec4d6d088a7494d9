"""Records: from the report of a test to the results of the run, in one process and in many."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, cast

import pytest

from pytest_rtopt.base.errors import RtoptError
from pytest_rtopt.plugin.recorder import Recorder, RuntimeRecorder
from pytest_rtopt.plugin.records import RecordCollector, RepeatedErrors
from pytest_rtopt.plugin.session import RtoptSession
from pytest_rtopt.results.values import (
    BuildRecord,
    Finding,
    FindingStatus,
    RuntimeResult,
    RuntimeVerdict,
    StorePaths,
)
from tests.support import sample_results

if TYPE_CHECKING:
    from collections.abc import Sequence


When = Literal["setup", "call", "teardown"]
WHENS: tuple[When, ...] = ("setup", "call", "teardown")
LUA = RuntimeResult(
    name="lua",
    attr="lua5_4",
    version="5.4.7",
    baseline=StorePaths("/nix/store/a.drv", "/nix/store/a"),
    optimized=StorePaths("/nix/store/b.drv", "/nix/store/b"),
    build=BuildRecord(30.0, 1000, 2000, cached=True),
)
PROVEN = Finding("lua/lto-used", FindingStatus.PROVEN, "seen")
REFUTED = Finding("lua/pgo-used", FindingStatus.REFUTED, "not seen")
CONTEXT: dict[str, dict[str, object]] = {
    "host": {"features": ["avx2"]},
    "profile": {"name": "p"},
    "packages": {},
}


@dataclass
class Item:
    """The part of a test item that a recorder uses."""

    user_properties: list[tuple[str, object]] = field(default_factory=list)


def report_of(item: Item, when: When = "teardown") -> pytest.TestReport:
    return pytest.TestReport(
        nodeid="t.py::t",
        location=("t.py", 1, "t"),
        keywords={},
        outcome="passed",
        longrepr=None,
        when=when,
        user_properties=list(item.user_properties),
    )


def recorder_on(item: Item) -> RuntimeRecorder:
    recorder = Recorder(cast("pytest.Item", item))
    recorder.context(CONTEXT)
    return RuntimeRecorder(recorder, LUA)


def book_of(items: Sequence[Item]) -> RecordCollector:
    book = RecordCollector()
    for item in items:
        for when in WHENS:
            book.take(report_of(item, when))
    return book


def finding_item(finding: Finding, result: RuntimeResult = LUA) -> Item:
    item = Item()
    replace(recorder_on(item), builds=result).finding(finding)
    return item


def test_parts_of_a_runtime_are_joined() -> None:
    results = book_of([finding_item(PROVEN), finding_item(REFUTED)]).results(lambda result: result)
    assert results.runtimes["lua"] == replace(LUA, findings=(PROVEN, REFUTED))
    assert results.host == CONTEXT["host"]


def test_a_record_that_comes_twice_counts_once() -> None:
    results = book_of([finding_item(PROVEN), finding_item(PROVEN)]).results(lambda result: result)
    assert results.runtimes["lua"].findings == (PROVEN,)


def test_every_result_passes_through_the_decision() -> None:
    book = book_of([finding_item(PROVEN)])
    adopted = book.results(lambda result: replace(result, verdict=RuntimeVerdict.ADOPT))
    assert adopted.runtimes["lua"].verdict is RuntimeVerdict.ADOPT


def test_the_process_that_built_knows_what_it_cost() -> None:
    """Bug: a worker that found a finished build replaced the record of the worker that built it."""
    fresh = replace(LUA, build=BuildRecord(30.0, 1000, 2000, cached=False))
    for order in ((LUA, fresh), (fresh, LUA)):
        items = [finding_item(finding, part) for finding, part in zip((PROVEN, REFUTED), order, strict=True)]
        build = book_of(items).results(lambda result: result).runtimes["lua"].build
        assert build is not None
        assert not build.cached


def test_two_derivations_of_one_runtime_are_an_error() -> None:
    other = replace(LUA, optimized=StorePaths("/nix/store/c.drv", "/nix/store/c"))
    book = book_of([finding_item(PROVEN), finding_item(REFUTED, other)])
    with pytest.raises(RtoptError, match="different derivations of lua"):
        book.results(lambda result: result)


def test_a_run_without_records_is_empty() -> None:
    assert RecordCollector().is_empty
    assert not book_of([finding_item(PROVEN)]).is_empty


def test_reports_keep_flat_properties_only() -> None:
    """Bug: JUnit files contained the whole record of each test, and a verdict for every part."""
    report = report_of(finding_item(PROVEN))
    RecordCollector().take(report)
    assert report.user_properties == [("rtopt.finding.lua/lto-used", "proven")]


def test_a_real_result_travels_unchanged() -> None:
    for result in (sample_results.lua(), sample_results.go()):
        item = Item()
        Recorder(cast("pytest.Item", item)).result(result)
        carried = json.loads(json.dumps(item.user_properties))
        travelled = Item([(str(name), value) for name, value in carried])
        assert book_of([travelled]).results(lambda part: part).runtimes == {result.name: result}


def failed(nodeid: str, longrepr: str) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid=nodeid,
        location=("t.py", 1, "t"),
        keywords={},
        outcome="failed",
        longrepr=longrepr,
        when="setup",
    )


def test_an_impact_travels_without_any_runtime_being_judged() -> None:
    item = Item()
    recorder = Recorder(cast("pytest.Item", item))
    recorder.context(CONTEXT)
    for name, impact in sample_results.impacts().items():
        recorder.impact(name, impact)
    book = book_of([item])
    assert not book.is_empty
    results = book.results(lambda part: part)
    assert results.impact == sample_results.impacts()
    assert results.runtimes == {}
    assert results.host == CONTEXT["host"]


def test_an_error_is_read_once() -> None:
    repeats = RepeatedErrors()
    reports = [failed("a", "Nix is absent."), failed("b", "Nix is absent."), failed("c", "The disk is full.")]
    for report in reports:
        repeats.shorten(report)
    assert [report.longrepr for report in reports] == [
        "Nix is absent.",
        "The same error as in a.",
        "The disk is full.",
    ]


def test_what_an_interrupted_test_had_recorded_is_kept() -> None:
    """Bug: Ctrl-C ends a test without a report, and an hour of pairs was lost."""
    item = Item()
    recorder_on(item).finding(PROVEN)
    session = RtoptSession(cast("pytest.Config", None))
    session.pytest_runtest_protocol(cast("pytest.Item", item))
    session.pytest_keyboard_interrupt()
    kept = session._records.results(lambda result: result)  # noqa: SLF001  # what the end of the run reads
    assert kept.runtimes["lua"].findings == (PROVEN,)
    assert kept.host == CONTEXT["host"]
