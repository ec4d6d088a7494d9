"""One workload, measured: samples of both sides, the result they give, and the machine around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_rtopt.bench import judge, machine, noise, sampler, statistics
from pytest_rtopt.bench.clock import clock_of, seconds
from pytest_rtopt.bench.sampler import Comparison, Engine, Pair, SamplingPlan
from pytest_rtopt.results.values import BenchmarkResult, BenchmarkVerdict, Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_rtopt.results.values import Speedup

    OnPair = Callable[[int, float, float], None]


@dataclass(frozen=True)
class Turn:
    """How long a workload may be measured, and who is told of its pairs."""

    plan: SamplingPlan
    on_pair: OnPair


@dataclass(frozen=True)
class Measurement:
    """Everything that was seen of one workload.

    `pairs` are in the order of measuring, `core` is the core both sides ran on (`None`: not pinned).
    `wall_speedup` and `cpu_speedup` are the estimates from either clock, of which `result` has one.
    """

    result: BenchmarkResult
    pairs: tuple[Pair, ...]
    seed: int
    core: int | None
    wall_speedup: float
    cpu_speedup: float
    before: machine.MachineState
    after: machine.MachineState


class MeasurementInterrupted(KeyboardInterrupt):
    """Ctrl-C during a measurement that had pairs enough for an interval: `measurement` has them."""

    def __init__(self, measurement: Measurement) -> None:
        super().__init__()
        self.measurement = measurement


def tell_nobody(_done: int, _elapsed: float, _budget: float) -> None:
    """Be the `on_pair` of those who do not want to hear of pairs."""


_REAL = Engine()
_LAST_SHARE = statistics.LOOK_SHARES[-1]


def measure(
    comparison: Comparison,
    plan: SamplingPlan,
    *,
    on_pair: OnPair = tell_nobody,
    engine: Engine = _REAL,
) -> Measurement:
    """Measure `comparison` in interleaved pairs until the verdict is clear or the plan is fulfilled.

    `on_pair(done, elapsed, budget)` is called after each pair, in seconds. Raises `WorkloadFailure` if a
    process of the workload fails, runs out of time or gives another answer, and `MeasurementInterrupted` at
    Ctrl-C, once there are pairs enough for an interval.
    """
    before = machine.read_machine(compiler=comparison.compiler)
    sampler.prepare(comparison, engine)
    looks = statistics.interim_looks(plan.min_pairs)
    measured: list[Pair] = []
    with sampler.pinned() as core:

        def conclude(share: float, *, interrupted: bool = False) -> Measurement:
            clock = clock_of(measured)
            result = result_of(comparison, speedup_of(measured, clock, share), len(measured), clock)
            result = replace(result, conditions=noise.conditions(measured, clock, warm.starts))
            return Measurement(
                result=until_now(result) if interrupted else result,
                pairs=tuple(measured),
                seed=plan.seed,
                core=core,
                wall_speedup=_estimate(measured, Clock.WALL),
                cpu_speedup=_estimate(measured, Clock.CPU),
                before=before,
                after=machine.read_machine(compiler=comparison.compiler),
            )

        started = engine.clock()
        warm = sampler.warm_up(comparison, engine)
        try:
            for pair in sampler.pairs(comparison, plan, warm, engine=engine, started=started):
                measured.append(pair)
                on_pair(len(measured), engine.clock() - started, plan.budget_seconds)
                share = looks.get(len(measured))
                if share is not None and _is_settled(comparison, measured, share):
                    return conclude(share)
        except KeyboardInterrupt as interrupt:
            if len(measured) < statistics.FEWEST_PAIRS:
                raise
            raise MeasurementInterrupted(conclude(_LAST_SHARE, interrupted=True)) from interrupt
        return conclude(_LAST_SHARE)


def until_now(result: BenchmarkResult) -> BenchmarkResult:
    """Return what an interrupted measurement says: its interval, and no verdict."""
    return replace(
        result,
        verdict=BenchmarkVerdict.INCONCLUSIVE,
        reason=f"It was interrupted after {result.pairs} pairs; run it again for a verdict.",
        interrupted=True,
    )


def _is_settled(comparison: Comparison, pairs: Sequence[Pair], share: float) -> bool:
    workload = comparison.workload
    seen = speedup_of(pairs, clock_of(pairs), share)
    return judge.settled(seen, workload.threshold, workload.expected, comparison.layout_margin)


def speedup_of(pairs: Sequence[Pair], clock: Clock, share: float) -> Speedup:
    """Return the speedup by `clock` that `pairs` show at a look with this share of the error."""
    ratios = statistics.log_ratios(
        [seconds(pair.stock, clock) for pair in pairs], [seconds(pair.optimized, clock) for pair in pairs]
    )
    return statistics.speedup(ratios, share=share)


def _estimate(pairs: Sequence[Pair], clock: Clock) -> float:
    # CPU time is counted in ticks on some kernels, and a short process may have used none.
    counted = [pair for pair in pairs if seconds(pair.stock, clock) and seconds(pair.optimized, clock)]
    return speedup_of(counted, clock, 1.0).estimate if len(counted) == len(pairs) else 1.0


def result_of(comparison: Comparison, speedup: Speedup, pairs: int, clock: Clock) -> BenchmarkResult:
    """Judge a speedup of `comparison`, however many builds it is of."""
    workload, margin = comparison.workload, comparison.layout_margin
    return BenchmarkResult(
        workload=workload.name,
        pairs=pairs,
        speedup=speedup,
        threshold=workload.threshold,
        expected=workload.expected,
        expectation=judge.expectation(speedup, workload.expected),
        verdict=judge.verdict(speedup, workload.threshold, margin),
        reason=judge.reason(speedup, workload.threshold, margin),
        clock=clock,
    )
