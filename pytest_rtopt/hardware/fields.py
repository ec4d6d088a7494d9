"""Typed access to nested plain values; errors name the file, the field and what was expected."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeGuard

from pytest_rtopt.base.errors import ProfileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Nix integers are 64 bits wide.
_SMALLEST_INTEGER = -(2**63)
_LARGEST_INTEGER = 2**63 - 1
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
# Nix strings end at a NUL, and half a surrogate pair has no UTF-8 form.
_INEXPRESSIBLE = re.compile("[\0\ud800-\udfff]")
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Fields:
    """The fields of one set in a profile: `source` is the file, `path` the dotted name of the set itself.

    Each reading method returns `None` for a field that is absent or null. It raises `ProfileError` for a
    field of another type than the method reads.
    """

    source: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    path: str = ""

    def section(self, key: str) -> Fields:
        """Return the fields of the set `key`; no fields if it is absent."""
        value = self.values.get(key)
        if value is None:
            return Fields(self.source, path=self.name_of(key))
        if not is_set(value):
            raise self.error(key, "expected a set of fields", "write it as `{ … }`")
        return Fields(self.source, value, self.name_of(key))

    def sections(self) -> Iterator[str]:
        """Return the keys of those fields that are sets."""
        return (key for key, value in self.values.items() if is_set(value))

    def text(self, key: str) -> str | None:
        """Return a field that must be text."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        raise self.error(key, "expected text", "put it in quotes")

    def flag(self, key: str) -> bool | None:
        """Return a field that must be true or false."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        raise self.error(key, "expected true or false", "write it without quotes")

    def count(self, key: str, least: int) -> int | None:
        """Return a field that must be a whole number of at least `least`."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        raise self.error(
            key, f"expected a whole number of at least {least}", "write the number without quotes"
        )

    def gigabytes(self, key: str) -> float | None:
        """Return a field that must be a positive number; profiles write it as a number or as text."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            value = float(value)
        if is_number(value) and value > 0:
            return float(value)
        raise self.error(key, "expected a size in GB above 0", "write the number alone, such as 16")

    def choice(self, key: str, allowed: Iterable[str]) -> str | None:
        """Return a field that must be one of the texts `allowed`."""
        value = self.values.get(key)
        if value is None:
            return None
        names = tuple(allowed)
        if isinstance(value, str) and value in names:
            return value
        listed = ", ".join(f'"{name}"' for name in names)
        raise self.error(key, f"expected one of {listed}", "choose one of them or leave the field out")

    def choices(self, key: str, allowed: Iterable[str]) -> tuple[str, ...]:
        """Return a field that must be a list of the texts `allowed`; an empty tuple if it is absent."""
        value = self.values.get(key)
        names = tuple(allowed)
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(item, str) and item in names for item in value):
            return tuple(value)
        listed = ", ".join(f'"{name}"' for name in names)
        raise self.error(key, f"expected a list of some of {listed}", "write it as `[ … ]`")

    def error(self, key: str, expected: str, remedy: str) -> ProfileError:
        """Return the error for a field with a wrong value."""
        where = f"{self.source}: field `{self.name_of(key)}`"
        return ProfileError(f"{where}: {expected}, got {_shown(self.values.get(key))}; {remedy}.")

    def name_of(self, key: str) -> str:
        """Return the dotted name of the field `key`."""
        return f"{self.path}.{key}" if self.path else key


def check_plain(value: object, *, source: str, path: str = "") -> None:
    """Raise `ProfileError` unless both JSON and Nix can express the value of the field `path`."""
    match value:
        case None | bool():
            return
        case int() if _SMALLEST_INTEGER <= value <= _LARGEST_INTEGER:
            return
        case float() if math.isfinite(value):
            return
        case str() if not _INEXPRESSIBLE.search(value):
            return
        case list():
            for index, item in enumerate(value):
                check_plain(item, source=source, path=f"{path}[{index}]")
        case dict():
            for name, item in value.items():
                check_plain(item, source=source, path=f"{path}.{name}" if path else name)
        case _:
            raise ProfileError(
                f"{source}: field `{path}`: expected text, a number, true, false, a list or a set, "
                f"got {_shown(value)}; change it to one of them or remove it."
            )


def is_set(value: object) -> TypeGuard[Mapping[str, object]]:
    """Return whether `value` is a set of fields, like a JSON object."""
    return isinstance(value, dict)


def is_number(value: object) -> TypeGuard[float]:
    """Return whether `value` is a finite number; true and false are not numbers."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
