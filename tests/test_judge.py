"""Verdicts and promises read from intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.bench import judge
from pytest_rtopt.results import BenchmarkVerdict, Expectation, Speedup


def seen(low: float, high: float) -> Speedup:
    return Speedup((low * high) ** 0.5, (low, high), 0.01)


intervals = st.tuples(st.floats(0.2, 5), st.floats(0.2, 5)).map(lambda ends: seen(min(ends), max(ends)))
thresholds = st.floats(-0.5, 0.5)


@pytest.mark.parametrize(
    ("low", "high", "threshold", "expected"),
    [
        (1.02, 1.03, 0.0, "pass"),  # a proven gain
        (0.99, 1.01, 0.0, "pass"),  # nothing proven, a noticeable loss excluded
        (0.97, 1.01, 0.0, "inconclusive"),  # a loss of 3 % is still possible
        (0.96, 0.98, 0.0, "fail"),  # a regression is proven
        (0.975, 0.985, 0.0, "fail"),  # proven, though a part of it is within the margin of noise
        (0.985, 0.995, 0.0, "pass"),  # slower, by no more than another layout of the same code may be
        (1.06, 1.08, 0.05, "pass"),
        (1.04, 1.08, 0.05, "inconclusive"),  # a required gain has to be proven
        (1.01, 1.04, 0.05, "fail"),  # a gain, but not the required one
        (0.96, 0.98, -0.05, "pass"),  # a loss that the threshold allows
        (0.90, 0.93, -0.05, "fail"),
    ],
)
def test_verdict_of_an_interval(low: float, high: float, threshold: float, expected: str) -> None:
    assert judge.verdict(seen(low, high), threshold) == BenchmarkVerdict(expected)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.03, 1.05, Expectation.CONFIRMED),
        (1.20, 1.25, Expectation.CONFIRMED),  # more than promised keeps the promise
        (1.02, 1.05, Expectation.UNDECIDED),
        (1.00, 1.029, Expectation.CONTRADICTED),
    ],
)
def test_a_promise_of_3_to_7_percent(low: float, high: float, expected: Expectation) -> None:
    assert judge.expectation(seen(low, high), (0.03, 0.07)) is expected


def test_without_a_promise_there_is_no_expectation() -> None:
    assert judge.expectation(seen(1.0, 1.1), None) is None


@given(intervals, thresholds)
def test_an_interval_around_one_never_proves_anything(speedup: Speedup, threshold: float) -> None:
    low, high = speedup.ci95
    if low <= 1 <= high:
        assert not judge.gain_proven(speedup)
        assert not judge.regression_proven(speedup)
        assert not judge.settled(speedup, threshold, None)
        assert judge.verdict(speedup, 0.0) is not BenchmarkVerdict.FAIL


@given(intervals, thresholds, thresholds)
def test_a_higher_threshold_is_never_easier(speedup: Speedup, one: float, other: float) -> None:
    order = [BenchmarkVerdict.FAIL, BenchmarkVerdict.INCONCLUSIVE, BenchmarkVerdict.PASS]
    easier = order.index(judge.verdict(speedup, min(one, other)))
    assert easier >= order.index(judge.verdict(speedup, max(one, other)))


def test_sampling_goes_on_until_the_promise_is_decided_too() -> None:
    assert judge.settled(seen(1.02, 1.05), 0.0, None)
    assert not judge.settled(seen(1.02, 1.05), 0.0, (0.03, 0.07))
    assert judge.settled(seen(1.02, 1.025), 0.0, (0.03, 0.07))
    assert not judge.settled(seen(1.02, 1.05), 0.03, None)


@pytest.mark.parametrize(
    ("low", "high", "threshold", "said"),
    [
        (1.02, 1.03, 0.0, "A gain is proven: the whole interval [1.0200, 1.0300] is above 1.01."),
        (0.97, 0.98, 0.0, "The whole interval [0.9700, 0.9800] is below 0.99."),
        (1.01, 1.02, 0.05, "The whole interval [1.0100, 1.0200] is below the required gain of 5.0%."),
        (
            0.99,
            1.01,
            0.0,
            "No gain is proven, and the interval [0.9900, 1.0100] excludes a loss of more than 1.0%.",
        ),
        (
            0.97,
            0.98,
            -0.05,
            "The interval [0.9700, 0.9800] is below 1, within the loss that the threshold -5.0% allows.",
        ),
    ],
)
def test_reason_is_one_sentence(low: float, high: float, threshold: float, said: str) -> None:
    assert judge.reason(seen(low, high), threshold) == said


def test_the_reason_of_an_open_verdict_says_what_could_not_be_seen() -> None:
    assert "effects below 1.0% could not be seen" in judge.reason(seen(0.9, 1.1))
