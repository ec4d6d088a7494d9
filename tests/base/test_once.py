"""Work that is done once for each key."""

from __future__ import annotations

import pytest

from pytest_rtopt.base.errors import BuildError
from pytest_rtopt.base.once import Once


def test_a_value_is_made_once_for_each_key() -> None:
    calls: list[str] = []

    def upper(key: str) -> str:
        calls.append(key)
        return key.upper()

    once = Once(upper)
    assert [once(key) for key in ("a", "b", "a")] == ["A", "B", "A"]
    assert calls == ["a", "b"]


def test_nothing_is_a_value_too() -> None:
    calls: list[str] = []
    once = Once(calls.append)
    once("a")
    once("a")
    assert calls == ["a"]


def test_a_failure_is_remembered() -> None:
    calls: list[str] = []

    def build(key: str) -> None:
        calls.append(key)
        raise BuildError(f"{key} failed.")

    once = Once(build)
    for _ in range(3):
        with pytest.raises(BuildError, match="a failed"):
            once("a")
    assert calls == ["a"]


def test_an_interruption_is_not_remembered() -> None:
    calls: list[str] = []

    def build(key: str) -> str:
        calls.append(key)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return key

    once = Once(build)
    with pytest.raises(KeyboardInterrupt):
        once("a")
    assert once("a") == "a"
