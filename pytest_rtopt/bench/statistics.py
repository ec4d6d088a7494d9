"""Speedup and its interval from paired times: pure functions over arrays.

The unit of analysis is the pair: one start of stock and one of optimized, next to each other in time and in
random order. Its statistic is the log-ratio `log(stock / optimized)`. Where the two sides are the same
program the sign of a log-ratio is a coin toss, so its distribution is symmetric about zero whatever the noise
looks like; where one side is faster by a factor, it is symmetric about the logarithm of that factor.

**Location.** Every measure of location estimates the centre of a symmetric distribution, so the choice is
one of noise. Times of processes have rare long delays, and on shared machines whole minutes in which a
neighbour doubles them. The 30 % trimmed mean is near the best of those that were tried on such recordings
(`docs/measuring.md`); below 20 pairs 20 % are trimmed, since the interval needs some pairs that are left.

**Interval.** Tukey and McLaughlin (1963): Student's t on what is left after trimming, with the standard error
of the winsorized sample (`scipy.stats.mstats.trimmed_stde`; Wilcox, "Introduction to Robust Estimation and
Hypothesis Testing", 4.3). It can be had at any level from `Precision`.

**Looks.** Pairs are added until the verdict is clear, and looking again and again at a 95 % interval finds
"gains" in noise. There are at most seven looks, and each may spend its share of the error: `LOOK_SHARES`. By
the union bound an interval that is reported covers the truth as often as it says, whichever look ended the
sampling and however the looks depend on each other (repeated confidence intervals, Jennison and Turnbull
1989). Most of the error is kept for the last look, in the manner of O'Brien and Fleming, so that a long run
is hardly wider than one that never looked. The spending functions of Lan and DeMets gain another 2 % of
width, and need to know beforehand how many pairs there will be.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pytest_rtopt.base.errors import RtoptError
from pytest_rtopt.bench.intervals import interval, normal_quantile, quantile
from pytest_rtopt.results.values import PROOF_ERROR, Precision, Speedup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# At 20, 40, 80, 160, 320 and 640 pairs, and at the end.
LOOK_SHARES = (0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 0.7)
FEWEST_PAIRS = 5
_FIRST_LOOK = 20
_TRIMMED = 0.3
_FEW_TRIMMED = 0.2
POWER = 0.8


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


def speedup(ratios: NDArray[np.float64], *, share: float = 1.0) -> Speedup:
    """Return the speedup, its 95 % interval, the minimum detectable effect, and what intervals are made of.

    `ratios` are log-ratios, one per pair; `share` is the part of any error that this look may spend. The
    minimum detectable effect is `exp((t + z) * se) - 1`: the gain that at this noise and number of pairs
    shows in the interval on which verdicts rest (of level `1 - PROOF_ERROR`) in 80 % of runs. Pairs that are
    all equal give an interval of no width. Raises `StatisticsError` for fewer than `FEWEST_PAIRS` pairs.
    """
    pairs = int(ratios.size)
    if pairs < FEWEST_PAIRS:
        raise StatisticsError(f"{pairs} pairs give no interval; measure at least {FEWEST_PAIRS}.")
    trimmed = _TRIMMED if pairs >= _FIRST_LOOK else _FEW_TRIMMED
    from scipy import stats  # noqa: PLC0415  # a second, which every run of the suites would pay for

    centre = float(stats.trim_mean(ratios, trimmed))
    # Truncated as in `trim_mean`: the same pairs are left.
    error = float(stats.mstats.trimmed_stde(ratios, (trimmed, trimmed), (True, True)))
    # Winsorized alike, most pairs can be equal and the rest not: then what they differ by is not known.
    if error == 0 and float(np.ptp(ratios)) > 0:
        error = float(np.std(ratios, ddof=1)) / math.sqrt(pairs)
    precision = Precision(error, pairs - 2 * int(trimmed * pairs) - 1, share)
    low, high = interval(centre, precision, 0.05)
    reach = quantile(precision, PROOF_ERROR) + normal_quantile(POWER)
    return Speedup(math.exp(centre), (low, high), math.expm1(reach * error), precision)


def geometric_mean(speedups: Sequence[Speedup]) -> Speedup:
    """Return the geometric mean of independent speedups, with a 95 % interval of the mean of these workloads.

    On the scale of logarithms the mean of independent estimates has the variance `sum(se_i ** 2) / n ** 2`;
    each standard error is its interval's width over twice the normal quantile at 0.975, and the mean of
    several is close to normal. The interval is about noise, not about other workloads than these.
    Raises `StatisticsError` for none.
    """
    if not speedups:
        raise StatisticsError("No speedup has no mean; measure a workload.")
    reach = normal_quantile(0.975)
    logs = np.log([(measured.estimate, *measured.ci95) for measured in speedups])
    centre = float(np.mean(logs[:, 0]))
    errors = (logs[:, 2] - logs[:, 1]) / (2 * reach)
    error = float(np.linalg.norm(errors)) / len(speedups)
    low, high = centre - reach * error, centre + reach * error
    detectable = math.expm1((reach + normal_quantile(POWER)) * error)
    return Speedup(math.exp(centre), (math.exp(low), math.exp(high)), detectable)


def interim_looks(min_pairs: int) -> dict[int, float]:
    """Return the numbers of pairs at which to look before the end, each with the share of its look.

    They are 20 and its doubles up to 640; no look comes before `min_pairs`.
    """
    looks = {_FIRST_LOOK * 2**look: share for look, share in enumerate(LOOK_SHARES[:-1])}
    return {pairs: share for pairs, share in looks.items() if pairs >= min_pairs}
