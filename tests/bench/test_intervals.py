"""Intervals and p-values against closed forms, and against each other."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_rtopt.bench import intervals
from pytest_rtopt.results.values import Precision, Speedup

precisions = st.builds(
    Precision, st.floats(1e-4, 0.3), st.floats(2, 1e6) | st.just(math.inf), st.floats(0.05, 1)
)
estimates = st.floats(-1, 1)
errors = st.floats(1e-4, 0.5)


def test_the_textbook_s_quantiles() -> None:
    assert intervals.normal_quantile(0.975) == pytest.approx(1.959964, abs=1e-6)
    assert intervals.normal_quantile(0.5) == pytest.approx(0)
    # Student's t with 10 degrees of freedom, two-sided 5 %: 2.228; with 1, 12.706.
    assert intervals.quantile(Precision(1, 10, 1), 0.05) == pytest.approx(2.228, abs=1e-3)
    assert intervals.quantile(Precision(1, 1, 1), 0.05) == pytest.approx(12.706, abs=1e-3)
    assert intervals.quantile(Precision(1, math.inf, 1), 0.05) == pytest.approx(1.959964, abs=1e-6)


def test_a_share_of_the_error_is_an_error_that_is_as_much_smaller() -> None:
    assert intervals.quantile(Precision(1, 10, 0.05), 0.2) == pytest.approx(
        intervals.quantile(Precision(1, 10, 1), 0.01)
    )


@given(estimates, precisions, errors)
def test_the_interval_is_symmetric_on_the_scale_of_logarithms(
    estimate: float, precision: Precision, error: float
) -> None:
    low, high = intervals.interval(estimate, precision, error)
    assume(low > 0 and math.isfinite(high))
    assert low <= high
    assert math.log(low) + math.log(high) == pytest.approx(2 * estimate, abs=1e-6)


@given(estimates, precisions, errors, errors)
def test_more_confidence_needs_a_wider_interval(
    estimate: float, precision: Precision, one: float, other: float
) -> None:
    strict, lax = (intervals.interval(estimate, precision, error) for error in sorted((one, other)))
    assert strict[0] <= lax[0]
    assert lax[1] <= strict[1]


@given(estimates, precisions, errors, st.floats(0.5, 2))
def test_the_interval_excludes_what_the_p_value_rejects(
    estimate: float, precision: Precision, error: float, bound: float
) -> None:
    low, high = intervals.interval(estimate, precision, error)
    p_value = intervals.p_value(estimate, precision, bound)
    assert 0 <= p_value <= 1
    assume(abs(p_value - error) > 1e-9 + 1e-6 * error)
    assert (p_value < error) == (not low <= bound <= high)


def test_without_any_spread_only_the_estimate_itself_is_not_rejected() -> None:
    exact = Precision(0, 5, 1)
    assert intervals.p_value(math.log(1.1), exact, 1.0) == 0
    assert intervals.p_value(0.0, exact, 1.0) == 1
    assert intervals.interval(0.0, exact, 0.05) == (1, 1)


@given(st.floats(0.3, 3), st.floats(0.001, 0.5))
def test_a_precision_that_was_not_kept_comes_from_the_interval(estimate: float, half: float) -> None:
    measured = Speedup(estimate, (estimate * math.exp(-half), estimate * math.exp(half)), half)
    restored = intervals.precision_of(measured)
    assert intervals.interval(math.log(estimate), restored, 0.05) == pytest.approx(measured.ci95)


def test_a_precision_that_was_kept_is_used() -> None:
    kept = Precision(0.01, 7, 0.05)
    assert intervals.precision_of(Speedup(1.0, (0.9, 1.1), 0.1, kept)) is kept


@given(st.lists(st.floats(0, 1), max_size=12), st.floats(0.001, 0.2))
def test_holm_rejects_the_smallest_p_values_between_bonferroni_and_none(
    p_values: list[float], error: float
) -> None:
    rejected = intervals.holm(p_values, error)
    assert len(rejected) == len(p_values)
    kept = [p for p, gone in zip(p_values, rejected, strict=True) if not gone]
    gone = [p for p, gone in zip(p_values, rejected, strict=True) if gone]
    assert all(one <= other for one in gone for other in kept)
    assert all(p <= error for p in gone)
    assert all(p > error / len(p_values) for p in kept), "Bonferroni's correction rejects no more than Holm's"
