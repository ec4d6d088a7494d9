"""What the measuring is worth on this machine: `-m "benchmark and calibration"`.

Stock is compared with itself, and with itself slowed down by a known amount. Each test takes ten budgets
(`--rtopt-budget`), in as many comparisons.
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
# So seldom do the tests fail on a machine where all is as it is said to be.
SELDOM = 0.001


def compared(slowdown: float, plan: SamplingPlan, directory: Path, screen: Screen) -> Iterator[Speedup]:
    """Measure the program against itself made slower, several times."""
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
    """Return how probable so many events or more are, each of a probability of `error`."""
    from scipy import special  # noqa: PLC0415  # whoever only collects the suites need not wait for it

    return float(special.bdtrc(events - 1, cases, error))


def test_a_program_is_no_faster_or_slower_than_itself(
    sampling_plan: SamplingPlan, tmp_path: Path, rtopt_screen: Screen
) -> None:
    """Not more comparisons than stated claim a difference where there is none."""
    seen = list(compared(0.0, sampling_plan, tmp_path, rtopt_screen))
    wrong = sum(reports_gain(speedup) or reports_loss(speedup) for speedup in seen)
    rtopt_screen.show(
        f"calibration: {wrong} of {len(seen)} claim a difference where there is none", last=True
    )
    assert at_least(wrong, len(seen), PROOF_ERROR) > SELDOM


def test_a_known_slowdown_is_found_and_covered(
    sampling_plan: SamplingPlan, tmp_path: Path, rtopt_screen: Screen
) -> None:
    """The intervals hold the injected slowdown, none claims a gain, and what is found is told."""
    seen = list(compared(SLOWDOWN, sampling_plan, tmp_path, rtopt_screen))
    found = sum(reports_loss(speedup) for speedup in seen)
    rtopt_screen.show(
        f"calibration: a slowdown of {SLOWDOWN:.0%} was found in {found} of {len(seen)}", last=True
    )
    assert not any(reports_gain(speedup) for speedup in seen)
    missed = sum(not speedup.ci95[0] <= 1 / (1 + SLOWDOWN) <= speedup.ci95[1] for speedup in seen)
    assert at_least(missed, len(seen), 0.05) > SELDOM
    if found < len(seen):
        worst = max(speedup.mde for speedup in seen)
        pytest.skip(
            f"found in {found} of {len(seen)}: here, effects below {worst:.1%} need more than a budget of "
            f"{sampling_plan.budget_seconds:g} s"
        )
