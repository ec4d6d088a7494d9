"""Collects what the tests of a run recorded, from the properties of their reports.

`recorder.py` attaches them. Every run with this plugin loads this module, so it has no dataclass, whose
methods Python compiles anew at each start.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.errors import RtoptError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pytest

    from pytest_rtopt.results.values import (
        BuildRecord,
        RunResults,
        RuntimeResult,
    )

RESULT: Final = "rtopt.result"
CONTEXT: Final = "rtopt.context"
IMPACT: Final = "rtopt.impact"
GATE: Final = "rtopt.gate"
PARCEL: Final = "rtopt.parcel"
NOTE: Final = "rtopt.note"
_RECORDS: Final = (RESULT, CONTEXT, IMPACT, GATE, PARCEL, NOTE)


class RecordCollector:
    """Collects the records of a run from its reports."""

    def __init__(self) -> None:
        self._context: str | None = None
        self._parts: list[str] = []
        self._impacts: list[str] = []
        self._answers: list[str] = []
        self._parcels: dict[str, Path] = {}
        self._notes: dict[str, None] = {}

    def take(self, report: pytest.TestReport) -> None:
        """Move the records out of a report. The flat properties stay, which JUnit files show.

        Only the last report of a test is read, because it has the records of all phases.
        """
        records = [(name, str(value)) for name, value in report.user_properties if name in _RECORDS]
        report.user_properties = [entry for entry in report.user_properties if entry[0] not in _RECORDS]
        if report.when == "teardown":
            self.take_properties(records)

    def take_properties(self, properties: Sequence[tuple[str, object]]) -> None:
        """Keep the records among the properties of a test, for example of an interrupted one."""
        records = [(name, str(value)) for name, value in properties if name in _RECORDS]
        for name, value in records:
            if name == CONTEXT:
                self._context = value
            elif name == IMPACT:
                self._impacts.append(value)
            elif name == GATE:
                self._answers.append(value)
            elif name == PARCEL:
                sent = json.loads(value)
                self._parcels[sent["name"]] = Path(sent["directory"])
            elif name == NOTE:
                self._notes[json.loads(value)] = None
            elif value not in self._parts:
                self._parts.append(value)

    @property
    def is_empty(self) -> bool:
        """Whether there is no record about any runtime or overlay."""
        return not (self._parts or self._impacts or self._answers)

    @property
    def judged(self) -> frozenset[str]:
        """The runtimes that this run itself judged; it only read the others from the ledger."""
        return frozenset(str(json.loads(text)["name"]) for text in self._parts)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user has to know about the whole run, each sentence once."""
        return tuple(self._notes)

    @property
    def parcels(self) -> Mapping[str, Path]:
        """The directories of parcels that came with builds, by runtime."""
        return self._parcels

    def results(self, finish: Callable[[RuntimeResult], RuntimeResult]) -> RunResults:
        """Return everything that was recorded; `finish` decides the verdict on each runtime."""
        from pytest_rtopt.results.document import Document, Field  # noqa: PLC0415  # as above
        from pytest_rtopt.results.schema import (  # noqa: PLC0415  # as above
            answer_from_field,
            impact_from_field,
            runtime_from_field,
        )
        from pytest_rtopt.results.values import RunResults  # noqa: PLC0415  # as above

        document = Document("the record of a test", "run again")
        runtimes: dict[str, RuntimeResult] = {}
        for text in self._parts:
            value = json.loads(text)
            part = runtime_from_field(str(value["name"]), Field(value, "", document))
            runtimes[part.name] = _joined(runtimes.get(part.name), part)
        finished = {name: finish(result) for name, result in runtimes.items()}
        impacts = [json.loads(text) for text in self._impacts]
        answers = {str(value["name"]): value for value in map(json.loads, self._answers)}
        for name, value in answers.items():
            if value["judged"] is not None:
                # The gate has decided it already, by its policy.
                remembered = runtime_from_field(name, Field(value["judged"], "", document))
                finished.setdefault(name, remembered)
        context = json.loads(self._context) if self._context else {"host": {}, "profile": {}, "packages": {}}
        return RunResults(
            runtimes=finished,
            impact={value["name"]: impact_from_field(Field(value, "", document)) for value in impacts},
            gate={
                name: answer_from_field(name, Field(value, "", document)) for name, value in answers.items()
            },
            **context,
        )


class RepeatedErrors:
    """Remembers which errors of this plugin were shown: all tests of a failed build fail with one log."""

    def __init__(self) -> None:
        self._first: dict[str, str] = {}

    def shorten(self, report: pytest.TestReport) -> None:
        """Replace an error that an earlier test had with the name of that test."""
        # Only errors of this plugin are plain text; see `pytest_runtest_makereport`.
        if report.failed and isinstance(report.longrepr, str):
            first = self._first.setdefault(report.longrepr, report.nodeid)
            if first != report.nodeid:
                report.longrepr = f"The same error as in {first}."


def _joined(known: RuntimeResult | None, part: RuntimeResult) -> RuntimeResult:
    if known is None:
        return part
    if known.optimized != part.optimized:
        raise RtoptError(f"Two tests of one run judged different derivations of {part.name}; run again.")
    return replace(
        known,
        build=_record_of_build(known.build, part.build),
        findings=known.findings + tuple(f for f in part.findings if f not in known.findings),
        benchmarks=known.benchmarks + part.benchmarks,
        no_request=known.no_request or part.no_request,
        platform=known.platform or part.platform,
    )


def _record_of_build(known: BuildRecord | None, part: BuildRecord | None) -> BuildRecord | None:
    """Return the record of the process that built. In a parallel run, the others found a finished build."""
    if known is None or part is None:
        return known or part
    return part if known.cached else known
