"""Estimate, coverage, power and symmetries of the speedup."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_rtopt.bench import intervals, statistics
from pytest_rtopt.bench.statistics import StatisticsError
from pytest_rtopt.results.values import PROOF_ERROR, Speedup

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
        statistics.speedup(np.zeros(4))


def test_a_known_speedup_is_found_with_its_interval() -> None:
    found = statistics.speedup(normal(40, centre=math.log(1.05), noise=0.01, seed=3))
    assert found.estimate == pytest.approx(1.05, abs=0.005)
    assert found.ci95[0] < 1.05 < found.ci95[1]
    # The interval of a mean of 40 has a half-width of 0.0032; trimming costs about a tenth of it.
    assert 0.005 < found.ci95[1] - found.ci95[0] < 0.01


def test_pairs_that_are_all_equal_give_an_interval_of_no_width() -> None:
    found = statistics.speedup(np.full(8, math.log(1.1)))
    assert found.ci95 == (found.estimate, found.estimate)
    assert found.estimate == pytest.approx(1.1)
    assert found.mde == 0.0


def test_pairs_most_of_which_are_equal_give_a_finite_interval() -> None:
    found = statistics.speedup(np.array([0.0] * 9 + [0.1]))
    assert all(map(math.isfinite, (found.estimate, *found.ci95, found.mde)))
    assert found.ci95[0] < 1 < found.ci95[1], "one pair of ten that differs proves nothing"


def test_one_wild_pair_moves_nothing_much() -> None:
    ratios = normal(20, centre=0, noise=0.01, seed=2)
    wild = ratios.copy()
    wild[7] = 5.0
    assert statistics.speedup(wild).estimate == pytest.approx(statistics.speedup(ratios).estimate, abs=0.003)


@some
@given(times, st.floats(0.001, 0.2), st.floats(0.5, 2))
def test_the_p_value_is_the_error_at_which_the_interval_excludes(
    measured: list[tuple[float, float]], error: float, bound: float
) -> None:
    found = statistics.speedup(statistics.log_ratios(*zip(*measured, strict=True)), share=0.7)
    assert found.precision is not None
    centre = math.log(found.estimate)
    low, high = intervals.interval(centre, found.precision, error)
    p_value = intervals.p_value(centre, found.precision, bound)
    if p_value < error * 0.999:
        assert not low <= bound <= high
    elif p_value > error * 1.001:
        assert low <= bound <= high


def test_a_smaller_error_or_share_gives_a_wider_interval() -> None:
    found = statistics.speedup(normal(20, centre=0, noise=0.01, seed=4))
    shared = statistics.speedup(normal(20, centre=0, noise=0.01, seed=4), share=0.2)
    assert found.precision is not None
    wide = intervals.interval(math.log(found.estimate), found.precision, 0.01)
    assert wide == pytest.approx(shared.ci95), "a fifth of 5 % is 1 %"
    assert wide[0] < found.ci95[0] < found.ci95[1] < wide[1]


@some
@given(times)
def test_swapping_the_sides_gives_the_reciprocal(measured: list[tuple[float, float]]) -> None:
    stock, optimized = zip(*measured, strict=True)
    there = statistics.speedup(statistics.log_ratios(stock, optimized))
    back = statistics.speedup(statistics.log_ratios(optimized, stock))
    assert back.estimate == pytest.approx(1 / there.estimate)
    assert back.ci95 == pytest.approx((1 / there.ci95[1], 1 / there.ci95[0]))
    assert back.mde == pytest.approx(there.mde)


@some
@given(times, st.floats(0.01, 100))
# 2/3 and 1/1.5 differ by their rounding, which counted as the spread of the pairs.
@example([(1.0, 1.0), (1.0, 2.0), (2.0, 3.0), (2.0, 3.0), (2.0, 3.0)], 0.5)
def test_a_clock_of_another_rate_changes_nothing(measured: list[tuple[float, float]], rate: float) -> None:
    stock, optimized = zip(*measured, strict=True)
    here = statistics.speedup(statistics.log_ratios(stock, optimized))
    there = statistics.speedup(
        statistics.log_ratios([rate * time for time in stock], [rate * time for time in optimized])
    )
    assert there.estimate == pytest.approx(here.estimate)
    assert there.ci95 == pytest.approx(here.ci95)


@some
@given(times)
def test_the_interval_holds_the_estimate(measured: list[tuple[float, float]]) -> None:
    found = statistics.speedup(statistics.log_ratios(*zip(*measured, strict=True)))
    assert found.ci95[0] <= found.estimate * (1 + 1e-9)
    assert found.ci95[1] >= found.estimate * (1 - 1e-9)


@pytest.mark.parametrize("pairs", [10, 20, 60])
@pytest.mark.parametrize("kind", ["normal", "delayed"])
def test_the_interval_covers_the_truth_as_often_as_it_says(kind: str, pairs: int) -> None:
    # 300 runs: 15 misses are expected, and 28 or more have a probability of 0.1 %. At ten pairs a plain
    # percentile bootstrap of the mean misses 10 % of normal runs, and BCa of the mean 20 % of delayed ones.
    missed = 0
    for seed in range(300):
        ratios = normal(pairs, centre=0, noise=0.01, seed=seed) if kind == "normal" else delayed(pairs, seed)
        low, high = statistics.speedup(ratios).ci95
        missed += not low <= 1 <= high
    assert missed < 28


def recorded(name: str) -> NDArray[np.float64]:
    """CPU times of one program, start after start, on cores on which compilers ran (docs/measuring.md)."""
    path = Path(__file__).parent.parent / "data" / "noise" / f"{name}.csv"
    times: NDArray[np.float64] = np.loadtxt(path, delimiter=",", skiprows=1)[:, 1]
    return times


def looked_at(ratios: NDArray[np.float64], error: float) -> bool:
    """Whether an interval of level `1 - error` excludes 1 at any look at these pairs, as they come in."""
    interim = {pairs: share for pairs, share in statistics.interim_looks(10).items() if pairs < len(ratios)}
    for pairs, share in [*interim.items(), (len(ratios), statistics.LOOK_SHARES[-1])]:
        found = statistics.speedup(ratios[:pairs], share=share)
        assert found.precision is not None
        low, high = intervals.interval(math.log(found.estimate), found.precision, error)
        if not low <= 1 <= high:
            return True
    return False


@pytest.mark.parametrize(("kind", "pairs"), [("normal", 700), ("delayed", 700), ("holdout", 120)])
def test_peeking_keeps_the_error_rate_of_proof(kind: str, pairs: int) -> None:
    """Looking again and again until something is proven is how noise becomes a gain."""
    generator = np.random.default_rng(7)
    times = recorded("holdout") if kind == "holdout" else np.ones(1)

    def ratios(run: int) -> NDArray[np.float64]:
        if kind == "normal":
            return normal(pairs, centre=0, noise=0.01, seed=run)
        if kind == "delayed":
            return delayed(pairs, run)
        # Which side was first is what chance decides; the noise stays as it was, drift and all.
        start = int(generator.integers(0, len(times) - 2 * pairs))
        window = np.log(times[start : start + 2 * pairs])
        turned: NDArray[np.float64] = (window[::2] - window[1::2]) * generator.choice([-1.0, 1.0], pairs)
        return turned

    # 300 runs: 3 may be wrong, and 10 or more have a probability of 0.1 %.
    assert sum(looked_at(ratios(run), 0.01) for run in range(300)) < 10


def test_looking_at_plain_intervals_would_not_keep_it() -> None:
    """The shares of the looks are what keeps the error rate, and this test can see that."""
    wrong = 0
    for run in range(200):
        ratios = normal(320, centre=0, noise=0.01, seed=run)
        seen = [statistics.speedup(ratios[:pairs]).ci95 for pairs in (20, 40, 80, 160, 320)]
        wrong += any(not low <= 1 <= high for low, high in seen)
    assert wrong > 200 * 0.09


def test_an_effect_of_the_size_of_the_mde_is_seen_four_times_of_five() -> None:
    effect = statistics.speedup(normal(4000, centre=0, noise=0.01, seed=1)).mde * math.sqrt(4000 / 80)
    seen = 0
    for seed in range(200):
        found = statistics.speedup(normal(80, centre=math.log1p(effect), noise=0.01, seed=seed))
        assert found.precision is not None
        seen += intervals.interval(math.log(found.estimate), found.precision, PROOF_ERROR)[0] > 1
    assert 0.7 < seen / 200 < 0.9


def test_the_looks_share_the_error_of_the_whole_run() -> None:
    assert sum(statistics.LOOK_SHARES) == pytest.approx(1)
    assert statistics.interim_looks(10) == dict.fromkeys((20, 40, 80, 160, 320, 640), 0.05)
    assert list(statistics.interim_looks(30)) == [40, 80, 160, 320, 640]


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        ([0.01, 0.04, 0.03, 0.005], [True, False, False, True]),  # steps of 0.05: /4, /3, /2, /1
        ([0.04], [True]),
        ([0.03, 0.04], [False, False]),  # the smallest is not below a half, so none is looked at
        ([0.02, 0.04], [True, True]),
        ([], []),
    ],
)
def test_holm(p_values: list[float], expected: list[bool]) -> None:
    assert list(intervals.holm(p_values, 0.05)) == expected


def test_holm_keeps_the_error_of_nine_workloads_together() -> None:
    generator = np.random.default_rng(3)
    wrong = sum(any(intervals.holm(list(generator.random(9)), 0.05)) for _ in range(4000))
    assert 0.035 < wrong / 4000 < 0.065


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
            statistics.speedup(normal(12, centre=gain, noise=0.03, seed=100 * run + index))
            for index, gain in enumerate(truth)
        ]
        low, high = statistics.geometric_mean(measured).ci95
        held += low <= math.exp(float(truth.mean())) <= high
    assert held >= 40 * 0.85


def test_a_mean_of_nothing_is_refused() -> None:
    with pytest.raises(StatisticsError, match="measure a workload"):
        statistics.geometric_mean([])
