"""Judges a measured speedup by a required threshold and by a promised range.

All answers come from intervals, never from the estimate alone. A **proven** result uses the interval of level
`1 - PROOF_ERROR` (99.7 %). If a program is compared with itself, that interval is wrong in three of a
thousand comparisons, however noisy the machine is. The reported interval and all weaker answers use 95 %.

- A **gain is proven** if the whole interval is above `1 + margin`, and a **regression** if it is below
  `1 - margin`. The interval covers the noise of the machine. It does not cover the effects of code layout,
  because one build is one sample of all possible layouts; the margin allows for them. `LAYOUT_MARGIN` is a
  choice: builds of one source may differ by more. If both sides are one build, the margin is 0. A proven
  difference below `LAYOUT_REACH` is checked on further builds (`bench/builds.py`), or reported as the result
  of one build.
- **fail**: With a threshold above 0, the whole interval is below `1 + threshold`, so the required gain is
  proven to be missing. With a threshold of 0 or below, the loss is proven to exceed the threshold plus the
  margin.
- **pass**: The result is not a fail, and the lower bound of the interval reaches a floor. A required gain
  (threshold above 0) must be proven, so its floor is `1 + threshold`. Two equal programs can never be proven
  to be "not slower" (threshold 0 or below). So the floor there is `1 + threshold - NOISE_MARGIN` in the
  interval of 95 %, which leaves room only for a loss that nobody notices.
- **inconclusive**: Everything else; more pairs or a quieter machine would decide it.

A promise (`expected`, a range of gains as fractions) never changes the verdict. A promised gain (the low end
is above 0) is **confirmed** if the lower bound of the interval reaches the low end of the promise, even if it
exceeds the high end. It is **contradicted** if the whole interval is below the low end. A promise of "no
difference" (the low end is 0 or below) is tested for equivalence. It is **confirmed** if the whole interval
lies between `1 + low - NOISE_MARGIN` and the larger of `1 + high` and `1 + NOISE_MARGIN` (two one-sided
tests, Schuirmann 1987, each at 2.5 %). It is **contradicted** if the whole interval lies outside. A
difference that was not found is no confirmation. Everything else is **undecided**.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_rtopt.results.values import PROOF_ERROR, BenchmarkVerdict, Expectation, Speedup

if TYPE_CHECKING:
    from collections.abc import Sequence

NOISE_MARGIN = 0.02
LAYOUT_MARGIN = 0.01
# Measured builds of one source differed by up to this fraction (docs/measuring.md).
LAYOUT_REACH = 0.05
# The ratio of the normal quantiles at 99.7 % and 95 %, for a speedup without a stored precision.
_WIDENED = 1.5142


def proof_interval(speedup: Speedup) -> tuple[float, float]:
    """Return the interval of level `1 - PROOF_ERROR`, which decides whether a difference is proven."""
    if speedup.precision is not None:
        from pytest_rtopt.bench import intervals  # noqa: PLC0415  # SciPy, only where something was measured

        return intervals.interval(math.log(speedup.estimate), speedup.precision, PROOF_ERROR)
    low, high = speedup.ci95
    if not 0 < low <= high < math.inf:
        return low, high
    wider = (high / low) ** ((_WIDENED - 1) / 2)
    return low / wider, high * wider


def gain_proven(speedup: Speedup, margin: float = LAYOUT_MARGIN) -> bool:
    """Return whether optimized is faster than stock by more than noise and the margin for layout."""
    return proof_interval(speedup)[0] > 1 + margin


def regression_proven(speedup: Speedup, margin: float = LAYOUT_MARGIN) -> bool:
    """Return whether optimized is slower than stock by more than noise and the margin for layout."""
    return proof_interval(speedup)[1] < 1 - margin


def small_difference_proven(speedup: Speedup, margin: float = LAYOUT_MARGIN) -> bool:
    """Return whether a gain or a loss is proven that is small enough to be an effect of code layout."""
    small = 1 - LAYOUT_REACH < speedup.estimate < 1 + LAYOUT_REACH
    return small and (gain_proven(speedup, margin) or regression_proven(speedup, margin))


def gains_proven_together(speedups: Sequence[Speedup], margin: float = LAYOUT_MARGIN) -> tuple[bool, ...]:
    """Return which speedups are proven gains if `PROOF_ERROR` applies to all of them together.

    This is for the claim that at least one of several workloads is faster, because each further workload is
    a further chance for noise. A gain that is proven alone may not be proven here, but never the reverse.
    """
    alone = [gain_proven(speedup, margin) for speedup in speedups]
    if sum(alone) == 0 or len(speedups) == 1:
        return tuple(alone)
    from pytest_rtopt.bench import intervals  # noqa: PLC0415  # as above

    together = intervals.holm([_p_value(speedup, 1 + margin) for speedup in speedups], PROOF_ERROR)
    return tuple(one and both for one, both in zip(alone, together, strict=True))


def verdict(speedup: Speedup, threshold: float = 0.0, margin: float = LAYOUT_MARGIN) -> BenchmarkVerdict:
    """Judge `speedup` by `threshold`, the required gain as a fraction; the module docstring has the rules."""
    low, high = proof_interval(speedup)
    if high < 1 + threshold - (0 if threshold > 0 else margin):
        return BenchmarkVerdict.FAIL
    reached = low >= 1 + threshold if threshold > 0 else speedup.ci95[0] >= 1 + threshold - NOISE_MARGIN
    return BenchmarkVerdict.PASS if reached else BenchmarkVerdict.INCONCLUSIVE


def expectation(speedup: Speedup, expected: tuple[float, float] | None) -> Expectation | None:
    """Compare `speedup` with a promised range of gains as fractions; `None` without a promise."""
    if expected is None:
        return None
    low, high = speedup.ci95
    if expected[0] > 0:
        floor, ceiling = 1 + expected[0], math.inf
        confirmed = low >= floor
    else:
        floor, ceiling = 1 + expected[0] - NOISE_MARGIN, 1 + max(expected[1], NOISE_MARGIN)
        confirmed = floor <= low and high <= ceiling
    if confirmed:
        return Expectation.CONFIRMED
    return Expectation.CONTRADICTED if high < floor or low > ceiling else Expectation.UNDECIDED


def is_settled(
    speedup: Speedup,
    threshold: float,
    expected: tuple[float, float] | None,
    margin: float = LAYOUT_MARGIN,
) -> bool:
    """Return whether direction, verdict and promise are decided, so that more pairs change none of them.

    The direction also counts as decided if the interval around 1 is so narrow that neither direction can be
    proven.
    """
    low, high = proof_interval(speedup)
    decided = low > 1 + margin or high < 1 - margin or (1 - margin < low and high < 1 + margin)
    return (
        decided
        and verdict(speedup, threshold, margin) is not BenchmarkVerdict.INCONCLUSIVE
        and expectation(speedup, expected) is not Expectation.UNDECIDED
    )


def reason(speedup: Speedup, threshold: float = 0.0, margin: float = LAYOUT_MARGIN) -> str:
    """Return one sentence that explains the verdict."""
    proof = _shown(proof_interval(speedup))
    gain = f"the required gain of {threshold:.1%}"
    answer = verdict(speedup, threshold, margin)
    if answer is BenchmarkVerdict.FAIL:
        bound = gain if threshold > 0 else f"{1 + threshold - margin:g}"
        return f"The whole 99.7 % interval {proof} is below {bound}."
    if answer is BenchmarkVerdict.INCONCLUSIVE:
        return (
            f"{_undecided(speedup, threshold, margin)}; effects below {speedup.mde:.1%} cannot be detected, "
            "so raise the budget or use a quieter machine."
        )
    if gain_proven(speedup, margin):
        return f"A gain is proven: the whole 99.7 % interval {proof} is above {1 + margin:g}."
    if regression_proven(speedup, margin):
        allowed = f"the loss that the threshold {threshold:.1%} allows"
        return f"The 99.7 % interval {proof} is below 1, within {allowed}."
    low = speedup.ci95[0]
    return (
        f"No gain is proven, and the interval {_shown(speedup.ci95)} excludes a loss of more than "
        f"{max(0.0, 1 - low):.1%}."
    )


def _undecided(speedup: Speedup, threshold: float, margin: float) -> str:
    """Return what keeps an inconclusive speedup from a verdict."""
    proof, shown = _shown(proof_interval(speedup)), _shown(speedup.ci95)
    bound = 1 + threshold - (0 if threshold > 0 else margin)
    if speedup.ci95[1] < bound:
        return (
            f"The whole 95 % interval {shown} is below {bound:g}, but the 99.7 % interval {proof}, which a "
            "proof needs, is not"
        )
    if threshold > 0:
        return (
            f"The 99.7 % interval {proof} neither reaches nor excludes the required gain of {threshold:.1%}"
        )
    return f"The 95 % interval {shown} does not exclude a loss of more than {NOISE_MARGIN - threshold:.1%}"


def _p_value(speedup: Speedup, bound: float) -> float:
    from pytest_rtopt.bench import intervals  # noqa: PLC0415  # as above

    return intervals.p_value(math.log(speedup.estimate), intervals.precision_of(speedup), bound)


def _shown(interval: tuple[float, float]) -> str:
    return f"[{interval[0]:.4f}, {interval[1]:.4f}]"
