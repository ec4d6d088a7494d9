"""Numbers and lists in words."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.results import phrases
from pytest_rtopt.results.values import Conditions, Expectation, FindingStatus, Speedup
from tests.support.sample_results import benchmark, finding, lua


def test_interval_shows_estimate_and_bounds() -> None:
    assert phrases.interval(Speedup(1.2134, (1.1981, 1.2289), 0.012)) == "1.213 [1.198, 1.229]"


@pytest.mark.parametrize("ci95", [(math.nan, 1.0), (1.0, math.inf)])
def test_interval_without_a_bound_is_not_measured(ci95: tuple[float, float]) -> None:
    assert phrases.interval(Speedup(1.0, ci95, 0.01)) == "not measured"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "-"),
        (4.24, "4.2 s"),
        (59.7, "1 min 00 s"),
        (312.4, "5 min 12 s"),
        (3599.6, "1 h 00 min"),
        (9123.0, "2 h 32 min"),
    ],
)
def test_duration(seconds: float | None, words: str) -> None:
    assert phrases.duration(seconds) == words


def test_percent_and_size() -> None:
    assert (phrases.percent(0.0123), phrases.percent(math.inf)) == ("1.2 %", "-")
    assert (phrases.size(234_100_000), phrases.size(None)) == ("234.1 MB", "-")


def test_promise_names_range_and_outcome() -> None:
    promised = replace(benchmark(), expected=(0.03, 0.07), expectation=Expectation.CONTRADICTED)
    assert phrases.promise(promised) == "+3..+7 % contradicted"
    assert phrases.promise(replace(promised, expected=None)) == "-"


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (list("abc"), "a, b and c"),
        (list("abcde"), "a, b, c and 2 more"),
    ],
)
def test_listing(items: list[str], words: str) -> None:
    assert phrases.listing(items) == words


@given(st.text())
def test_one_line_is_printable(text: str) -> None:
    assert phrases.one_line(text).isprintable()


def test_tally_has_every_status() -> None:
    counts = phrases.tally([*lua().findings, finding(status=FindingStatus.REFUTED)])
    assert list(counts.values()) == [3, 1, 0, 0]


def test_the_load_of_benchmarks_is_the_highest_that_is_known() -> None:
    unknown = benchmark()
    idle = replace(unknown, conditions=Conditions(1, 0.0, 0, (None, None), 0.04, 1))
    busy = replace(unknown, conditions=Conditions(1, 0.0, 0, (None, None), 9.46, None))
    assert phrases.load([unknown]) == ""
    assert phrases.load([unknown, idle]) == "a load of 0.0 on 1 CPU"
    assert phrases.load([busy, idle]) == "a load of 9.5"
