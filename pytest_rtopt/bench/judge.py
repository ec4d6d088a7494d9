"""What a measured speedup means against a threshold and against a promise.

All answers are read from intervals, never from the estimate. What is called **proven** rests on the interval
of level `1 - PROOF_ERROR` (99.7 %), which is wrong in three of a thousand comparisons of a program with
itself, however noisy the machine; the interval that is reported, and all weaker answers, are of 95 %.

- a **gain is proven** when the whole interval is above `1 + margin`, a **regression** when it is below
  `1 - margin`. The interval covers the noise of the machine, but one build is one sample of how code happens
  to lie in memory, and what layout may have done is neither. `LAYOUT_MARGIN` is a choice: builds of one
  source may differ by more. Where both sides are one build there is nothing to allow for, and the margin is
  0. A proven difference below `LAYOUT_REACH` is held against further builds (`bench/builds.py`), or told as
  what it is, that of one build;
- **fail**: a required gain (threshold above 0) is proven not to be there, the whole interval being below
  `1 + threshold`; or, for a threshold of 0 or below, the loss is proven to be more than it and the margin
  allow;
- **pass**: not a fail, and the lower bound reaches the floor. A required gain (threshold above 0) has to be
  proven, so its floor is `1 + threshold`. "Not slower" (threshold 0 or below) can never be proven of two
  equal programs, so there the floor is `1 + threshold - NOISE_MARGIN`, for the interval of 95 %: what is left
  open is at most a loss that nobody notices;
- **inconclusive**: everything else; more pairs or a quieter machine would decide it.

A promise (`expected`, a range of gains as fractions) never moves the verdict. A gain that was promised (the
low end is above 0) is **confirmed** when the lower bound reaches the low end, also beyond the high end; it is
**contradicted** when the whole interval is below the low end. "No difference" (the low end is 0 or below) is
tested for equivalence: **confirmed** when the whole interval lies between `1 + low - NOISE_MARGIN` and
`1 + high`, or `1 + NOISE_MARGIN` if that is more (two one-sided tests, Schuirmann 1987, each at 2.5 %), and
**contradicted** when all of it lies outside. Not to have found a difference confirms nothing. Everything else
is **undecided**.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_rtopt.results.values import PROOF_ERROR, BenchmarkVerdict, Expectation, Speedup

if TYPE_CHECKING:
    from collections.abc import Sequence

NOISE_MARGIN = 0.02
LAYOUT_MARGIN = 0.01
# Builds of one source differed by up to this (docs/measuring.md).
LAYOUT_REACH = 0.05
# The ratio of the normal quantiles of 99.7 and 95 %, for speedups of which only the interval is known.
_WIDENED = 1.5142


def proof_interval(speedup: Speedup) -> tuple[float, float]:
    """Return the interval of level `1 - PROOF_ERROR`, on which it rests whether something is proven."""
    if speedup.precision is not None:
        from pytest_rtopt.bench import intervals  # noqa: PLC0415  # SciPy, only where something was measured

        return intervals.interval(math.log(speedup.estimate), speedup.precision, PROOF_ERROR)
    low, high = speedup.ci95
    if not 0 < low <= high < math.inf:
        return low, high
    wider = (high / low) ** ((_WIDENED - 1) / 2)
    return low / wider, high * wider


def gain_proven(speedup: Speedup, margin: float = LAYOUT_MARGIN) -> bool:
    """Whether optimized is faster than stock, beyond noise and the margin for layout."""
    return proof_interval(speedup)[0] > 1 + margin


def regression_proven(speedup: Speedup, margin: float = LAYOUT_MARGIN) -> bool:
    """Whether optimized is slower than stock, beyond noise and the margin for layout."""
    return proof_interval(speedup)[1] < 1 - margin


def small_difference_proven(speedup: Speedup, margin: float = LAYOUT_MARGIN) -> bool:
    """Whether a gain or a loss is proven that is so small that the layout of one build may have made it."""
    small = 1 - LAYOUT_REACH < speedup.estimate < 1 + LAYOUT_REACH
    return small and (gain_proven(speedup, margin) or regression_proven(speedup, margin))


def gains_proven_together(speedups: Sequence[Speedup], margin: float = LAYOUT_MARGIN) -> tuple[bool, ...]:
    """Return which speedups are gains if that any of them is none may have a probability of `PROOF_ERROR`.

    For the claim that at least one of several workloads is faster: each more that is measured is one more
    chance for noise. A speedup with a proven gain may be none here, never the other way round.
    """
    alone = [gain_proven(speedup, margin) for speedup in speedups]
    if sum(alone) == 0 or len(speedups) == 1:
        return tuple(alone)
    from pytest_rtopt.bench import intervals  # noqa: PLC0415  # as above

    together = intervals.holm([_p_value(speedup, 1 + margin) for speedup in speedups], PROOF_ERROR)
    return tuple(one and both for one, both in zip(alone, together, strict=True))


def verdict(speedup: Speedup, threshold: float = 0.0, margin: float = LAYOUT_MARGIN) -> BenchmarkVerdict:
    """Judge `speedup` against `threshold`, the required gain as a fraction; see the module for the rules."""
    low, high = proof_interval(speedup)
    if high < 1 + threshold - (0 if threshold > 0 else margin):
        return BenchmarkVerdict.FAIL
    reached = low >= 1 + threshold if threshold > 0 else speedup.ci95[0] >= 1 + threshold - NOISE_MARGIN
    return BenchmarkVerdict.PASS if reached else BenchmarkVerdict.INCONCLUSIVE


def expectation(speedup: Speedup, expected: tuple[float, float] | None) -> Expectation | None:
    """Compare `speedup` with a promised range of gains as fractions; `None` if nothing was promised."""
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


def settled(
    speedup: Speedup,
    threshold: float,
    expected: tuple[float, float] | None,
    margin: float = LAYOUT_MARGIN,
) -> bool:
    """Whether direction, verdict and promise are decided, so that more pairs only narrow the interval.

    The direction is decided, too, where the interval is so narrow about 1 that neither direction can be
    proven any more.
    """
    low, high = proof_interval(speedup)
    decided = low > 1 + margin or high < 1 - margin or (1 - margin < low and high < 1 + margin)
    return (
        decided
        and verdict(speedup, threshold, margin) is not BenchmarkVerdict.INCONCLUSIVE
        and expectation(speedup, expected) is not Expectation.UNDECIDED
    )


def reason(speedup: Speedup, threshold: float = 0.0, margin: float = LAYOUT_MARGIN) -> str:
    """Say in one sentence why the verdict is what it is."""
    proof = _shown(proof_interval(speedup))
    gain = f"the required gain of {threshold:.1%}"
    answer = verdict(speedup, threshold, margin)
    if answer is BenchmarkVerdict.FAIL:
        bound = gain if threshold > 0 else f"{1 + threshold - margin:g}"
        return f"The whole 99.7 % interval {proof} is below {bound}."
    if answer is BenchmarkVerdict.INCONCLUSIVE:
        open_to = (
            f"99.7 % interval {proof} neither reaches nor excludes {gain}"
            if threshold > 0
            else f"interval {_shown(speedup.ci95)} does not exclude a loss of more than "
            f"{NOISE_MARGIN - threshold:.1%}"
        )
        return (
            f"The {open_to}; effects below {speedup.mde:.1%} could not be seen, so raise the budget or quiet "
            "the machine."
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


def _p_value(speedup: Speedup, bound: float) -> float:
    from pytest_rtopt.bench import intervals  # noqa: PLC0415  # as above

    return intervals.p_value(math.log(speedup.estimate), intervals.precision_of(speedup), bound)


def _shown(interval: tuple[float, float]) -> str:
    return f"[{interval[0]:.4f}, {interval[1]:.4f}]"
