"""The tables for the terminal. Colours only repeat what the words say."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from pytest_rtopt.report.rivals import HEADINGS, rival_rows
from pytest_rtopt.results import phrases
from pytest_rtopt.results.values import BenchmarkVerdict, FindingStatus, GateState, RuntimeVerdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_rtopt.report.checklist import Row
    from pytest_rtopt.report.rivals import RivalRow
    from pytest_rtopt.results.values import Finding, GateAnswer, Impact, RunResults, RuntimeResult

_STYLES: dict[str, str] = {
    RuntimeVerdict.ADOPT: "bold green",
    RuntimeVerdict.NEUTRAL: "bold",
    RuntimeVerdict.REJECT: "bold red",
    RuntimeVerdict.PENDING: "bold yellow",
    FindingStatus.PROVEN: "green",
    FindingStatus.REFUTED: "bold red",
    FindingStatus.UNPROVEN: "yellow",
    FindingStatus.NOT_APPLICABLE: "dim",
    BenchmarkVerdict.PASS: "green",
    BenchmarkVerdict.FAIL: "red",
    BenchmarkVerdict.INCONCLUSIVE: "yellow",
    GateState.ADOPTED: "bold green",
    GateState.REJECTED: "bold red",
    GateState.STALE: "bold yellow",
}
_OPEN = (FindingStatus.REFUTED, FindingStatus.UNPROVEN)


def verdict_table(results: RunResults, rows: Sequence[Row] = ()) -> RenderableType:
    """Return the tables of runtimes and workloads, the reasons, open findings, and the checklist."""
    runtimes = list(results.runtimes.values())
    if not runtimes:
        return Text("no runtime was judged")
    parts: list[RenderableType] = [_runtimes(runtimes)]
    if any(runtime.benchmarks for runtime in runtimes):
        parts.extend(("", _workloads(runtimes)))
    if rivals := list(rival_rows(runtimes)):
        parts.extend(("", _rivals(rivals)))
    parts.extend(("", _statements(runtimes)))
    if rows:
        parts.extend(("", _checklist(rows)))
    return Group(*parts)


def impact_table(impacts: Mapping[str, Impact]) -> RenderableType:
    """Return the table of rebuilds because of the overlay of each runtime."""
    table = _table()
    table.add_column("runtime", overflow="fold")
    table.add_column("targets that change", max_width=12)
    table.add_column("derivations to rebuild", justify="right", max_width=12)
    table.add_column("first of them", overflow="fold")
    for name, impact in impacts.items():
        table.add_row(
            Text(name),
            Text(f"{len(impact.changed)} of {len(impact.targets)}"),
            Text(str(len(impact.rebuilt)), "bold" if impact.rebuilt else "dim"),
            Text(phrases.listing(impact.rebuilt) or phrases.UNKNOWN),
        )
    return table


def gate_table(answers: Iterable[GateAnswer]) -> RenderableType:
    """Return the answers of the gate, each with its reason and notes."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for answer in answers:
        word = Text("allowed", "green") if answer.allowed else Text("refused", "bold red")
        state = Text(answer.state.value, _STYLES.get(answer.state, ""))
        table.add_row(word, state, Text(phrases.one_line(answer.sentence)))
        for note in answer.notes:
            table.add_row("", "", Text(f"Note: {note}.", "dim"))
    return table


def render(renderable: RenderableType, width: int, *, colour: bool = False) -> str:
    """Return `renderable` as text of at most `width` columns; `colour` adds ANSI colours."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        color_system="standard" if colour else None,
        force_terminal=colour,
        no_color=not colour,
        highlight=False,
        legacy_windows=False,
    )
    console.print(renderable)
    # Rich pads table rows with blanks, which only make logs longer.
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def _runtimes(runtimes: Sequence[RuntimeResult]) -> Table:
    # A run that only reads the ledger has no builds.
    built = any(runtime.build is not None for runtime in runtimes)
    table = _table()
    table.add_column("runtime", overflow="fold")
    table.add_column("claims", overflow="fold")
    for heading in ("build", "size") if built else ():
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for runtime in runtimes:
        build = runtime.build
        cost = (
            Text(phrases.duration(build.seconds if build else None)),
            Text(phrases.size(build.out_bytes if build else None)),
        )
        table.add_row(
            Text(f"{runtime.name} {runtime.version}"),
            _claims(runtime.findings),
            *(cost if built else ()),
            _word(runtime.verdict),
        )
    return table


def _workloads(runtimes: Iterable[RuntimeResult]) -> Table:
    table = _table()
    table.add_column("workload", overflow="fold")
    table.add_column("speedup [95 %]", no_wrap=True)
    table.add_column("MDE", justify="right", no_wrap=True)
    table.add_column("promised", max_width=12)
    table.add_column("result", no_wrap=True)
    for runtime in runtimes:
        for benchmark in runtime.benchmarks:
            table.add_row(
                Text(phrases.workload(benchmark)),
                Text(phrases.interval(benchmark.speedup)),
                Text(phrases.percent(benchmark.speedup.mde)),
                Text(phrases.promise(benchmark)),
                _word(benchmark.verdict),
            )
        if runtime.overall is not None:
            table.add_row(
                Text(f"{runtime.name}, geometric mean", "bold"),
                Text(phrases.interval(runtime.overall), "bold"),
                Text(phrases.percent(runtime.overall.mde)),
                Text(phrases.UNKNOWN),
            )
    return table


def _rivals(rows: Iterable[RivalRow]) -> Table:
    table = _table()
    for heading in HEADINGS:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row.cells))
    return table


def _checklist(rows: Iterable[Row]) -> Table:
    table = _table()
    for heading in ("checklist", "answer", "worth", "what counts"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(row.line, row.answer, row.worth, row.evidence)
    return table


def _statements(runtimes: Iterable[RuntimeResult]) -> Table:
    """Return the reason of every verdict, and below it what prevents a better one."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for runtime in runtimes:
        table.add_row(_word(runtime.verdict), _statement(runtime.name, runtime.reason))
        for finding in runtime.findings:
            if finding.status in _OPEN:
                table.add_row(_word(finding.status), _statement(finding.claim, finding.evidence))
        for benchmark in runtime.benchmarks:
            if benchmark.verdict is BenchmarkVerdict.FAIL:
                table.add_row(_word(benchmark.verdict), _statement(benchmark.workload, benchmark.reason))
    return table


def _statement(subject: str, sentence: str) -> Text:
    return Text.assemble((subject, "bold"), f": {phrases.one_line(sentence)}")


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)


def _claims(findings: Sequence[Finding]) -> Text:
    """Return the counts that are not 0, in words: a column for each would not fit into 80 characters."""
    counted = phrases.tally(findings)
    parts = [
        Text(f"{number} {phrases.label(status)}", _STYLES[status])
        for status, number in counted.items()
        if number
    ]
    reported = phrases.self_reported(findings)
    if reported:
        parts.append(Text(f"{reported} self-reported", "dim"))
    return Text(", ").join(parts) if parts else Text(phrases.UNKNOWN)


def _word(word: RuntimeVerdict | FindingStatus | BenchmarkVerdict) -> Text:
    return Text(word.value, _STYLES[word])
