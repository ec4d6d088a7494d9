"""Measures one workload: samples of both sides, their result, and the state of the machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_rtopt.bench import judge, machine, noise, sampler, statistics
from pytest_rtopt.bench.clock import clock_of, seconds
from pytest_rtopt.bench.pinning import pinned
from pytest_rtopt.bench.sampler import Comparison, Engine, Pair, SamplingPlan
from pytest_rtopt.results.values import BenchmarkResult, BenchmarkVerdict, Clock, RivalSpeedup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_rtopt.bench.rivals import Field
    from pytest_rtopt.results.values import Speedup

    OnPair = Callable[[int, float, float], None]


@dataclass(frozen=True)
class Turn:
    """The sampling plan for one measurement of a workload, and the callback for its pairs."""

    plan: SamplingPlan
    on_pair: OnPair


@dataclass(frozen=True)
class Measurement:
    """All data of one measured workload.

    `pairs` are in the order of measurement. `core` is the core of both sides, or `None` if they were not
    pinned. `wall_speedup` and `cpu_speedup` are the estimates by either clock; `result` uses one of them.
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
    """Ctrl-C during a measurement that had enough pairs for an interval; `measurement` holds them."""

    def __init__(self, measurement: Measurement) -> None:
        super().__init__()
        self.measurement = measurement


def ignore_pair(_done: int, _elapsed: float, _budget: float) -> None:
    """Do nothing; the default for `on_pair`."""


_REAL = Engine()
_LAST_SHARE = statistics.LOOK_SHARES[-1]


def measure(
    comparison: Comparison,
    plan: SamplingPlan,
    *,
    on_pair: OnPair = ignore_pair,
    engine: Engine = _REAL,
) -> Measurement:
    """Measure `comparison` in interleaved pairs until the verdict is clear or the plan is completed.

    `on_pair(done, elapsed, budget)` is called after each pair; `elapsed` and `budget` are in seconds. Raises
    `WorkloadFailure` if a process of the workload fails, runs out of time or gives a different answer. Raises
    `MeasurementInterrupted` at Ctrl-C if there are enough pairs for an interval.
    """
    before = machine.read_machine(compiler=comparison.compiler)
    sampler.prepare(comparison, engine)
    looks = statistics.interim_looks(plan.min_pairs)
    measured: list[Pair] = []
    with pinned() as core:

        def conclude(share: float, *, interrupted: bool = False) -> Measurement:
            clock = clock_of(measured)
            result = result_of(comparison, speedup_of(measured, clock, share), len(measured), clock)
            after = machine.read_machine(compiler=comparison.compiler)
            conditions = noise.conditions(measured, clock, warm.starts)
            result = replace(
                result,
                conditions=noise.with_load(conditions, before, after),
                rivals=rival_speedups(measured, clock, share, warm.field),
            )
            return Measurement(
                result=interrupted_result(result) if interrupted else result,
                pairs=tuple(measured),
                seed=plan.seed,
                core=core,
                wall_speedup=_estimate(measured, Clock.WALL),
                cpu_speedup=_estimate(measured, Clock.CPU),
                before=before,
                after=after,
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


def interrupted_result(result: BenchmarkResult) -> BenchmarkResult:
    """Return the result of an interrupted measurement, with its interval and without a verdict."""
    return replace(
        result,
        verdict=BenchmarkVerdict.INCONCLUSIVE,
        reason=f"It was interrupted after {result.pairs} pairs; run it again for a verdict.",
        interrupted=True,
    )


def _is_settled(comparison: Comparison, pairs: Sequence[Pair], share: float) -> bool:
    workload = comparison.workload
    speedup = speedup_of(pairs, clock_of(pairs), share)
    return judge.is_settled(speedup, workload.threshold, workload.expected, comparison.layout_margin)


def speedup_of(pairs: Sequence[Pair], clock: Clock, share: float) -> Speedup:
    """Return the speedup of `pairs` by `clock`, at a look that may spend this share of the error."""
    ratios = statistics.log_ratios(
        [seconds(pair.stock, clock) for pair in pairs], [seconds(pair.optimized, clock) for pair in pairs]
    )
    return statistics.speedup(ratios, share=share)


def rival_speedups(
    pairs: Sequence[Pair], clock: Clock, share: float, rivals: Field
) -> tuple[RivalSpeedup, ...]:
    """Return what `pairs` show about each rival: against stock, and optimized against it."""
    measured = tuple(
        RivalSpeedup(
            rival.name,
            len(pairs),
            speedup=speedup_of(
                [replace(pair, optimized=pair.rivals[rival.name]) for pair in pairs], clock, share
            ),
            lead=speedup_of([replace(pair, stock=pair.rivals[rival.name]) for pair in pairs], clock, share),
        )
        for rival in rivals.rivals
    )
    withdrawn = (RivalSpeedup(name, withdrawn=reason) for name, reason in rivals.withdrawn.items())
    return (*measured, *withdrawn)


def _estimate(pairs: Sequence[Pair], clock: Clock) -> float:
    # Some kernels count CPU time in ticks, so a short process may show zero.
    counted = [pair for pair in pairs if seconds(pair.stock, clock) and seconds(pair.optimized, clock)]
    return speedup_of(counted, clock, 1.0).estimate if len(counted) == len(pairs) else 1.0


def result_of(comparison: Comparison, speedup: Speedup, pairs: int, clock: Clock) -> BenchmarkResult:
    """Judge a speedup of `comparison`, which may come from one build or several."""
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
