"""How reliable measurements are on this machine: `-m "benchmark and calibration"`.

A program is compared with itself, and with itself slowed down by a known amount. Each test makes ten
comparisons, each with the time of `--rtopt-budget`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.bench.calibration import comparison_of, program_of, reports_gain, reports_loss
from pytest_rtopt.bench.measure import measure
from pytest_rtopt.results.values import PROOF_ERROR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_rtopt.bench.sampler import SamplingPlan
    from pytest_rtopt.report.screen import Screen
    from pytest_rtopt.results.values import Speedup

pytestmark = [pytest.mark.benchmark, pytest.mark.calibration]

COMPARISONS = 10
SECONDS = 0.1
SLOWDOWN = 0.03
# The probability that a test fails although the measurements are as reliable as stated.
FALSE_ALARM_PROBABILITY = 0.001


def compared(slowdown: float, plan: SamplingPlan, directory: Path, screen: Screen) -> Iterator[Speedup]:
    """Measure the program against a slower copy of itself, several times."""
    program = program_of(SECONDS, directory / "probe")
    for number in range(COMPARISONS):
        comparison = comparison_of(program, slowdown, directory / str(number))
        measured = measure(comparison, replace(plan, seed=plan.seed + number)).result
        low, high = measured.speedup.ci95
        screen.show(
            f"calibration, slower by {slowdown:.0%}, {number + 1} of {COMPARISONS}: "
            f"{measured.speedup.estimate:.4f} [{low:.4f}, {high:.4f}] by {measured.clock} time",
            last=True,
        )
        yield measured.speedup


def at_least(events: int, cases: int, error: float) -> float:
    """Return the probability of at least `events` events in `cases`, each with the probability `error`."""
    from scipy import special  # noqa: PLC0415  # not imported at collection

    return float(special.bdtrc(events - 1, cases, error))


def test_a_program_is_no_faster_or_slower_than_itself(
    sampling_plan: SamplingPlan, tmp_path: Path, rtopt_screen: Screen
) -> None:
    """The share of comparisons that report a difference is not above the stated error rate."""
    speedups = list(compared(0.0, sampling_plan, tmp_path, rtopt_screen))
    false_claims = sum(reports_gain(speedup) or reports_loss(speedup) for speedup in speedups)
    rtopt_screen.show(
        f"calibration: {false_claims} of {len(speedups)} report a difference where there is none", last=True
    )
    assert at_least(false_claims, len(speedups), PROOF_ERROR) > FALSE_ALARM_PROBABILITY


def test_a_known_slowdown_is_found_and_covered(
    sampling_plan: SamplingPlan, tmp_path: Path, rtopt_screen: Screen
) -> None:
    """The intervals contain the injected slowdown, and none reports a gain."""
    speedups = list(compared(SLOWDOWN, sampling_plan, tmp_path, rtopt_screen))
    detected = sum(reports_loss(speedup) for speedup in speedups)
    rtopt_screen.show(
        f"calibration: a slowdown of {SLOWDOWN:.0%} was found in {detected} of {len(speedups)}", last=True
    )
    assert not any(reports_gain(speedup) for speedup in speedups)
    missed = sum(not speedup.ci95[0] <= 1 / (1 + SLOWDOWN) <= speedup.ci95[1] for speedup in speedups)
    assert at_least(missed, len(speedups), 0.05) > FALSE_ALARM_PROBABILITY
    if detected < len(speedups):
        worst = max(speedup.mde for speedup in speedups)
        pytest.skip(
            f"found in {detected} of {len(speedups)}: on this machine, effects below {worst:.1%} need more "
            f"than a budget of {sampling_plan.budget_seconds:g} s"
        )
