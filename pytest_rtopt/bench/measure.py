"""One workload, measured: samples of both sides, the result they give, and the machine around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_rtopt.bench import judge, machine, sampler, statistics
from pytest_rtopt.bench.sampler import Comparison, Engine, Pair, SamplingPlan
from pytest_rtopt.results import BenchmarkResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_rtopt.results import Speedup

    OnPair = Callable[[int, float, float], None]


@dataclass(frozen=True)
class Measurement:
    """Everything that was seen of one workload.

    `pairs` are in the order of measuring, `core` is the core both sides ran on (`None`: not pinned),
    `cpu_speedup` is the estimate from user and system time, beside that of wall time in `result`.
    """

    result: BenchmarkResult
    pairs: tuple[Pair, ...]
    seed: int
    core: int | None
    cpu_speedup: float
    before: machine.MachineState
    after: machine.MachineState


def tell_nobody(_done: int, _elapsed: float, _budget: float) -> None:
    """Be the `on_pair` of those who do not want to hear of pairs."""


_REAL = Engine()
_LAST_LOOK = len(statistics.LOOK_ERRORS) - 1


def measure(
    comparison: Comparison,
    plan: SamplingPlan,
    *,
    on_pair: OnPair = tell_nobody,
    engine: Engine = _REAL,
) -> Measurement:
    """Measure `comparison` in interleaved pairs until the verdict is clear or the plan is fulfilled.

    `on_pair(done, elapsed, budget)` is called after each pair, in seconds. Raises `WorkloadFailure` if a
    process of the workload fails, runs out of time or gives another answer.
    """
    before = machine.read_machine(compiler=comparison.compiler)
    sampler.prepare(comparison, engine)
    looks = statistics.interim_looks(plan.min_pairs)
    measured: list[Pair] = []
    with sampler.pinned() as core:

        def conclude(speedup: Speedup) -> Measurement:
            after = machine.read_machine(compiler=comparison.compiler)
            result = _result(comparison, speedup, len(measured))
            return Measurement(
                result, tuple(measured), plan.seed, core, _cpu_speedup(measured), before, after
            )

        started = engine.clock()
        answer = sampler.warm_up(comparison, engine)
        for pair in sampler.pairs(comparison, plan, answer, engine=engine, started=started):
            measured.append(pair)
            on_pair(len(measured), engine.clock() - started, plan.budget_seconds)
            look = looks.get(len(measured))
            if look is not None:
                seen = _speedup(measured, plan, look)
                if judge.settled(seen, comparison.workload.threshold, comparison.workload.expected):
                    return conclude(seen)
        return conclude(_speedup(measured, plan, _LAST_LOOK))


def _speedup(pairs: Sequence[Pair], plan: SamplingPlan, look: int) -> Speedup:
    ratios = statistics.log_ratios(
        [pair.stock.wall_seconds for pair in pairs], [pair.optimized.wall_seconds for pair in pairs]
    )
    return statistics.speedup(ratios, seed=plan.seed, error=statistics.look_error(look))


def _cpu_speedup(pairs: Sequence[Pair]) -> float:
    # A ratio of sums: CPU time is counted in ticks on some kernels, and a short process may have used none.
    stock = sum(pair.stock.user_seconds + pair.stock.system_seconds for pair in pairs)
    optimized = sum(pair.optimized.user_seconds + pair.optimized.system_seconds for pair in pairs)
    return stock / optimized if optimized else 1.0


def _result(comparison: Comparison, speedup: Speedup, pairs: int) -> BenchmarkResult:
    workload = comparison.workload
    return BenchmarkResult(
        workload=workload.name,
        pairs=pairs,
        speedup=speedup,
        threshold=workload.threshold,
        expected=workload.expected,
        expectation=judge.expectation(speedup, workload.expected),
        verdict=judge.verdict(speedup, workload.threshold),
        reason=judge.reason(speedup, workload.threshold),
    )
