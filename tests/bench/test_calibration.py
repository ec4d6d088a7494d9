"""Comparisons with a known result: the program, its slower version, and what counts as a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.process import Completed, Usage
from pytest_rtopt.bench.calibration import Program, comparison_of, program_of, reports_gain, reports_loss
from pytest_rtopt.bench.sampler import Engine, Side, start
from pytest_rtopt.results.values import Speedup

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_rtopt.base.process import Surroundings


@given(st.integers(1000, 10**6), st.floats(0, 5000), st.floats(0, 0.5))
def test_a_slowdown_is_one_of_the_whole_run_time(units: int, start_cost: float, slowdown: float) -> None:
    program = Program(units, start_cost)
    before, after = units + start_cost, program.slowed(slowdown) + start_cost
    assert after / before == pytest.approx(1 + slowdown, abs=1 / before)


def test_a_program_of_a_length_is_found_by_its_cpu_time(tmp_path: Path) -> None:
    """The cost of a start is measured apart, and added noise does not make the program shorter."""
    noise = iter([0.5, 0.0, 0.1] * 20)

    def run(argv: Sequence[str], *, timeout: float, surroundings: Surroundings) -> Completed:
        assert timeout
        assert surroundings.cwd is not None
        units = int((surroundings.cwd / "units").read_text())
        seconds = 0.02 + units * 1e-5 + next(noise)
        return Completed(tuple(argv), 0, b"spun\n", b"", Usage(seconds, seconds, 0.0))

    program = program_of(0.12, tmp_path / "probe", Engine(run=run, clock=lambda: 0.0))
    assert program.units == pytest.approx(10_000, rel=0.001)
    assert program.start == pytest.approx(2_000, rel=0.001)


def test_both_sides_run_the_script_with_their_own_number_of_units(tmp_path: Path) -> None:
    comparison = comparison_of(Program(1000, 0.0), 0.5, tmp_path)
    assert "1500" in {path.read_text() for path in tmp_path.rglob("units")}
    answers = {start(comparison, side).text for side in Side}
    assert answers == {"spun\n"}


def speedup(low: float, high: float) -> Speedup:
    return Speedup((low + high) / 2, (low, high), 0.001)


def test_an_interval_around_1_reports_nothing() -> None:
    assert not reports_gain(speedup(0.99, 1.01))
    assert not reports_loss(speedup(0.99, 1.01))


def test_a_difference_is_reported_on_its_side_only() -> None:
    """No margin for layout is taken: both sides are one program."""
    assert reports_gain(speedup(1.004, 1.006))
    assert not reports_loss(speedup(1.004, 1.006))
    assert reports_loss(speedup(0.994, 0.996))
    assert not reports_gain(speedup(0.994, 0.996))


def test_a_threshold_has_to_be_exceeded() -> None:
    assert reports_gain(speedup(1.05, 1.06), 0.03)
    assert not reports_gain(speedup(1.02, 1.06), 0.03)
    assert reports_loss(speedup(0.94, 0.95), 0.03)
    assert not reports_loss(speedup(0.94, 0.98), 0.03)
