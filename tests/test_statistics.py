"""Estimate, coverage, power and symmetries of the speedup."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_rtopt.bench import statistics
from pytest_rtopt.bench.statistics import StatisticsError
from pytest_rtopt.results import Speedup

if TYPE_CHECKING:
    from numpy.typing import NDArray

times = st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)), min_size=5, max_size=30)
some = settings(max_examples=25, deadline=None)


def normal(pairs: int, *, centre: float, noise: float, seed: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(centre, noise, pairs)


def delayed(pairs: int, seed: int) -> NDArray[np.float64]:
    """Log-ratios of one program with itself, a tenth of whose starts is delayed by about 10 %."""
    generator = np.random.default_rng(seed)

    def side() -> NDArray[np.float64]:
        late = (generator.random(pairs) < 0.1) * generator.exponential(0.1, pairs)
        return generator.normal(0, 0.005, pairs) + late

    return side() - side()


def test_log_ratios_are_stock_over_optimized() -> None:
    ratios = statistics.log_ratios([2.0, 3.0], [1.0, 6.0])
    assert ratios.tolist() == pytest.approx([math.log(2), -math.log(2)])


@pytest.mark.parametrize(
    ("stock", "optimized"),
    [([1.0], [1.0, 2.0]), ([0.0], [1.0]), ([1.0], [-1.0]), ([math.nan], [1.0]), ([1.0], [math.inf])],
)
def test_times_without_a_ratio_are_refused(stock: list[float], optimized: list[float]) -> None:
    with pytest.raises(StatisticsError):
        statistics.log_ratios(stock, optimized)


def test_too_few_pairs_are_refused_with_the_number_needed() -> None:
    with pytest.raises(StatisticsError, match="4 pairs give no interval; measure at least 5"):
        statistics.speedup(np.zeros(4), seed=0)


def test_a_known_speedup_is_found_with_its_interval() -> None:
    found = statistics.speedup(normal(40, centre=math.log(1.05), noise=0.01, seed=3), seed=1)
    assert found.estimate == pytest.approx(1.05, abs=0.005)
    assert found.ci95[0] < 1.05 < found.ci95[1]
    # The interval of a mean of 40 has a half-width of 0.0032; trimming costs a few per cent of it.
    assert 0.005 < found.ci95[1] - found.ci95[0] < 0.0085


def test_pairs_that_are_all_equal_give_an_interval_of_no_width() -> None:
    found = statistics.speedup(np.full(8, math.log(1.1)), seed=0)
    assert found.ci95 == (found.estimate, found.estimate)
    assert found.estimate == pytest.approx(1.1)
    assert found.mde == 0.0


def test_pairs_most_of_which_are_equal_give_a_finite_interval() -> None:
    found = statistics.speedup(np.array([0.0] * 9 + [0.1]), seed=0)
    assert all(map(math.isfinite, (found.estimate, *found.ci95, found.mde)))


def test_one_seed_gives_one_answer() -> None:
    ratios = normal(12, centre=0, noise=0.01, seed=5)
    assert statistics.speedup(ratios, seed=9) == statistics.speedup(ratios, seed=9)
    assert statistics.speedup(ratios, seed=9) != statistics.speedup(ratios, seed=10)


def test_one_wild_pair_moves_nothing_much() -> None:
    ratios = normal(20, centre=0, noise=0.01, seed=2)
    wild = ratios.copy()
    wild[7] = 5.0
    assert statistics.speedup(wild, seed=0).estimate == pytest.approx(
        statistics.speedup(ratios, seed=0).estimate, abs=0.003
    )


def test_a_smaller_error_gives_a_wider_interval() -> None:
    ratios = normal(20, centre=0, noise=0.01, seed=4)
    wide, narrow = (statistics.speedup(ratios, seed=0, error=error).ci95 for error in (0.01, 0.05))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@some
@given(times)
def test_swapping_the_sides_gives_the_reciprocal(measured: list[tuple[float, float]]) -> None:
    stock, optimized = zip(*measured, strict=True)
    there = statistics.speedup(statistics.log_ratios(stock, optimized), seed=1)
    back = statistics.speedup(statistics.log_ratios(optimized, stock), seed=1)
    assert back.estimate == pytest.approx(1 / there.estimate)
    assert back.ci95 == pytest.approx((1 / there.ci95[1], 1 / there.ci95[0]))
    assert back.mde == pytest.approx(there.mde)


@some
@given(times, st.floats(0.01, 100))
def test_a_clock_of_another_rate_changes_nothing(measured: list[tuple[float, float]], rate: float) -> None:
    stock, optimized = zip(*measured, strict=True)
    here = statistics.speedup(statistics.log_ratios(stock, optimized), seed=1)
    there = statistics.speedup(
        statistics.log_ratios([rate * time for time in stock], [rate * time for time in optimized]), seed=1
    )
    assert there.estimate == pytest.approx(here.estimate)
    assert there.ci95 == pytest.approx(here.ci95)


@some
@given(times)
def test_the_interval_holds_the_estimate_and_lies_within_the_data(
    measured: list[tuple[float, float]],
) -> None:
    ratios = statistics.log_ratios(*zip(*measured, strict=True))
    found = statistics.speedup(ratios, seed=1)
    assert math.log(found.ci95[0]) >= ratios.min() - 1e-9
    assert math.log(found.ci95[1]) <= ratios.max() + 1e-9
    assert found.ci95[0] <= found.estimate * (1 + 1e-9)
    assert found.ci95[1] >= found.estimate * (1 - 1e-9)


@pytest.mark.parametrize("pairs", [10, 30])
@pytest.mark.parametrize("kind", ["normal", "delayed"])
def test_the_interval_covers_the_truth_as_often_as_it_says(kind: str, pairs: int) -> None:
    # 100 runs: 5 misses are expected, and 12 or more have a probability of 0.4 %. At ten pairs a plain
    # percentile bootstrap of the mean misses about 10 normal runs, and BCa of the mean about 20 delayed ones.
    runs = 100
    missed = 0
    for seed in range(runs):
        ratios = normal(pairs, centre=0, noise=0.01, seed=seed) if kind == "normal" else delayed(pairs, seed)
        low, high = statistics.speedup(ratios, seed=seed).ci95
        missed += not low <= 1 <= high
    assert missed < 12


def test_an_effect_of_the_size_of_the_mde_is_seen_four_times_of_five() -> None:
    runs = 40
    effect = statistics.speedup(normal(2000, centre=0, noise=0.01, seed=1), seed=0).mde * math.sqrt(2000 / 20)
    seen = 0
    for seed in range(runs):
        found = statistics.speedup(normal(20, centre=math.log1p(effect), noise=0.01, seed=seed), seed=0)
        seen += found.ci95[0] > 1
    assert 0.6 < seen / runs < 0.98


def test_the_looks_share_the_error_of_the_whole_run() -> None:
    assert sum(statistics.LOOK_ERRORS) == pytest.approx(0.05)
    assert [statistics.look_error(look) for look in statistics.interim_looks(10).values()] == [0.01, 0.01]
    assert list(statistics.interim_looks(10)) == [10, 20]


speedups = st.tuples(st.floats(0.2, 5), st.floats(0, 0.3)).map(
    lambda drawn: Speedup(drawn[0], (drawn[0] * math.exp(-drawn[1]), drawn[0] * math.exp(drawn[1])), drawn[1])
)


@given(st.lists(speedups, min_size=1, max_size=12))
def test_the_geometric_mean_lies_between_and_its_interval_around_it(several: list[Speedup]) -> None:
    mean = statistics.geometric_mean(several)
    estimates = [one.estimate for one in several]
    assert min(estimates) * 0.999999 <= mean.estimate <= max(estimates) * 1.000001
    assert mean.ci95[0] <= mean.estimate * 1.000001
    assert mean.ci95[1] >= mean.estimate * 0.999999


@given(st.lists(speedups, min_size=2, max_size=12))
def test_swapping_the_sides_turns_the_geometric_mean_over(several: list[Speedup]) -> None:
    turned = [Speedup(1 / one.estimate, (1 / one.ci95[1], 1 / one.ci95[0]), one.mde) for one in several]
    mean, inverse = statistics.geometric_mean(several), statistics.geometric_mean(turned)
    assert mean.estimate == pytest.approx(1 / inverse.estimate)
    assert mean.ci95 == pytest.approx((1 / inverse.ci95[1], 1 / inverse.ci95[0]))


def test_the_geometric_mean_of_measured_workloads_covers_the_truth() -> None:
    """Eight workloads with gains of their own; the interval has to hold the mean of the true gains."""
    truth = np.linspace(0.0, 0.3, 8)
    held = 0
    for run in range(40):
        measured = [
            statistics.speedup(normal(12, centre=gain, noise=0.03, seed=100 * run + index), seed=1)
            for index, gain in enumerate(truth)
        ]
        low, high = statistics.geometric_mean(measured).ci95
        held += low <= math.exp(float(truth.mean())) <= high
    assert held >= 40 * 0.85


def test_a_mean_of_nothing_is_refused() -> None:
    with pytest.raises(StatisticsError, match="measure a workload"):
        statistics.geometric_mean([])
