"""A cache that calls a function once for each key and remembers its value or its error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from pytest_rtopt.base.errors import RtoptError

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


class Once(Generic[Value]):
    """Calls `work` at most once for each key.

    A build that failed after twenty minutes must not be repeated for each test that needs it. All of these
    tests get the error of the first attempt.
    """

    def __init__(self, work: Callable[[str], Value]) -> None:
        self._work = work
        self._values: dict[str, Value] = {}
        self._errors: dict[str, RtoptError] = {}

    def __call__(self, key: str) -> Value:
        """Return the value for `key`, or raise the error of the first call."""
        if key in self._errors:
            raise self._errors[key]
        if key not in self._values:
            try:
                self._values[key] = self._work(key)
            except RtoptError as error:
                self._errors[key] = error
                raise
        return self._values[key]
