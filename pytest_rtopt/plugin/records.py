"""Carries results from a test to the end of the run, as properties of the test's report.

Properties cross the processes of xdist and end up in JUnit files. Nothing else in pytest does both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.errors import RtoptError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pytest

    from pytest_rtopt.results.values import (
        BenchmarkResult,
        BuildRecord,
        Finding,
        Impact,
        RunResults,
        RuntimeResult,
    )
    from pytest_rtopt.verdict.gate import Answered

_RESULT: Final = "rtopt.result"
_CONTEXT: Final = "rtopt.context"
_IMPACT: Final = "rtopt.impact"
_GATE: Final = "rtopt.gate"
_PARCEL: Final = "rtopt.parcel"
_NOTE: Final = "rtopt.note"
_RECORDS: Final = (_RESULT, _CONTEXT, _IMPACT, _GATE, _PARCEL, _NOTE)
_VERDICT: Final = "rtopt.verdict."


@dataclass(frozen=True)
class Recorder:
    """Attaches the records of one test to its report."""

    item: pytest.Item

    def context(self, context: dict[str, dict[str, object]]) -> None:
        """Record `host`, `profile` and `packages`, which are the same in every test of a run."""
        self._attach(_CONTEXT, context)

    def result(self, result: RuntimeResult) -> None:
        """Record a part of the result of one runtime. The parts are joined at the end of the run."""
        from pytest_rtopt.report.junit import properties  # noqa: PLC0415  # only if something is recorded
        from pytest_rtopt.results.schema import runtime_to_json  # noqa: PLC0415  # as above
        from pytest_rtopt.results.values import RuntimeVerdict  # noqa: PLC0415  # as above

        self._attach(_RESULT, {"name": result.name, **runtime_to_json(result)})
        # A part has no verdict of its own. In a JUnit file it would read as the verdict on the runtime.
        judged = result.verdict is not RuntimeVerdict.PENDING
        self.item.user_properties += [
            (name, value) for name, value in properties(result) if judged or not name.startswith(_VERDICT)
        ]

    def impact(self, name: str, impact: Impact) -> None:
        """Record what Nix rebuilds because of the overlay of the runtime `name`."""
        from pytest_rtopt.results.schema import impact_to_json  # noqa: PLC0415  # as above

        self._attach(_IMPACT, {"name": name, **impact_to_json(impact)})

    def gate(self, answered: Answered) -> None:
        """Record the gate's answer for a runtime, and the remembered result that it is based on."""
        from pytest_rtopt.report.junit import properties  # noqa: PLC0415  # as above
        from pytest_rtopt.results.schema import answer_to_json, runtime_to_json  # noqa: PLC0415  # as above

        answer, result = answered.answer, answered.result
        judged = None if result is None else {"name": result.name, **runtime_to_json(result)}
        self._attach(_GATE, {"name": answer.runtime, "judged": judged, **answer_to_json(answer)})
        self.item.user_properties.append((f"rtopt.gate.{answer.runtime}", answer.state.value))
        self.item.user_properties += [] if result is None else properties(result)

    def parcel(self, name: str, directory: Path) -> None:
        """Record the directory of the parcel that came with the builds of the runtime `name`."""
        self._attach(_PARCEL, {"name": name, "directory": str(directory)})

    def note(self, sentence: str) -> None:
        """Record what a user has to know about the whole run; shown once at its end."""
        self._attach(_NOTE, sentence)

    def _attach(self, name: str, value: object) -> None:
        self.item.user_properties.append((name, json.dumps(value)))


@dataclass(frozen=True)
class RuntimeRecorder:
    """Records the results of one test about the builds of one runtime."""

    recorder: Recorder
    builds: RuntimeResult

    def build(self) -> None:
        """Record the builds themselves."""
        self.recorder.result(self.builds)

    def finding(self, finding: Finding) -> None:
        """Record the finding on a claim."""
        self.recorder.result(replace(self.builds, findings=(finding,)))

    def no_request(self, sentence: str) -> None:
        """Record that the overlay asks for no optimization, and what it changes."""
        self.recorder.result(replace(self.builds, no_request=sentence))

    def benchmark(self, benchmark: BenchmarkResult) -> None:
        """Record a measurement."""
        self.recorder.result(replace(self.builds, benchmarks=(benchmark,)))


@dataclass
class RecordCollector:
    """Collects the records of a run from its reports."""

    _context: str | None = None
    _parts: list[str] = field(default_factory=list)
    _impacts: list[str] = field(default_factory=list)
    _answers: list[str] = field(default_factory=list)
    _parcels: dict[str, Path] = field(default_factory=dict)
    _notes: dict[str, None] = field(default_factory=dict)

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
            if name == _CONTEXT:
                self._context = value
            elif name == _IMPACT:
                self._impacts.append(value)
            elif name == _GATE:
                self._answers.append(value)
            elif name == _PARCEL:
                sent = json.loads(value)
                self._parcels[sent["name"]] = Path(sent["directory"])
            elif name == _NOTE:
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


@dataclass
class RepeatedErrors:
    """Remembers which errors of this plugin were shown: all tests of a failed build fail with one log."""

    _first: dict[str, str] = field(default_factory=dict)

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
