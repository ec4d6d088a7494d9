"""Work that is done once for each key, and whose failure is remembered as well as its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from pytest_rtopt.base.errors import RtoptError

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


class Once(Generic[Value]):
    """Calls `work` at most once for each key.

    A failed build of twenty minutes must not be tried again for each of the tests that wanted it: they all
    get the error of the first.
    """

    def __init__(self, work: Callable[[str], Value]) -> None:
        self._work = work
        self._values: dict[str, Value] = {}
        self._errors: dict[str, RtoptError] = {}

    def __call__(self, key: str) -> Value:
        """Return the value for `key`, or raise the error that making it ended with."""
        if key in self._errors:
            raise self._errors[key]
        if key not in self._values:
            try:
                self._values[key] = self._work(key)
            except RtoptError as error:
                self._errors[key] = error
                raise
        return self._values[key]
