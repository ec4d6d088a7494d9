"""The report of `--rtopt-html`: one file that loads nothing else."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import jinja2
from markupsafe import Markup, escape

from pytest_rtopt.base.atomic_write import replace_file
from pytest_rtopt.bench.judge import gain_proven, regression_proven
from pytest_rtopt.report.rivals import rival_rows
from pytest_rtopt.results import phrases
from pytest_rtopt.results.schema import to_json
from pytest_rtopt.results.values import FindingStatus, Rating, RuntimeVerdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from pytest_rtopt.results.values import BenchmarkResult, Finding, RunResults

# Steps between ticks, as fractions of 1; the smallest that gives at most `_MOST_TICKS` is taken.
_TICK_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_MOST_TICKS = 9
# Beyond a factor of two, equal steps crowd at the upper end of a logarithmic axis. These are marked instead.
_WIDE = math.log(2)
_WIDE_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_LEAST_GAP = 12.0
_MARGIN = 0.03
_LEAST_SPAN = math.log(1.04)

# A word in backticks, or a store path with its hash apart; a path may end a sentence.
_CODE: Final = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|(?P<store>/nix/store/)(?P<hash>[0-9a-z]{32})(?P<name>-[^\s`'\"()<>,;]*[^\s`'\"()<>,;.:])"
)
_URGENCY: Final = (FindingStatus.REFUTED, FindingStatus.UNPROVEN, FindingStatus.PROVEN)


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis of speedups, so that twice as fast and half as fast are equally far from 1."""

    low: float
    high: float

    def position(self, ratio: float) -> float:
        """Return the position of `ratio` in per cent of the width, clamped to the plot."""
        share = (math.log(ratio) - self.low) / (self.high - self.low) if ratio > 0 else 0.0
        return round(100 * min(max(share, 0.0), 1.0), 3)

    def ticks(self) -> tuple[float, ...]:
        """Return the ratios to mark, at most nine. 1 is always one of them."""
        if self.high - self.low > _WIDE:
            return self._wide_ticks()
        low, high = math.exp(self.low), math.exp(self.high)
        for step in _TICK_STEPS:
            first, last = math.ceil((low - 1) / step), math.floor((high - 1) / step)
            if last - first < _MOST_TICKS:
                return tuple(round(1 + index * step, 2) for index in range(first, last + 1))
        return (1.0,)

    def _wide_ticks(self) -> tuple[float, ...]:
        """Walk away from 1 in both directions; leave out a ratio whose label would touch the one before."""
        inside = [tick for tick in _WIDE_TICKS if self.low <= math.log(tick) <= self.high]
        ticks = [1.0]
        for side in ([tick for tick in inside if tick > 1], [tick for tick in reversed(inside) if tick < 1]):
            last = 1.0
            for tick in side:
                if abs(self.position(tick) - self.position(last)) >= _LEAST_GAP:
                    ticks.append(tick)
                    last = tick
        return tuple(sorted(ticks))


@dataclass(frozen=True)
class FindingGroups:
    """The findings of one runtime as the report shows them.

    `decisive` are those that a verdict rests on, refuted ones first. The page folds the others: claims that
    are not applicable, and what the runtime reports about itself, unless that is wrong.
    """

    decisive: tuple[Finding, ...]
    not_applicable: tuple[Finding, ...]
    self_reported: tuple[Finding, ...]


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
        label=phrases.label,
        load=phrases.load,
        rivals=rival_rows,
        self_reported=phrases.self_reported,
        plot_class=_plot_class,
        grouped=_grouped,
        marked=marked,
    )
    environment.tests["measured"] = phrases.is_measured
    template = environment.get_template("report.html.jinja")
    runtimes = list(results.runtimes.values())
    return template.render(
        runtimes=runtimes,
        axis=_axis([benchmark for runtime in runtimes for benchmark in runtime.benchmarks]),
        summary=_summary(results),
        context=_context(results),
        facts={
            "Host": tuple(_facts(results.host)),
            "Profile": tuple(_facts(results.profile)),
            "Packages": tuple(_facts(results.packages)),
        },
        results=to_json(results),
    )


def write_html(path: Path, results: RunResults) -> None:
    """Write the report to `path` atomically. Raises `ReportError` if that is not possible."""
    replace_file(path, to_html(results).encode(errors="replace"))


def marked(text: str) -> Markup:
    """Return a sentence as HTML: words in backticks and store paths as code, everything else escaped."""
    parts, end = [], 0
    for found in _CODE.finditer(text):
        parts.append(escape(text[end : found.start()]))
        if found["code"] is not None:
            parts.append(Markup("<code>{}</code>").format(found["code"]))
        else:
            path = Markup('<code>{}<span class="hash">{}</span>{}</code>')
            parts.append(path.format(found["store"], found["hash"], found["name"]))
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _grouped(findings: Iterable[Finding]) -> FindingGroups:
    decisive, not_applicable, self_reported = [], [], []
    for finding in findings:
        if finding.rating is Rating.INTENT and finding.status is not FindingStatus.REFUTED:
            self_reported.append(finding)
        elif finding.status is FindingStatus.NOT_APPLICABLE:
            not_applicable.append(finding)
        else:
            decisive.append(finding)
    decisive.sort(key=lambda finding: _URGENCY.index(finding.status))
    return FindingGroups(tuple(decisive), tuple(not_applicable), tuple(self_reported))


def _context(results: RunResults) -> tuple[str, ...]:
    """Return what identifies the run at a glance: the CPU, the profile, the package set and its toolchain."""
    named = (
        ("", results.host.get("brand") or results.host.get("microarchitecture")),
        ("profile ", results.profile.get("name")),
        ("packages ", results.packages.get("ref")),
        ("toolchain ", results.packages.get("toolchain")),
    )
    return tuple(f"{prefix}{value}" for prefix, value in named if value)


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
    """Flatten nested values to dotted names, and join lists to one text."""
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
