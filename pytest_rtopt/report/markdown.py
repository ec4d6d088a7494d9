"""The results as Markdown, for the job summary of a CI run or a comment on a change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_rtopt.report import phrases
from pytest_rtopt.results import FindingStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_rtopt.results import RunResults, RuntimeResult

# What starts markup inside a line of GitHub-flavoured Markdown, and the bar that ends a table cell.
_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~#&])")


def to_markdown(results: RunResults) -> str:
    """Return the verdict table, the workloads, and what stands in the way, ending in a newline."""
    runtimes = list(results.runtimes.values())
    if not runtimes:
        return "No runtime was judged.\n"
    blocks = [_runtimes(runtimes), _workloads(runtimes), _reasons(runtimes), _open_findings(runtimes)]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _runtimes(runtimes: Iterable[RuntimeResult]) -> list[str]:
    rows = []
    for runtime in runtimes:
        counts = phrases.tally(runtime.findings)
        build = runtime.build
        rows.append(
            (
                f"{runtime.name} {runtime.version}",
                *(str(counts[status]) for status in FindingStatus),
                phrases.duration(build.seconds if build else None),
                phrases.size(build.out_bytes if build else None),
                runtime.verdict.value,
            )
        )
    headings = ("runtime", "proven", "refuted", "unproven", "n.a.", "build", "size", "verdict")
    return list(_table(headings, rows))


def _workloads(runtimes: Iterable[RuntimeResult]) -> list[str]:
    rows = [
        (
            benchmark.workload,
            phrases.interval(benchmark.speedup),
            phrases.percent(benchmark.speedup.mde),
            str(benchmark.pairs),
            phrases.promise(benchmark),
            benchmark.verdict.value,
        )
        for runtime in runtimes
        for benchmark in runtime.benchmarks
    ]
    headings = ("workload", "speedup [95 %]", "MDE", "pairs", "promised", "result")
    return list(_table(headings, rows)) if rows else []


def _reasons(runtimes: Iterable[RuntimeResult]) -> list[str]:
    return [
        f"- **{_inline(runtime.name)}** {runtime.verdict}: {_inline(runtime.reason)}" for runtime in runtimes
    ]


def _open_findings(runtimes: Iterable[RuntimeResult]) -> list[str]:
    return [
        f"- {finding.status}: {_inline(finding.claim)}: {_inline(finding.evidence)}"
        for runtime in runtimes
        for finding in runtime.findings
        if finding.status in (FindingStatus.REFUTED, FindingStatus.UNPROVEN)
    ]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(headings)
    yield _row(["---"] * len(headings))
    for row in rows:
        yield _row([_inline(cell) for cell in row])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _inline(text: str) -> str:
    return _MARKUP.sub(r"\\\1", phrases.one_line(text))
