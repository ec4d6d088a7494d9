"""Measures several builds of one source, so that an accident of code layout is not reported as a gain.

The unit of replication is the build: each build is one sample of all possible builds of this source, and the
result is the mean speedup of such builds. The pairs of a build show the noise within it. Only several builds
show how much builds differ, and two of them show it poorly.
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

_MIN_BUILDS = 2
# If builds differ, the 99.7 % interval of four extends 9 standard errors to each side, and that of two 212.
_MAX_AUTOMATIC_BUILDS = 4
# For two equal builds, the variance exceeds their noise by this factor in about 5 % of cases.
_VARIANCE_RATIO = 4.0


@dataclass(frozen=True)
class FurtherBuilds:
    """Makes and measures further builds of a workload.

    `requested` is the number of builds that the user set, if any. `comparison` returns the comparison for
    further build number 1, 2 and so on; it raises `LayoutError` if there is no such build.
    """

    requested: int | None
    comparison: Callable[[int], Comparison]
    measure: Callable[[Comparison], Measurement]


def mean_speedup(speedups: Sequence[Speedup]) -> Speedup:
    """Return the mean speedup of several builds, with an interval for the mean of all such builds.

    On the scale of logarithms, the mean of `k` builds has the variance `(noise + spread) / k`. `noise` is the
    mean of the squared standard errors, and `spread` is the variance of the estimates about their mean. The
    spread already includes the noise, so the noise is counted twice. This is deliberate: if it were
    subtracted, the spread would be zero in half of all cases, and the interval as narrow as if builds were
    known not to differ. The degrees of freedom are those of Satterthwaite (1946). So if two builds differ by
    more than noise, the interval is too wide to prove much; if they agree, it is about as wide as that of one
    build. Raises `StatisticsError` for fewer than two builds.
    """
    builds = len(speedups)
    if builds < _MIN_BUILDS:
        raise StatisticsError(f"{builds} builds have no spread; measure at least {_MIN_BUILDS}.")
    precisions = [precision_of(measured) for measured in speedups]
    logs = np.log([measured.estimate for measured in speedups])
    squared = np.array([precision.error**2 for precision in precisions])
    noise, spread = float(np.mean(squared)) / builds, float(np.var(logs, ddof=1)) / builds
    uncertain = sum(
        error**2 / precision.freedom for error, precision in zip(squared, precisions, strict=True)
    )
    # The sum over all parts of the squared variance divided by its degrees of freedom.
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


def result_over_builds(comparison: Comparison, measurements: Sequence[Measurement]) -> BenchmarkResult:
    """Judge `comparison` by several builds; by CPU time if all of them use it, otherwise by wall time."""
    clocks = {measurement.result.clock for measurement in measurements}
    clock = Clock.WALL if Clock.WALL in clocks else Clock.CPU
    builds = tuple(
        BuildSpeedup(
            len(measurement.pairs),
            measure.speedup_of(measurement.pairs, clock, precision_of(measurement.result.speedup).share),
        )
        for measurement in measurements
    )
    speedup = mean_speedup([build.speedup for build in builds])
    result = measure.result_of(comparison, speedup, sum(build.pairs for build in builds), clock)
    estimates = ", ".join(f"{build.speedup.estimate:.4f}" for build in builds)
    beyond_noise = ""
    if builds_differ([build.speedup for build in builds]):
        beyond_noise = (
            "; they differ by more than noise, so more builds would narrow the interval, but more seconds "
            "would not"
        )
    return replace(
        result,
        reason=f"{result.reason} The speedups of its {len(builds)} builds are {estimates}{beyond_noise}.",
        conditions=measurements[0].result.conditions,
        rivals=measurements[0].result.rivals,
        builds=builds,
    )


def builds_differ(measured: Sequence[Speedup]) -> bool:
    """Return whether builds differ by more than the noise within each, so that further builds are useful."""
    noise = np.mean([precision_of(speedup).error ** 2 for speedup in measured])
    return bool(np.var(np.log([speedup.estimate for speedup in measured]), ddof=1) > _VARIANCE_RATIO * noise)


def replicate(comparison: Comparison, first: Measurement, further: FurtherBuilds) -> BenchmarkResult:
    """Judge `comparison` by the requested number of builds, or by two to four if the difference is small.

    If no number is requested, a third and a fourth build are measured only if the first two differ by more
    than noise. If there is no further build, the result uses the earlier builds, and its reason says so.
    """
    small = judge.small_difference_proven(first.result.speedup, comparison.layout_margin)
    measurements, ended = [first], ""
    try:
        while len(measurements) < (further.requested or _builds_needed(measurements, small=small)):
            measurements.append(further.measure(further.comparison(len(measurements))))
    except LayoutError as reason:
        ended = str(reason)
    if len(measurements) == 1:
        result = first.result
        ended = ended or ("no further builds were requested" if small else "")
    else:
        result = result_over_builds(comparison, measurements)
    if not ended:
        return result
    number = "one build" if len(measurements) == 1 else f"{len(measurements)} builds"
    return replace(result, reason=f"{result.reason} This is the result of {number}, because {ended}.")


def _builds_needed(measurements: Sequence[Measurement], *, small: bool) -> int:
    if not small:
        return 1
    # Only the first two decide: to stop as soon as builds agree would favour those that agree by chance.
    two = [measured.result.speedup for measured in measurements[:_MIN_BUILDS]]
    return _MAX_AUTOMATIC_BUILDS if len(two) == _MIN_BUILDS and builds_differ(two) else _MIN_BUILDS
