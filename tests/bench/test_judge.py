"""Verdicts and promises read from intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_rtopt.bench import judge
from pytest_rtopt.bench.statistics import speedup
from pytest_rtopt.results.values import BenchmarkVerdict, Expectation, Speedup


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


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.99, 1.015, Expectation.CONFIRMED),  # equivalent within 2 %
        (0.97, 1.01, Expectation.UNDECIDED),  # nothing was found, which shows nothing
        (0.90, 1.10, Expectation.UNDECIDED),
        (0.99, 1.03, Expectation.UNDECIDED),
        (1.03, 1.05, Expectation.CONTRADICTED),  # a difference where none was promised
        (0.90, 0.97, Expectation.CONTRADICTED),
    ],
)
def test_no_difference_is_confirmed_by_equivalence_only(
    low: float, high: float, expected: Expectation
) -> None:
    assert judge.expectation(seen(low, high), (0.0, 0.0)) is expected


def test_the_bound_of_equivalence_is_the_promised_one_where_that_is_wider() -> None:
    assert judge.expectation(seen(0.99, 1.04), (0.0, 0.05)) is Expectation.CONFIRMED
    assert judge.expectation(seen(0.95, 1.01), (-0.05, 0.0)) is Expectation.CONFIRMED


@settings(deadline=None)
@given(st.floats(-0.03, 0.03), st.floats(0.0005, 0.02), st.integers(0, 10**6))
def test_what_differs_by_more_than_the_bound_is_not_equivalent(
    effect: float, noise: float, seed: int
) -> None:
    measured = speedup(np.random.default_rng(seed).normal(0.02 + 6 * noise + abs(effect), noise, 20))
    assert judge.expectation(measured, (0.0, 0.0)) is not Expectation.CONFIRMED


def test_without_a_promise_there_is_no_expectation() -> None:
    assert judge.expectation(seen(1.0, 1.1), None) is None


@given(intervals)
def test_an_interval_around_one_never_proves_anything(speedup: Speedup) -> None:
    low, high = speedup.ci95
    if low <= 1 <= high:
        assert not judge.gain_proven(speedup)
        assert not judge.regression_proven(speedup)
        assert judge.verdict(speedup, 0.0) is not BenchmarkVerdict.FAIL


@given(intervals, thresholds, thresholds)
def test_a_higher_threshold_is_never_easier(speedup: Speedup, one: float, other: float) -> None:
    order = [BenchmarkVerdict.FAIL, BenchmarkVerdict.INCONCLUSIVE, BenchmarkVerdict.PASS]
    easier = order.index(judge.verdict(speedup, min(one, other)))
    assert easier >= order.index(judge.verdict(speedup, max(one, other)))


def test_proof_takes_more_than_the_interval_that_is_reported() -> None:
    """At 95 %, a program would be "faster" or "slower" than itself in up to 5 of 100 runs."""
    assert not judge.gain_proven(seen(1.011, 1.10))
    assert not judge.regression_proven(seen(0.90, 0.989))
    low, high = judge.proof_interval(seen(1.02, 1.04))
    assert (low, high) == pytest.approx((1.02 * (1.04 / 1.02) ** -0.2571, 1.04 * (1.04 / 1.02) ** 0.2571))


def test_one_build_has_one_layout() -> None:
    assert not judge.gain_proven(seen(1.004, 1.006))
    assert judge.gain_proven(seen(1.004, 1.006), margin=0.0)
    assert judge.verdict(seen(0.994, 0.996)) is BenchmarkVerdict.PASS
    assert judge.verdict(seen(0.994, 0.996), margin=0.0) is BenchmarkVerdict.FAIL


def test_a_narrow_interval_about_one_is_settled() -> None:
    """No number of further pairs could prove a gain beyond the margin."""
    assert judge.is_settled(seen(0.997, 1.003), 0.0, None)
    assert not judge.is_settled(seen(0.992, 1.003), 0.0, None, margin=0.0)


def test_many_workloads_are_many_chances_for_noise() -> None:
    barely, clearly = seen(1.0108, 1.0133), seen(1.05, 1.06)
    assert judge.gain_proven(barely)
    assert judge.gains_proven_together([barely]) == (True,)
    assert judge.gains_proven_together([barely, *[seen(0.99, 1.01)] * 8]) == (False,) * 9
    assert judge.gains_proven_together([clearly, *[seen(0.99, 1.01)] * 8]) == (True, *[False] * 8)


@settings(deadline=None)
@given(st.lists(intervals, min_size=1, max_size=9))
def test_together_never_proves_what_alone_does_not(several: list[Speedup]) -> None:
    together = judge.gains_proven_together(several)
    assert all(judge.gain_proven(one) for one, both in zip(several, together, strict=True) if both)


def test_the_error_of_a_look_is_in_its_proof() -> None:
    ratios = np.random.default_rng(5).normal(0, 0.01, 40)
    once, shared = speedup(ratios), speedup(ratios, share=0.1)
    assert judge.proof_interval(shared)[0] < judge.proof_interval(once)[0] < once.ci95[0]


def test_sampling_goes_on_until_the_promise_is_decided_too() -> None:
    assert judge.is_settled(seen(1.02, 1.05), 0.0, None)
    assert not judge.is_settled(seen(1.02, 1.05), 0.0, (0.03, 0.07))
    assert judge.is_settled(seen(1.02, 1.025), 0.0, (0.03, 0.07))
    assert not judge.is_settled(seen(1.02, 1.05), 0.03, None)


@pytest.mark.parametrize(
    ("low", "high", "threshold", "message"),
    [
        (1.02, 1.03, 0.0, "A gain is proven: the whole 99.7 % interval [1.0174, 1.0326] is above 1.01."),
        (0.97, 0.98, 0.0, "The whole 99.7 % interval [0.9674, 0.9826] is below 0.99."),
        (1.01, 1.02, 0.05, "The whole 99.7 % interval [1.0074, 1.0226] is below the required gain of 5.0%."),
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
            (
                "The 99.7 % interval [0.9674, 0.9826] is below 1, "
                "within the loss that the threshold -5.0% allows."
            ),
        ),
    ],
)
def test_reason_is_one_sentence(low: float, high: float, threshold: float, message: str) -> None:
    assert judge.reason(seen(low, high), threshold) == message


def test_a_loss_that_is_shown_and_not_proven_is_told_as_that() -> None:
    """Bug: "[0.9333, 0.9763] does not exclude a loss of more than 2.0 %", when all of it was such a loss."""
    reason = judge.reason(seen(0.93, 0.985))
    assert judge.verdict(seen(0.93, 0.985)) is BenchmarkVerdict.INCONCLUSIVE
    assert reason.startswith(
        "The whole 95 % interval [0.9300, 0.9850] is below 0.99, but the 99.7 % interval [0.9164, 0.9997], "
        "which a proof needs, is not; effects below 1.0% cannot be detected"
    )
    assert judge.reason(seen(1.01, 1.049), 0.05).startswith(
        "The whole 95 % interval [1.0100, 1.0490] is below 1.05"
    )


def test_the_reason_of_an_open_verdict_says_what_could_not_be_seen() -> None:
    assert "effects below 1.0% cannot be detected" in judge.reason(seen(0.9, 1.1))
