"""Several builds of one source, so that how the code of one happens to lie in memory is not taken for a gain.

The unit of replication is the build: what is asked is the speedup of builds like these, of which each is a
sample. The noise within a build is known from its pairs; how much builds differ has to be seen, and of two
there is little to see it from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pytest_rtopt.base.errors import LayoutError
from pytest_rtopt.bench import judge, measure
from pytest_rtopt.bench.intervals import interval, normal_quantile, precision_of, quantile
from pytest_rtopt.bench.statistics import POWER, StatisticsError
from pytest_rtopt.results.values import PROOF_ERROR, BuildSpeedup, Clock, Precision, Speedup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_rtopt.bench.measure import Measurement
    from pytest_rtopt.bench.sampler import Comparison
    from pytest_rtopt.results.values import BenchmarkResult

_FEWEST = 2
# Of four builds that differ, the 99.7 % interval reaches 9 standard errors to each side; of two it is 212.
_MOST_UNASKED = 4
# The variance of two equal builds is more than this many times their noise in about 5 %.
_BEYOND = 4.0


@dataclass(frozen=True)
class FurtherBuilds:
    """How to come by further builds of a workload, and how to measure one.

    `requested` is the number of builds that the user named, if any. `comparison` returns the builds of a
    number from 1; it raises `LayoutError` where there is none.
    """

    requested: int | None
    comparison: Callable[[int], Comparison]
    measure: Callable[[Comparison], Measurement]


def over_builds(speedups: Sequence[Speedup]) -> Speedup:
    """Return the mean speedup of several builds, with the interval of the mean of all builds like them.

    On the scale of logarithms the mean of `k` builds has the variance `(noise + spread) / k`, of which
    `noise` is the mean of their squared standard errors and `spread` the variance of their estimates about
    their mean. The latter holds the noise already, which is counted twice: to subtract it would leave a
    spread of nothing in every other case, and an interval as narrow as if it were known that builds do not
    differ. The degrees of freedom are those of Satterthwaite (1946), so that two builds that differ by more
    than noise give an interval that hardly proves anything, and two that agree one of about the width of a
    single build. Raises `StatisticsError` for fewer than two.
    """
    builds = len(speedups)
    if builds < _FEWEST:
        raise StatisticsError(f"{builds} builds have no spread; measure at least {_FEWEST}.")
    precisions = [precision_of(measured) for measured in speedups]
    logs = np.log([measured.estimate for measured in speedups])
    squared = np.array([precision.error**2 for precision in precisions])
    noise, spread = float(np.mean(squared)) / builds, float(np.var(logs, ddof=1)) / builds
    uncertain = sum(
        error**2 / precision.freedom for error, precision in zip(squared, precisions, strict=True)
    )
    # Of each part its square over its own degrees of freedom.
    divided = uncertain / builds**4 + spread**2 / (builds - 1)
    freedom = (noise + spread) ** 2 / divided if divided > 0 else math.inf
    precision = Precision(math.sqrt(noise + spread), freedom, min(part.share for part in precisions))
    centre = float(np.mean(logs))
    reach = quantile(precision, PROOF_ERROR) + normal_quantile(POWER)
    return Speedup(
        math.exp(centre),
        interval(centre, precision, 0.05),
        math.expm1(min(reach * precision.error, 1.0)),
        precision,
    )


def result_over(comparison: Comparison, measurements: Sequence[Measurement]) -> BenchmarkResult:
    """Judge `comparison` by several builds of it; by wall time, unless all of them are told by CPU time."""
    clocks = {measurement.result.clock for measurement in measurements}
    clock = Clock.WALL if Clock.WALL in clocks else Clock.CPU
    builds = tuple(
        BuildSpeedup(
            len(measurement.pairs),
            measure.speedup_of(measurement.pairs, clock, precision_of(measurement.result.speedup).share),
        )
        for measurement in measurements
    )
    speedup = over_builds([build.speedup for build in builds])
    result = measure.result_of(comparison, speedup, sum(build.pairs for build in builds), clock)
    seen = ", ".join(f"{build.speedup.estimate:.4f}" for build in builds)
    beyond_noise = ""
    if differ([build.speedup for build in builds]):
        beyond_noise = (
            ", which is more than noise: more builds would narrow the interval, more seconds would not"
        )
    return replace(
        result,
        reason=f"{result.reason} Its {len(builds)} builds are {seen}{beyond_noise}.",
        conditions=measurements[0].result.conditions,
        builds=builds,
    )


def differ(measured: Sequence[Speedup]) -> bool:
    """Whether builds differ by more than the noise within each, so that more of them would tell more."""
    noise = np.mean([precision_of(speedup).error ** 2 for speedup in measured])
    return bool(np.var(np.log([speedup.estimate for speedup in measured]), ddof=1) > _BEYOND * noise)


def replicated(comparison: Comparison, first: Measurement, further: FurtherBuilds) -> BenchmarkResult:
    """Judge `comparison` by as many builds as were asked for, or by two to four where one differs by little.

    Unasked, a third and a fourth are for builds that differ by more than noise: of two the spread is hardly
    known. Where there is no further build, the result is that of those before, and says so.
    """
    small = judge.small_difference_proven(first.result.speedup, comparison.layout_margin)
    measurements, ended = [first], ""
    try:
        while len(measurements) < (further.requested or _wanted(measurements, small=small)):
            measurements.append(further.measure(further.comparison(len(measurements))))
    except LayoutError as reason:
        ended = str(reason)
    if len(measurements) == 1:
        result = first.result
        ended = ended or ("no more were asked for" if small else "")
    else:
        result = result_over(comparison, measurements)
    if not ended:
        return result
    number = "one build" if len(measurements) == 1 else f"{len(measurements)} builds"
    return replace(result, reason=f"{result.reason} That is of {number}, since {ended}.")


def _wanted(measurements: Sequence[Measurement], *, small: bool) -> int:
    if not small:
        return 1
    # The first two decide alone: to stop as soon as builds agree would prefer those that happen to.
    two = [measured.result.speedup for measured in measurements[:_FEWEST]]
    return _MOST_UNASKED if len(two) == _FEWEST and differ(two) else _FEWEST
