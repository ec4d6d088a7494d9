"""The summary of `--rtopt-markdown`: answers of the gate, verdicts, measurements and rebuilds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.atomic_write import replace_file
from pytest_rtopt.report.rivals import HEADINGS, rival_rows
from pytest_rtopt.results import phrases
from pytest_rtopt.results.values import FindingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from pytest_rtopt.results.values import RunResults, RuntimeResult

_RUNTIME_HEADINGS: Final = (
    "runtime",
    *(phrases.label(status) for status in FindingStatus),
    "self-reported",
    "verdict",
    "why",
)
# These would be markup, or end a cell of a table, in GitHub's and GitLab's Markdown.
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~])")


def write_markdown(path: Path, results: RunResults) -> None:
    """Write the summary to `path` atomically. Raises `ReportError` if that is not possible."""
    replace_file(path, markdown(results).encode(errors="backslashreplace"))


def markdown(results: RunResults) -> str:
    """Return the summary, without sections that would be empty."""
    parts = (*_gate(results), *_runtimes(results), *_workloads(results), *_rivals(results), *_impact(results))
    return "\n".join(parts) + "\n" if parts else "Nothing was judged.\n"


def _gate(results: RunResults) -> Iterator[str]:
    if results.gate:
        answers = list(results.gate.values())
        refused = [answer.runtime for answer in answers if not answer.allowed]
        yield f"### Gate: {'refused for ' + phrases.listing(refused) if refused else 'allowed'}\n"
        rows = [
            (
                answer.runtime,
                "allowed" if answer.allowed else "**refused**",
                answer.state.value,
                _cell(" ".join((answer.sentence, *(f"Note: {note}." for note in answer.notes)))),
            )
            for answer in answers
        ]
        yield from _table(("runtime", "", "state", "why"), rows)


def _runtimes(results: RunResults) -> Iterator[str]:
    if results.runtimes:
        yield "### Runtimes\n"
        rows = [_runtime(runtime) for runtime in results.runtimes.values()]
        yield from _table(_RUNTIME_HEADINGS, rows)


def _runtime(runtime: RuntimeResult) -> Sequence[str]:
    counts = phrases.tally(runtime.findings)
    numbers = [str(count) for count in (*counts.values(), phrases.self_reported(runtime.findings))]
    name = _cell(f"{runtime.name} {runtime.version}")
    return (name, *numbers, f"**{runtime.verdict.value}**", _cell(runtime.reason))


def _workloads(results: RunResults) -> Iterator[str]:
    rows = [
        (
            _cell(phrases.workload(benchmark)),
            _cell(phrases.interval(benchmark.speedup)),
            phrases.percent(benchmark.speedup.mde),
            benchmark.verdict.value,
        )
        for runtime in results.runtimes.values()
        for benchmark in runtime.benchmarks
    ]
    if rows:
        yield "### Workloads\n"
        yield from _table(("workload", "speedup [95 %]", "MDE", "result"), rows)


def _rivals(results: RunResults) -> Iterator[str]:
    rows = [tuple(map(_cell, row.cells)) for row in rival_rows(results.runtimes.values())]
    if rows:
        yield "### Rivals\n"
        yield from _table(HEADINGS, rows)


def _impact(results: RunResults) -> Iterator[str]:
    rows = [
        (_cell(name), f"{len(impact.changed)} of {len(impact.targets)}", str(len(impact.rebuilt)))
        for name, impact in results.impact.items()
    ]
    if rows:
        yield "### Rebuild impact\n"
        yield from _table(("overlay", "targets that change", "derivations to rebuild"), rows)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{' --- |' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _cell(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", phrases.one_line(text))
