"""Numbers and lists as words, the same in every report."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from rich.filesize import decimal

from pytest_rtopt.results.values import FindingStatus, Rating

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_rtopt.results.values import BenchmarkResult, Finding, Speedup

UNKNOWN = "-"
_MINUTE = 60
_HOUR = 3600


def is_measured(speedup: Speedup) -> bool:
    """Return whether there is an interval. A workload that failed has none."""
    return all(math.isfinite(number) for number in (speedup.estimate, *speedup.ci95))


def interval(speedup: Speedup) -> str:
    """Return estimate and 95 % interval: `1.213 [1.198, 1.229]`."""
    if not is_measured(speedup):
        return "not measured"
    low, high = speedup.ci95
    return f"{speedup.estimate:.3f} [{low:.3f}, {high:.3f}]"


def workload(benchmark: BenchmarkResult) -> str:
    """Return the name of the workload, with the number of builds if it was measured on several."""
    builds = len(benchmark.builds)
    return f"{benchmark.workload}, {builds} builds" if builds else benchmark.workload


def load(benchmarks: Iterable[BenchmarkResult]) -> str:
    """Return the highest load that was measured at: `a load of 9.5 on 2 CPUs`; nothing if it is not known."""
    known = [
        (conditions.load, conditions.cpus)
        for conditions in (benchmark.conditions for benchmark in benchmarks)
        if conditions is not None and conditions.load is not None
    ]
    if not known:
        return ""
    highest, cpus = max(known, key=lambda pair: pair[0])
    return f"a load of {highest:.1f}" + (f" on {cpus} CPU{'' if cpus == 1 else 's'}" if cpus else "")


def percent(fraction: float) -> str:
    """Return a fraction in per cent with one decimal: `1.2 %`."""
    return f"{fraction * 100:.1f} %" if math.isfinite(fraction) else UNKNOWN


def promise(benchmark: BenchmarkResult) -> str:
    """Return the promised range of gains and the outcome: `+3..+7 % contradicted`."""
    if benchmark.expected is None:
        return UNKNOWN
    low, high = (f"{fraction * 100:+.3g}" for fraction in benchmark.expected)
    outcome = "" if benchmark.expectation is None else f" {benchmark.expectation}"
    return f"{low}..{high} %{outcome}"


def duration(seconds: float | None) -> str:
    """Return a time in its two largest units: `4.2 s`, `5 min 12 s`, `2 h 05 min`."""
    if seconds is None:
        return UNKNOWN
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{seconds:.1f} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes // _MINUTE} h {minutes % _MINUTE:02d} min"


def size(count: int | None) -> str:
    """Return a number of bytes in decimal units: `234.1 MB`."""
    return UNKNOWN if count is None else decimal(count)


def one_line(text: str) -> str:
    """Return `text` without line breaks and control characters, which could change the terminal."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def listing(items: Sequence[str], limit: int = 3) -> str:
    """Return the items as `a, b and c`; beyond `limit`, the number of the others."""
    shown = list(items[:limit])
    if len(items) > limit:
        shown.append(f"{len(items) - limit} more")
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1]))) if shown else ""


def tally(findings: Iterable[Finding]) -> Mapping[FindingStatus, int]:
    """Return the number of findings with the rating `effect` by status. Every status is a key."""
    counted = Counter(finding.status for finding in findings if finding.rating is Rating.EFFECT)
    return {status: counted[status] for status in FindingStatus}


def label(status: str) -> str:
    """Return a status or verdict as words: `not applicable` for `not-applicable`."""
    return status.replace("-", " ")


def self_reported(findings: Iterable[Finding]) -> int:
    """Return how many findings with the rating `intent` are proven: a runtime reports what it should."""
    return sum(
        finding.rating is Rating.INTENT and finding.status is FindingStatus.PROVEN for finding in findings
    )
