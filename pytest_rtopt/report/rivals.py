"""The rows of rivals, the same in every report: each workload, and the geometric mean of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_rtopt.bench.judge import gain_proven, regression_proven
from pytest_rtopt.results import phrases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_rtopt.results.values import RivalSpeedup, RuntimeResult, Speedup

HEADINGS = ("rival", "workload", "rival over stock", "optimized over rival", "optimized is")


@dataclass(frozen=True)
class RivalRow:
    """A rival in one workload, or in the mean of all.

    `answer` is what optimized is beside it, or the reason why the rival took no part.
    """

    rival: str
    workload: str
    over_stock: str
    lead: str
    answer: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts under `HEADINGS`."""
        return (self.rival, self.workload, self.over_stock, self.lead, self.answer)


def rival_rows(runtimes: Iterable[RuntimeResult]) -> Iterator[RivalRow]:
    """Yield the rows of all rivals, rival by rival."""
    for runtime in runtimes:
        names = dict.fromkeys(rival.name for benchmark in runtime.benchmarks for rival in benchmark.rivals)
        for name in names:
            measured = {
                benchmark.workload: rival
                for benchmark in runtime.benchmarks
                for rival in benchmark.rivals
                if rival.name == name
            }
            yield from (_row(rival, workload) for workload, rival in measured.items())
            yield from _mean(name, runtime.name, measured.values())


def _row(rival: RivalSpeedup, workload: str) -> RivalRow:
    if rival.speedup is None or rival.lead is None:
        return RivalRow(rival.name, workload, phrases.UNKNOWN, phrases.UNKNOWN, rival.withdrawn or "")
    return _measured(rival.name, workload, rival.speedup, rival.lead)


def _mean(name: str, runtime: str, rivals: Iterable[RivalSpeedup]) -> Iterator[RivalRow]:
    both = [(rival.speedup, rival.lead) for rival in rivals]
    complete = [(speedup, lead) for speedup, lead in both if speedup is not None and lead is not None]
    if len(complete) > 1:
        from pytest_rtopt.bench.statistics import geometric_mean  # noqa: PLC0415  # NumPy, only for rivals

        speedup, lead = (geometric_mean(side) for side in zip(*complete, strict=True))
        yield _measured(name, f"{runtime}, geometric mean of {len(complete)}", speedup, lead)


def _measured(name: str, workload: str, speedup: Speedup, lead: Speedup) -> RivalRow:
    return RivalRow(name, workload, phrases.interval(speedup), phrases.interval(lead), _answer(lead))


def _answer(lead: Speedup) -> str:
    if gain_proven(lead):
        return "faster"
    return "slower" if regression_proven(lead) else "no difference proven"
