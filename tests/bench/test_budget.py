"""The time of a run that its workloads share."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.bench.budget import SharedBudget


@given(
    st.floats(1, 100),
    st.floats(1, 1000),
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
    st.integers(1, 2),
)
def test_together_they_take_no_more_than_there_is(
    most: float, total: float, used: list[float], builds: int
) -> None:
    budget = SharedBudget(most, total, len(used))
    spent = 0.0
    for share in used:
        promised = budget.upcoming
        for again in (False, True)[:builds]:
            taken = budget.take(again=again)
            assert 0 <= taken <= most
            if not again:
                assert taken <= promised + 1e-9
            budget.settle(taken, taken * share)
            spent += taken * share
    assert spent <= total * (1 + 1e-9)
    assert budget.upcoming == 0


def test_what_one_does_not_use_the_others_get() -> None:
    budget = SharedBudget(60.0, 90.0, 3)
    taken = budget.take()
    assert taken == 30.0
    budget.settle(taken, 0.0)
    assert budget.take() == 45.0
    assert budget.take() == 45.0


def test_what_was_done_beside_measuring_counts_also_where_it_fails() -> None:
    budget = SharedBudget(60.0, 0.01, 1)

    @budget.charged()
    def build() -> None:
        time.sleep(0.02)
        raise ValueError("not built")

    with pytest.raises(ValueError, match="not built"):
        build()
    assert budget.exhausted
    assert budget.take() == 0.0


def test_what_one_uses_beyond_its_share_the_others_lack() -> None:
    budget = SharedBudget(60.0, 90.0, 3)
    budget.settle(budget.take(), 50.0)
    assert budget.take() == 20.0
    budget.settle(20.0, 60.0)
    assert budget.upcoming == 0.0
    assert budget.take() == 0.0


def test_a_second_build_leaves_the_others_their_share() -> None:
    budget = SharedBudget(60.0, 100.0, 2)
    assert budget.take() == 50.0
    assert budget.take(again=True) == 25.0
    assert budget.take() == 25.0


def test_a_budget_that_was_named_is_taken_literally() -> None:
    budget = SharedBudget(5.0, math.inf, 3)
    assert [budget.take(), budget.take(again=True), budget.take()] == [5.0] * 3
    assert budget.upcoming == pytest.approx(5.0)
