"""Computes the speedup and its interval from paired times; pure functions of arrays.

The unit of analysis is the pair: one start of stock and one of optimized, next to each other in time and in
random order. Its statistic is the log-ratio `log(stock / optimized)`. If both sides are the same program, the
sign of a log-ratio is random, so its distribution is symmetric about zero for any kind of noise. If one side
is faster by a factor, the distribution is symmetric about the logarithm of that factor.

**Location.** Every measure of location estimates the centre of a symmetric distribution, so the one with the
least noise is best. Times of processes have rare long delays. On shared machines, another user can double
them for minutes. On recordings of such times, the 30 % trimmed mean is among the best measures that were
tried (`docs/measuring.md`). With fewer than 20 pairs, 20 % are trimmed, because the interval needs some
pairs.

**Interval.** Tukey and McLaughlin (1963): Student's t on the trimmed sample, with the standard error of the
winsorized sample (`scipy.stats.mstats.trimmed_stde`; Wilcox, "Introduction to Robust Estimation and
Hypothesis Testing", 4.3). `Precision` holds what is needed to compute it at any level.

**Looks.** Pairs are added until the verdict is clear. If a 95 % interval is checked again and again, it will
show "gains" in noise. So there are at most seven looks, and each may spend its share of the error:
`LOOK_SHARES`. By the union bound, the reported interval keeps its level, whichever look ended the sampling
and however the looks depend on each other (repeated confidence intervals, Jennison and Turnbull 1989). Most
of the error is kept for the last look, as proposed by O'Brien and Fleming. So the 95 % interval of a long run
is 8 % wider than without looks, and the 99.7 % interval 4 %. The spending functions of Lan and DeMets would
narrow them by 6 % and 3 % (simulated with a last look at 1280 pairs), but need the final number of pairs in
advance.
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
# Log-ratios that are closer than this are equal: rounding makes less, and noise makes far more.
_ROUNDING = 1e-12
POWER = 0.8


class StatisticsError(RtoptError):
    """Times that give no ratio: there are too few, their numbers differ, or one is not positive."""


def log_ratios(stock: Sequence[float], optimized: Sequence[float]) -> NDArray[np.float64]:
    """Return `log(stock / optimized)` for each pair; both hold seconds, one per pair, in the same order.

    Raises `StatisticsError` unless the numbers of times are equal and all of them positive and finite.
    """
    left = np.asarray(stock, dtype=np.float64)
    right = np.asarray(optimized, dtype=np.float64)
    if left.ndim != 1 or left.shape != right.shape:
        raise StatisticsError(f"{left.size} times of stock cannot be paired with {right.size} of optimized.")
    if not all(bool(np.all(np.isfinite(side) & (side > 0))) for side in (left, right)):
        raise StatisticsError("A time that is not positive and finite has no ratio; repeat the measurement.")
    ratios: NDArray[np.float64] = np.log(left) - np.log(right)
    return ratios


def speedup(ratios: NDArray[np.float64], *, share: float = 1.0) -> Speedup:
    """Return the speedup, its 95 % interval, the minimum detectable effect, and the precision.

    `ratios` are log-ratios, one per pair. `share` is the share of the error that this look may spend. The
    minimum detectable effect is `exp((t + z) * se) - 1`: with this noise and number of pairs, a gain of that
    size is detected by the interval of level `1 - PROOF_ERROR` in 80 % of runs. If all pairs are equal, the
    interval has no width. Raises `StatisticsError` for fewer than `FEWEST_PAIRS` pairs.
    """
    pairs = int(ratios.size)
    if pairs < FEWEST_PAIRS:
        raise StatisticsError(f"{pairs} pairs give no interval; measure at least {FEWEST_PAIRS}.")
    trimmed = _TRIMMED if pairs >= _FIRST_LOOK else _FEW_TRIMMED
    from scipy import stats  # noqa: PLC0415  # the import takes a second, in every run of the suites

    centre = float(stats.trim_mean(ratios, trimmed))
    # Counts are truncated as in `trim_mean`, so that both keep the same pairs.
    error = float(stats.mstats.trimmed_stde(ratios, (trimmed, trimmed), (True, True)))
    # If most pairs are equal, the winsorized sample has no spread although the pairs differ.
    if error < _ROUNDING:
        differ = float(np.ptp(ratios)) > _ROUNDING
        error = float(np.std(ratios, ddof=1)) / math.sqrt(pairs) if differ else 0.0
    precision = Precision(error, pairs - 2 * int(trimmed * pairs) - 1, share)
    low, high = interval(centre, precision, 0.05)
    reach = quantile(precision, PROOF_ERROR) + normal_quantile(POWER)
    return Speedup(math.exp(centre), (low, high), math.expm1(reach * error), precision)


def geometric_mean(speedups: Sequence[Speedup]) -> Speedup:
    """Return the geometric mean of independent speedups, with a 95 % interval for these workloads.

    On the scale of logarithms, the mean of independent estimates has the variance `sum(se_i ** 2) / n ** 2`.
    Each standard error is the width of the interval divided by twice the normal quantile at 0.975, and the
    mean is assumed to be normal. The interval covers noise; it does not predict other workloads.
    Raises `StatisticsError` if there is no speedup.
    """
    if not speedups:
        raise StatisticsError("There is no speedup to take the mean of; measure a workload.")
    reach = normal_quantile(0.975)
    logs = np.log([(measured.estimate, *measured.ci95) for measured in speedups])
    centre = float(np.mean(logs[:, 0]))
    errors = (logs[:, 2] - logs[:, 1]) / (2 * reach)
    error = float(np.linalg.norm(errors)) / len(speedups)
    low, high = centre - reach * error, centre + reach * error
    detectable = math.expm1((reach + normal_quantile(POWER)) * error)
    return Speedup(math.exp(centre), (math.exp(low), math.exp(high)), detectable)


def interim_looks(min_pairs: int) -> dict[int, float]:
    """Return the numbers of pairs at which to look before the end, each with its share of the error.

    They are 20, 40 and so on up to 640; numbers below `min_pairs` are left out.
    """
    looks = {_FIRST_LOOK * 2**look: share for look, share in enumerate(LOOK_SHARES[:-1])}
    return {pairs: share for pairs, share in looks.items() if pairs >= min_pairs}
