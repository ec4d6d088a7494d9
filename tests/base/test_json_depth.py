"""The limit on nested JSON, against a plain recursive count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.json_depth import DEEPEST, is_too_deep


def levels(value: object) -> int:
    """Return how many levels of lists and objects a value has."""
    if isinstance(value, dict):
        return 1 + max(map(levels, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(levels, value), default=0)
    return 0


def wrapped(value: object, times: int) -> object:
    """Return the value in as many levels of alternating lists and objects."""
    for number in range(times):
        value = [value] if number % 2 else {"inner": value, "beside": 1}
    return value


@given(
    st.recursive(st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)),
    st.integers(DEEPEST - 6, DEEPEST + 1),
)
def test_the_deepest_place_decides(value: object, times: int) -> None:
    nested = wrapped(value, times)
    assert is_too_deep(nested) == (levels(nested) > DEEPEST)


@pytest.mark.parametrize("innermost", [1, "text", [], {}])
def test_one_level_more_than_the_limit_is_too_deep(innermost: object) -> None:
    """Bug: the limit let one level more pass than it names."""
    own = levels(innermost)
    assert not is_too_deep(wrapped(innermost, DEEPEST - own))
    assert is_too_deep(wrapped(innermost, DEEPEST - own + 1))


def test_a_value_that_would_exhaust_the_stack_is_answered() -> None:
    assert is_too_deep(wrapped(0, 100_000))
