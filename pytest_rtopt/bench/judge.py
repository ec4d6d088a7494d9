"""What a measured speedup means against a threshold and against a promise.

All answers are read from the interval, never from the estimate:

- a **gain is proven** when the whole interval is above `1 + LAYOUT_MARGIN`, a **regression** when it is
  below `1 - LAYOUT_MARGIN`. The interval covers the noise of the machine, but one build is one sample of how
  code happens to lie in memory, and what layout may have done is neither. The margin is a choice: others
  report a per cent and more between builds of one source, and nothing here has measured it yet;
- **fail**: a required gain (threshold above 0) is not there, the whole interval being below `1 + threshold`;
  or, for a threshold of 0 or below, the loss is more than it and the margin allow;
- **pass**: not a fail, and the lower bound reaches the floor. A required gain (threshold above 0) has to be
  proven, so its floor is `1 + threshold`. "Not slower" (threshold 0 or below) can never be proven of two
  equal programs, so there the floor is `1 + threshold - NOISE_MARGIN`: what is left open is at most a loss
  that nobody notices;
- **inconclusive**: everything else; more pairs or a quieter machine would decide it.

A promise (`expected`, a range of gains as fractions) is **confirmed** when the lower bound reaches the low
end of the range: the gain is at least what was promised, and a gain beyond the high end keeps the promise
too. It is **contradicted** when the whole interval is below the low end, and **undecided** otherwise. It
never moves the verdict.
"""

from __future__ import annotations

from pytest_rtopt.results import BenchmarkVerdict, Expectation, Speedup

NOISE_MARGIN = 0.02
LAYOUT_MARGIN = 0.01


def gain_proven(speedup: Speedup) -> bool:
    """Whether optimized is faster than stock, beyond noise and the margin for layout."""
    return speedup.ci95[0] > 1 + LAYOUT_MARGIN


def regression_proven(speedup: Speedup) -> bool:
    """Whether optimized is slower than stock, beyond noise and the margin for layout."""
    return speedup.ci95[1] < 1 - LAYOUT_MARGIN


def verdict(speedup: Speedup, threshold: float = 0.0) -> BenchmarkVerdict:
    """Judge `speedup` against `threshold`, the required gain as a fraction; see the module for the rules."""
    low, high = speedup.ci95
    if high < 1 + threshold - (0 if threshold > 0 else LAYOUT_MARGIN):
        return BenchmarkVerdict.FAIL
    floor = 1 + threshold if threshold > 0 else 1 + threshold - NOISE_MARGIN
    return BenchmarkVerdict.PASS if low >= floor else BenchmarkVerdict.INCONCLUSIVE


def expectation(speedup: Speedup, expected: tuple[float, float] | None) -> Expectation | None:
    """Compare `speedup` with a promised range of gains as fractions; `None` if nothing was promised."""
    if expected is None:
        return None
    low, high = speedup.ci95
    if low >= 1 + expected[0]:
        return Expectation.CONFIRMED
    return Expectation.CONTRADICTED if high < 1 + expected[0] else Expectation.UNDECIDED


def settled(speedup: Speedup, threshold: float, expected: tuple[float, float] | None) -> bool:
    """Whether direction, verdict and promise are decided, so that more pairs only narrow the interval."""
    return (
        (gain_proven(speedup) or regression_proven(speedup))
        and verdict(speedup, threshold) is not BenchmarkVerdict.INCONCLUSIVE
        and expectation(speedup, expected) is not Expectation.UNDECIDED
    )


def reason(speedup: Speedup, threshold: float = 0.0) -> str:
    """Say in one sentence why the verdict is what it is."""
    low, high = speedup.ci95
    interval = f"[{low:.4f}, {high:.4f}]"
    gain = f"the required gain of {threshold:.1%}"
    answer = verdict(speedup, threshold)
    if answer is BenchmarkVerdict.FAIL:
        bound = gain if threshold > 0 else f"{1 + threshold - LAYOUT_MARGIN:g}"
        return f"The whole interval {interval} is below {bound}."
    if answer is BenchmarkVerdict.INCONCLUSIVE:
        loss = f"a loss of more than {NOISE_MARGIN - threshold:.1%}"
        left_open = f"neither reaches nor excludes {gain}" if threshold > 0 else f"does not exclude {loss}"
        return (
            f"The interval {interval} {left_open}; effects below "
            f"{speedup.mde:.1%} could not be seen, so raise the budget or quiet the machine."
        )
    if gain_proven(speedup):
        return f"A gain is proven: the whole interval {interval} is above {1 + LAYOUT_MARGIN:g}."
    if regression_proven(speedup):
        return (
            f"The interval {interval} is below 1, within the loss that the threshold {threshold:.1%} allows."
        )
    return f"No gain is proven, and the interval {interval} excludes a loss of more than {1 - low:.1%}."
