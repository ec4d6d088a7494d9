"""Attaches results to the report of the test that found them, as properties.

Properties cross the processes of xdist and end up in JUnit files. Nothing else in pytest does both.
`records.py` collects them at the end of the run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pytest_rtopt.plugin.records import CONTEXT, GATE, IMPACT, NOTE, PARCEL, RESULT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from pytest_rtopt.results.values import BenchmarkResult, Finding, Impact, RuntimeResult
    from pytest_rtopt.verdict.gate import Answered

_VERDICT: Final = "rtopt.verdict."


@dataclass(frozen=True)
class Recorder:
    """Attaches the records of one test to its report."""

    item: pytest.Item

    def context(self, context: dict[str, dict[str, object]]) -> None:
        """Record `host`, `profile` and `packages`, which are the same in every test of a run."""
        self._attach(CONTEXT, context)

    def result(self, result: RuntimeResult) -> None:
        """Record a part of the result of one runtime. The parts are joined at the end of the run."""
        from pytest_rtopt.report.junit import properties  # noqa: PLC0415  # only if something is recorded
        from pytest_rtopt.results.schema import runtime_to_json  # noqa: PLC0415  # as above
        from pytest_rtopt.results.values import RuntimeVerdict  # noqa: PLC0415  # as above

        self._attach(RESULT, {"name": result.name, **runtime_to_json(result)})
        # A part has no verdict of its own. In a JUnit file it would read as the verdict on the runtime.
        judged = result.verdict is not RuntimeVerdict.PENDING
        self.item.user_properties += [
            (name, value) for name, value in properties(result) if judged or not name.startswith(_VERDICT)
        ]

    def impact(self, name: str, impact: Impact) -> None:
        """Record what Nix rebuilds because of the overlay of the runtime `name`."""
        from pytest_rtopt.results.schema import impact_to_json  # noqa: PLC0415  # as above

        self._attach(IMPACT, {"name": name, **impact_to_json(impact)})

    def gate(self, answered: Answered) -> None:
        """Record the gate's answer for a runtime, and the remembered result that it is based on."""
        from pytest_rtopt.report.junit import properties  # noqa: PLC0415  # as above
        from pytest_rtopt.results.schema import answer_to_json, runtime_to_json  # noqa: PLC0415  # as above

        answer, result = answered.answer, answered.result
        judged = None if result is None else {"name": result.name, **runtime_to_json(result)}
        self._attach(GATE, {"name": answer.runtime, "judged": judged, **answer_to_json(answer)})
        self.item.user_properties.append((f"rtopt.gate.{answer.runtime}", answer.state.value))
        self.item.user_properties += [] if result is None else properties(result)

    def parcel(self, name: str, directory: Path) -> None:
        """Record the directory of the parcel that came with the builds of the runtime `name`."""
        self._attach(PARCEL, {"name": name, "directory": str(directory)})

    def note(self, sentence: str) -> None:
        """Record what a user has to know about the whole run; shown once at its end."""
        self._attach(NOTE, sentence)

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
