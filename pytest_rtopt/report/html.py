"""The report of `--rtopt-html`: one file that needs nothing else, to be read or sent around."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jinja2

from pytest_rtopt.base.atomic_write import replace_file
from pytest_rtopt.bench.judge import gain_proven, regression_proven
from pytest_rtopt.results import phrases
from pytest_rtopt.results.schema import to_json
from pytest_rtopt.results.values import RuntimeVerdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_rtopt.results.values import BenchmarkResult, RunResults

# Steps between ticks, as fractions of 1; the smallest that gives at most `_MOST_TICKS` is taken.
_TICK_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_MOST_TICKS = 9
_MARGIN = 0.03
_LEAST_SPAN = math.log(1.04)


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis of speedups, so that twice as fast and half as fast are equally far from 1."""

    low: float
    high: float

    def position(self, ratio: float) -> float:
        """Return where `ratio` lies, in per cent of the width, held inside the plot."""
        share = (math.log(ratio) - self.low) / (self.high - self.low) if ratio > 0 else 0.0
        return round(100 * min(max(share, 0.0), 1.0), 3)

    def ticks(self) -> tuple[float, ...]:
        """Return the ratios to mark, 1 always among them, at most nine where the steps allow it."""
        low, high = math.exp(self.low), math.exp(self.high)
        for step in _TICK_STEPS:
            first, last = math.ceil((low - 1) / step), math.floor((high - 1) / step)
            if last - first < _MOST_TICKS:
                return tuple(round(1 + index * step, 2) for index in range(first, last + 1))
        return (1.0,)


def to_html(results: RunResults) -> str:
    """Return the whole report as HTML."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pytest_rtopt", "report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        interval=phrases.interval,
        percent=phrases.percent,
        promise=phrases.promise,
        duration=phrases.duration,
        size=phrases.size,
        tally=phrases.tally,
        said=phrases.said,
        plot_class=_plot_class,
    )
    environment.tests["measured"] = phrases.is_measured
    template = environment.get_template("report.html.jinja")
    runtimes = list(results.runtimes.values())
    return template.render(
        runtimes=runtimes,
        axis=_axis([benchmark for runtime in runtimes for benchmark in runtime.benchmarks]),
        summary=_summary(results),
        facts={
            "Host": tuple(_facts(results.host)),
            "Profile": tuple(_facts(results.profile)),
            "Packages": tuple(_facts(results.packages)),
        },
        results=to_json(results),
    )


def write_html(path: Path, results: RunResults) -> None:
    """Write the report to `path` in one step; raises `ReportError` if that is not possible."""
    replace_file(path, to_html(results).encode(errors="replace"))


def _axis(benchmarks: list[BenchmarkResult]) -> Axis:
    ratios = [1.0]
    for benchmark in benchmarks:
        if phrases.is_measured(benchmark.speedup):
            ratios.extend(benchmark.speedup.ci95)
        if benchmark.expected is not None:
            ratios.extend(1 + gain for gain in benchmark.expected)
    logs = [math.log(ratio) for ratio in ratios if ratio > 0]
    low, high = min(logs), max(logs)
    margin = max(_MARGIN * (high - low), (_LEAST_SPAN - (high - low)) / 2)
    return Axis(low - margin, high + margin)


def _plot_class(benchmark: BenchmarkResult) -> str:
    if gain_proven(benchmark.speedup):
        return "faster"
    return "slower" if regression_proven(benchmark.speedup) else "undecided"


def _summary(results: RunResults) -> str:
    verdicts = [runtime.verdict for runtime in results.runtimes.values()]
    counts = [f"{verdicts.count(verdict)} {verdict}" for verdict in RuntimeVerdict if verdict in verdicts]
    return ", ".join(counts) or "no runtime was judged"


def _facts(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Flatten nested values to dotted names; lists become one text."""
    for name, value in values.items():
        match value:
            case dict():
                yield from _facts(value, f"{prefix}{name}.")
            case list():
                yield f"{prefix}{name}", " ".join(_fact(element) for element in value)
            case _:
                yield f"{prefix}{name}", _fact(value)


def _fact(value: object) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
