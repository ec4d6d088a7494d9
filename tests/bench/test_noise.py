"""Drift, outliers and memory of a measurement."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_rtopt.base.process import Usage
from pytest_rtopt.bench.machine import MachineState
from pytest_rtopt.bench.noise import conditions, with_load
from pytest_rtopt.bench.sampler import Pair, Side
from pytest_rtopt.results.values import Clock


def pair(stock: float, optimized: float, memory: int | None = None) -> Pair:
    return Pair(Usage(stock, 0, 0, 0, memory), Usage(optimized, 0, 0, 0, memory), Side.STOCK)


def test_a_machine_that_slows_down_drifts() -> None:
    pairs = [pair(1 + n / 100, 1 + n / 100) for n in range(30)]
    assert conditions(pairs, Clock.WALL, 1).drift == pytest.approx(0.19, abs=0.01)


def test_pairs_far_out_are_counted_and_kept() -> None:
    pairs = [pair(1 + n % 3 / 100, 1.0) for n in range(30)] + [pair(5.0, 1.0)] * 2
    assert conditions(pairs, Clock.WALL, 1).outliers == 2
    assert len(pairs) == 32


def test_memory_is_the_largest_that_is_known() -> None:
    assert conditions([pair(1, 1), pair(1, 1, 7), pair(1, 1, 5)], Clock.WALL, 1).peak_rss_bytes == (7, 7)
    assert conditions([pair(1, 1)] * 3, Clock.WALL, 4).peak_rss_bytes == (None, None)


@settings(deadline=None)
@given(st.lists(st.floats(0.1, 10), min_size=5, max_size=50))
def test_one_program_on_a_steady_machine_has_no_drift_by_its_unit(times: list[float]) -> None:
    plain = conditions([pair(time, time) for time in times], Clock.WALL, 1)
    scaled = conditions([pair(60 * time, 60 * time) for time in times], Clock.WALL, 1)
    assert plain.drift == pytest.approx(scaled.drift)
    assert plain.outliers == 0


@pytest.mark.parametrize(
    ("before", "after", "load"), [(9.5, 1.2, 9.5), (0.1, 3.0, 3.0), (None, 2.0, 2.0), (None, None, None)]
)
def test_the_load_is_the_higher_one_of_start_and_end(
    before: float | None, after: float | None, load: float | None
) -> None:
    states = [MachineState(value, 2, None, None, None, None, None, None) for value in (before, after)]
    found = with_load(conditions([pair(1, 1)] * 3, Clock.WALL, 1), *states)
    assert (found.load, found.cpus) == (load, 2)
