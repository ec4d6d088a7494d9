"""Speedup and its interval from paired times: pure functions over arrays.

The unit of analysis is the pair: one process start of stock and one of optimized, next to each other in time
and in random order. Its statistic is the log-ratio `log(stock / optimized)`. Where the two sides are the same
program the sign of a log-ratio is a coin toss, so its distribution is symmetric about zero whatever the noise
looks like; where one side is faster by a factor, it is symmetric about the logarithm of that factor.

**Location.** Every measure of location estimates the centre of a symmetric distribution, so the choice is
one of noise. Times of processes have rare long delays: with them the mean's interval is wide and misses far
more often than it says, and the median's bootstrap distribution has too few distinct values at ten pairs.
The 20 % trimmed mean is robust to a fifth of the pairs being hit on either side, and keeps most of the
mean's precision when none is (Wilcox, "Introduction to Robust Estimation and Hypothesis Testing").

**Interval.** A percentile bootstrap over pairs, expanded for small samples: the percentile is
`Phi(-sqrt(n / (n - 1)) * t)` with Student's quantile `t` at `n - 1` degrees of freedom instead of `alpha / 2`
(Hesterberg, "What Teachers Should Know about the Bootstrap", 2015). BCa corrects for bias and
skewness that a symmetric statistic does not have, and pays for estimating them.

**Looks.** Pairs are added until the verdict is clear, and looking again and again at a 95 % interval finds
"gains" in noise. There are at most three looks, and each has a part of the 5 %: `LOOK_ERRORS`. By the union
bound the interval that is reported covers the truth in at least 95 % of the runs, whichever look ended the
sampling and however the looks depend on each other (repeated confidence intervals, Jennison and Turnbull
1989). Most of the error is kept for the last look, so that a long run is hardly wider than one that never
looked.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from pytest_rtopt.errors import RtoptError
from pytest_rtopt.results import Speedup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LOOK_ERRORS = (0.01, 0.01, 0.03)
FEWEST_PAIRS = 5
_TRIMMED = 0.2
_RESAMPLES = 9999
_POWER = 0.8


class StatisticsError(RtoptError):
    """Times from which no ratio can be had: none, too few, of unequal number, or not positive."""


def log_ratios(stock: Sequence[float], optimized: Sequence[float]) -> NDArray[np.float64]:
    """Return `log(stock / optimized)` for each pair; both hold seconds, one per pair, in the same order.

    Raises `StatisticsError` unless the numbers of times are equal and all of them positive and finite.
    """
    left = np.asarray(stock, dtype=np.float64)
    right = np.asarray(optimized, dtype=np.float64)
    if left.ndim != 1 or left.shape != right.shape:
        raise StatisticsError(f"{left.size} times of stock cannot be paired with {right.size} of optimized.")
    if not all(bool(np.all(np.isfinite(side) & (side > 0))) for side in (left, right)):
        raise StatisticsError("A time that is not positive and finite has no ratio; measure it again.")
    ratios: NDArray[np.float64] = np.log(left) - np.log(right)
    return ratios


def speedup(ratios: NDArray[np.float64], *, seed: int, error: float = 0.05) -> Speedup:
    """Return the speedup, its two-sided interval of level `1 - error`, and the minimum detectable effect.

    `ratios` are log-ratios, one per pair; the bootstrap is seeded by `seed`, so equal input gives equal
    output. The interval goes to `ci95`: with `error` from `LOOK_ERRORS` it is the interval of one look, and
    the run as a whole has 95 %. The minimum detectable effect is `exp((t + z) * se) - 1`: the gain that an
    interval of this level at this noise and number of pairs shows to be a gain in 80 % of runs, with
    Student's `t` at `1 - error / 2` and the normal quantile `z` at 0.8. Pairs that are all equal give an
    interval of no width. Raises `StatisticsError` for fewer than `FEWEST_PAIRS` pairs.
    """
    pairs = int(ratios.size)
    if pairs < FEWEST_PAIRS:
        raise StatisticsError(f"{pairs} pairs give no interval; measure at least {FEWEST_PAIRS}.")
    centre = float(stats.trim_mean(ratios, _TRIMMED))
    if float(np.ptp(ratios)) == 0:
        return Speedup(math.exp(centre), (math.exp(centre), math.exp(centre)), 0.0)
    quantile = float(stats.t.ppf(1 - error / 2, pairs - 1))
    small_sample = math.sqrt(pairs / (pairs - 1))
    tail = float(stats.norm.cdf(-small_sample * quantile))
    drawn = stats.bootstrap(
        (ratios,),
        _location,
        n_resamples=_RESAMPLES,
        vectorized=True,
        confidence_level=1 - 2 * tail,
        method="percentile",
        rng=np.random.default_rng(seed),
    )
    low, high = (float(bound) for bound in drawn.confidence_interval)
    deviation = small_sample * float(drawn.standard_error)
    detectable = math.expm1((quantile + float(stats.norm.ppf(_POWER))) * deviation)
    return Speedup(math.exp(centre), (math.exp(low), math.exp(high)), detectable)


def geometric_mean(speedups: Sequence[Speedup]) -> Speedup:
    """Return the geometric mean of independent speedups, with a 95 % interval of the mean of these workloads.

    On the scale of logarithms the mean of independent estimates has the variance `sum(se_i ** 2) / n ** 2`;
    each standard error is its interval's width over twice the normal quantile at 0.975, and the mean of
    several is close to normal. The interval is about noise, not about other workloads than these.
    Raises `StatisticsError` for none.
    """
    if not speedups:
        raise StatisticsError("No speedup has no mean; measure a workload.")
    quantile = float(stats.norm.ppf(0.975))
    logs = np.log([(measured.estimate, *measured.ci95) for measured in speedups])
    centre = float(np.mean(logs[:, 0]))
    errors = (logs[:, 2] - logs[:, 1]) / (2 * quantile)
    error = float(np.linalg.norm(errors)) / len(speedups)
    low, high = centre - quantile * error, centre + quantile * error
    detectable = math.expm1((quantile + float(stats.norm.ppf(_POWER))) * error)
    return Speedup(math.exp(centre), (math.exp(low), math.exp(high)), detectable)


def look_error(look: int) -> float:
    """Return the share of the 5 % that belongs to look number `look`, counted from 0."""
    return LOOK_ERRORS[look]


def interim_looks(min_pairs: int) -> dict[int, int]:
    """Return the numbers of pairs at which to look before the end, each with the number of its look."""
    return {min_pairs * 2**look: look for look in range(len(LOOK_ERRORS) - 1)}


def _location(sample: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    trimmed: NDArray[np.float64] = stats.trim_mean(sample, _TRIMMED, axis=axis)
    return trimmed
