"""Intervals, p-values and their correction for multiple tests, computed from a stored precision.

The gate repeats the decision on every switch and needs only this module. It uses `scipy.special`, which has
the distributions that `scipy.stats` wraps and takes a third of the time to import. The import happens only if
a measurement exists.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_rtopt.results.values import Precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_rtopt.results.values import Speedup


def interval(log_estimate: float, precision: Precision, error: float) -> tuple[float, float]:
    """Return the two-sided interval of level `1 - error` of a speedup, from the estimate of its logarithm."""
    half = quantile(precision, error) * precision.error
    return math.exp(log_estimate - half), math.exp(log_estimate + half)


def precision_of(measured: Speedup) -> Precision:
    """Return the precision of a speedup; if only its interval is known, assume a normal distribution."""
    if measured.precision is not None:
        return measured.precision
    low, high = measured.ci95
    return Precision(math.log(high / low) / (2 * normal_quantile(0.975)), math.inf, 1.0)


def p_value(log_estimate: float, precision: Precision, bound: float) -> float:
    """Return the smallest error at which the two-sided interval excludes the speedup `bound`."""
    distance = abs(log_estimate - math.log(bound))
    if precision.error == 0:
        return 0.0 if distance else 1.0
    return min(1.0, 2 * _tail(precision, distance / precision.error) / precision.share)


def holm(p_values: Sequence[float], error: float) -> tuple[bool, ...]:
    """Return which hypotheses are rejected if `error` is the probability of at least one wrong rejection.

    This is Holm's step-down method (1979), which is valid for any dependence between the tests. SciPy only
    corrects the false discovery rate, which would allow some wrong adoptions among many.
    """
    rejected = [False] * len(p_values)
    for done, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[index] > error / (len(p_values) - done):
            break
        rejected[index] = True
    return tuple(rejected)


def quantile(precision: Precision, error: float) -> float:
    """Return the half width of the two-sided interval of level `1 - error`, in standard errors."""
    from scipy import special  # noqa: PLC0415  # see the module docstring

    return float(special.stdtrit(precision.freedom, 1 - precision.share * error / 2))


def normal_quantile(probability: float) -> float:
    """Return the quantile of the standard normal distribution."""
    from scipy import special  # noqa: PLC0415  # see the module docstring

    return float(special.ndtri(probability))


def _tail(precision: Precision, distance: float) -> float:
    from scipy import special  # noqa: PLC0415  # see the module docstring

    return float(special.stdtr(precision.freedom, -distance))
