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


@dataclass(frozen=True)
class Observer:
    """Who is told: `on_pair(done, elapsed, budget)` after each pair, in seconds; `on_interrupt` at Ctrl-C.

    `on_interrupt` gets the measurement so far, if there are enough pairs for one, before `KeyboardInterrupt`
    goes on.
    """

    on_pair: Callable[[int, float, float], None] = lambda _done, _elapsed, _budget: None
    on_interrupt: Callable[[Measurement], None] = lambda _measurement: None


_NOBODY = Observer()
_REAL = Engine()
_LAST_LOOK = len(statistics.LOOK_ERRORS) - 1


def measure(
    comparison: Comparison,
    plan: SamplingPlan,
    *,
    observer: Observer = _NOBODY,
    engine: Engine = _REAL,
    compiler: str | None = None,
) -> Measurement:
    """Measure `comparison` in interleaved pairs until the verdict is clear or the plan is fulfilled.

    `compiler` is recorded with the machine. Raises `WorkloadFailure` if a process of the workload fails, runs
    out of time or gives another answer, and `KeyboardInterrupt` after telling `observer` what there is.
    """
    before = machine.read_machine(compiler=compiler)
    sampler.prepare(comparison, engine)
    looks = statistics.interim_looks(plan.min_pairs)
    measured: list[Pair] = []
    with sampler.pinned() as core:

        def conclude(speedup: Speedup) -> Measurement:
            after = machine.read_machine(compiler=compiler)
            result = _result(comparison, speedup, len(measured))
            return Measurement(
                result, tuple(measured), plan.seed, core, _cpu_speedup(measured), before, after
            )

        try:
            started = engine.clock()
            answer = sampler.warm_up(comparison, engine)
            for pair in sampler.pairs(comparison, plan, answer, engine=engine, started=started):
                measured.append(pair)
                observer.on_pair(len(measured), engine.clock() - started, plan.budget_seconds)
                look = looks.get(len(measured))
                if look is not None:
                    seen = _speedup(measured, plan, look)
                    if judge.settled(seen, comparison.workload.threshold, comparison.workload.expected):
                        return conclude(seen)
        except KeyboardInterrupt:
            if len(measured) >= statistics.FEWEST_PAIRS:
                observer.on_interrupt(conclude(_speedup(measured, plan, _LAST_LOOK)))
            raise
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
