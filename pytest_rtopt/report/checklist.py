"""The checklist that guides give for such a build, answered from the results.

Some lines of these guides prove nothing. Each row therefore states what its answer is worth, and names the
claim that is the evidence instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.results.phrases import is_measured, listing
from pytest_rtopt.results.values import FindingStatus, Rating

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.results.values import Finding, RunResults, RuntimeResult

_WORDS: Final = {
    FindingStatus.PROVEN: "yes",
    FindingStatus.REFUTED: "no",
    FindingStatus.UNPROVEN: "open",
    FindingStatus.NOT_APPLICABLE: "not applicable",
}
_NOT_JUDGED: Final = "not judged"
# A line of the guides about one runtime, the claim that answers it, and the claim that is the evidence.
LINES: Final = (
    ("node's process.config shows the flags", "nodejs/says-config", "nodejs/compile-is-tuned"),
    ("go env GOAMD64 is the requested level", "go/goamd64-default", "go/isa-level"),
    ("rustc --version succeeds", "rust/says-version", "rust/programs-target-cpu"),
    ("python3 --version is 3.13", "python/says-version", "python/pgo-used"),
)
# The project does not look into the user's version control.
_UP_TO_USER: Final = "up to you"


@dataclass(frozen=True)
class Row:
    """One line of the checklist, the answer, what the answer is worth, and what counts instead."""

    line: str
    answer: str
    worth: str
    evidence: str


def checklist(results: RunResults, *, remembered: bool) -> tuple[Row, ...]:
    """Return the rows, or none if no runtime of the checklist was judged.

    `remembered` is whether the verdicts of the run are written to the ledger.
    """
    runtimes = results.runtimes
    if not any(name == claim.partition("/")[0] for name in runtimes for _, claim, _ in LINES):
        return ()
    return (
        _row_of_all(runtimes, "the optimized programs are the ones on PATH", "says-path"),
        *(_row(runtimes, *line) for line in LINES),
        _measured(runtimes),
        Row(
            "the result is recorded",
            "yes" if remembered else "no",
            Rating.EFFECT,
            f"the ledger has {listing([f'{name} {result.verdict}' for name, result in runtimes.items()], 5)}",
        ),
        Row("the result is committed", _UP_TO_USER, "-", "overlays, profile and ledger belong in one commit"),
    )


def _row(runtimes: Mapping[str, RuntimeResult], line: str, requested: str, instead: str) -> Row:
    finding, counts = _find(runtimes, requested), _find(runtimes, instead)
    if finding is None:
        return Row(line, _NOT_JUDGED, "-", "-")
    status = "not judged" if counts is None else counts.status.value
    return Row(line, _WORDS[finding.status], finding.rating, f"{instead}: {status}")


def _row_of_all(runtimes: Mapping[str, RuntimeResult], line: str, claim: str) -> Row:
    found = {name: _find(runtimes, f"{name}/{claim}") for name in runtimes}
    answers = {name: _WORDS[finding.status] for name, finding in found.items() if finding is not None}
    if not answers:
        return Row(line, _NOT_JUDGED, "-", "-")
    same = len(set(answers.values())) == 1
    answer = next(iter(answers.values())) if same else "partly"
    by_runtime = [f"{name} {word}" for name, word in answers.items()]
    return Row(
        line, answer, Rating.INTENT, f"{listing(by_runtime, 5)}; the findings are about the files themselves"
    )


def _measured(runtimes: Mapping[str, RuntimeResult]) -> Row:
    benchmarks = [benchmark for result in runtimes.values() for benchmark in result.benchmarks]
    measured = [benchmark.workload for benchmark in benchmarks if is_measured(benchmark.speedup)]
    answer = "yes" if measured and len(measured) == len(benchmarks) else ("partly" if measured else "no")
    return Row(
        "benchmarks were run, before and after", answer, Rating.EFFECT, f"{len(measured)} workloads, in pairs"
    )


def _find(runtimes: Mapping[str, RuntimeResult], claim: str) -> Finding | None:
    result = runtimes.get(claim.partition("/")[0])
    findings = () if result is None else result.findings
    return next((finding for finding in findings if finding.claim == claim), None)
