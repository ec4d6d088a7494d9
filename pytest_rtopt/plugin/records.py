"""How results travel from a test to the end of the run: as properties of the test's report.

Reports cross xdist's processes and end in JUnit files by themselves; nothing else does both.
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
    """Attaches what one test found to its report."""

    item: pytest.Item

    def context(self, context: dict[str, dict[str, object]]) -> None:
        """Record where the run happens: `host`, `profile` and `packages`, the same from every test."""
        self._attach(_CONTEXT, context)

    def result(self, result: RuntimeResult) -> None:
        """Record a part of what is known of one runtime; parts of one runtime are joined in the end."""
        from pytest_rtopt.report.junit import properties  # noqa: PLC0415  # only where something is recorded
        from pytest_rtopt.results.schema import runtime_to_json  # noqa: PLC0415  # as above
        from pytest_rtopt.results.values import RuntimeVerdict  # noqa: PLC0415  # as above

        self._attach(_RESULT, {"name": result.name, **runtime_to_json(result)})
        # A part is not judged by itself: its verdict would read as the runtime's.
        judged = result.verdict is not RuntimeVerdict.PENDING
        self.item.user_properties += [
            (name, value) for name, value in properties(result) if judged or not name.startswith(_VERDICT)
        ]

    def impact(self, name: str, impact: Impact) -> None:
        """Record what the overlay of the runtime `name` makes Nix build anew."""
        from pytest_rtopt.results.schema import impact_to_json  # noqa: PLC0415  # as above

        self._attach(_IMPACT, {"name": name, **impact_to_json(impact)})

    def gate(self, answered: Answered) -> None:
        """Record what the gate answers for a runtime, and the remembered result that it rests on."""
        from pytest_rtopt.report.junit import properties  # noqa: PLC0415  # as above
        from pytest_rtopt.results.schema import answer_to_json, runtime_to_json  # noqa: PLC0415  # as above

        answer, result = answered.answer, answered.result
        judged = None if result is None else {"name": result.name, **runtime_to_json(result)}
        self._attach(_GATE, {"name": answer.runtime, "judged": judged, **answer_to_json(answer)})
        self.item.user_properties.append((f"rtopt.gate.{answer.runtime}", answer.state.value))
        self.item.user_properties += [] if result is None else properties(result)

    def parcel(self, name: str, directory: Path) -> None:
        """Record where the parcel is that came with the builds of the runtime `name`."""
        self._attach(_PARCEL, {"name": name, "directory": str(directory)})

    def note(self, sentence: str) -> None:
        """Record what a user has to know about the whole run; shown once at its end."""
        self._attach(_NOTE, sentence)

    def _attach(self, name: str, value: object) -> None:
        self.item.user_properties.append((name, json.dumps(value)))


@dataclass(frozen=True)
class RuntimeRecorder:
    """Records what one test found out about the builds of one runtime."""

    recorder: Recorder
    builds: RuntimeResult

    def build(self) -> None:
        """Record the builds themselves."""
        self.recorder.result(self.builds)

    def finding(self, finding: Finding) -> None:
        """Record the answer to a claim."""
        self.recorder.result(replace(self.builds, findings=(finding,)))

    def no_request(self, sentence: str) -> None:
        """Record that the overlay asks for no optimization, and what it changes."""
        self.recorder.result(replace(self.builds, no_request=sentence))

    def benchmark(self, benchmark: BenchmarkResult) -> None:
        """Record a measurement."""
        self.recorder.result(replace(self.builds, benchmarks=(benchmark,)))


@dataclass
class Book:
    """Collects the records of a run from its reports."""

    _context: str | None = None
    _parts: list[str] = field(default_factory=list)
    _impacts: list[str] = field(default_factory=list)
    _answers: list[str] = field(default_factory=list)
    _parcels: dict[str, Path] = field(default_factory=dict)
    _notes: dict[str, None] = field(default_factory=dict)

    def take(self, report: pytest.TestReport) -> None:
        """Take the records out of a report; what is left are flat properties, which JUnit files show.

        The last report of a test carries them all.
        """
        records = [(name, str(value)) for name, value in report.user_properties if name in _RECORDS]
        report.user_properties = [entry for entry in report.user_properties if entry[0] not in _RECORDS]
        if report.when == "teardown":
            self.take_properties(records)

    def take_properties(self, properties: Sequence[tuple[str, object]]) -> None:
        """Take the records among the properties of a test, such as one that was interrupted."""
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
        """Whether nothing was recorded about any runtime or overlay."""
        return not (self._parts or self._impacts or self._answers)

    @property
    def judged(self) -> frozenset[str]:
        """The runtimes that this run found something out about, and did not only ask the ledger for."""
        return frozenset(str(json.loads(text)["name"]) for text in self._parts)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user has to know about the whole run, each sentence once."""
        return tuple(self._notes)

    @property
    def parcels(self) -> Mapping[str, Path]:
        """Where the parcels are that came with builds, by runtime."""
        return self._parcels

    def results(self, finish: Callable[[RuntimeResult], RuntimeResult]) -> RunResults:
        """Return everything that was recorded, each runtime passed through `finish`."""
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
                # Decided by the gate already, and for its policy.
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
class Repeats:
    """Remembers which of our errors were shown: the tests that want one build fail with one log."""

    _first: dict[str, str] = field(default_factory=dict)

    def shorten(self, report: pytest.TestReport) -> None:
        """Let a report that fails like an earlier one name that test instead of saying it all again."""
        # Only our own errors are plain text; see `pytest_runtest_makereport`.
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
        build=_the_one_that_built(known.build, part.build),
        findings=known.findings + tuple(f for f in part.findings if f not in known.findings),
        benchmarks=known.benchmarks + part.benchmarks,
        no_request=known.no_request or part.no_request,
    )


def _the_one_that_built(known: BuildRecord | None, part: BuildRecord | None) -> BuildRecord | None:
    """Return the record of the process that built; the others of a parallel run found everything there."""
    if known is None or part is None:
        return known or part
    return part if known.cached else known
