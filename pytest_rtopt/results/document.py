"""Reads JSON. Errors name the document, the field, and what was expected there."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeVar

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.base.json_depth import DEEPEST, is_too_deep

if TYPE_CHECKING:
    from collections.abc import Mapping
    from enum import StrEnum
    from pathlib import Path

    Choice = TypeVar("Choice", bound=StrEnum)

_SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class Document:
    """The name of a document and the remedy if it is wrong, both for error messages."""

    name: str
    remedy: str


@dataclass(frozen=True)
class Field:
    """A JSON value with its place, for example `runtimes.go.benchmarks[0].pairs`.

    Every accessor checks the type of the value and raises `ReportError` if it is wrong.
    """

    value: object
    place: str
    document: Document

    def wrong(self, expected: str) -> ReportError:
        """Return an error with what was expected, the value found, and the remedy."""
        where = f"field `{self.place}`" if self.place else "the whole"
        return ReportError(
            f"{self.document.name}: {where}: expected {expected}, got {_shown(self.value)}; "
            f"{self.document.remedy}."
        )

    def mapping(self) -> dict[str, object]:
        """Return the value as an object."""
        if not isinstance(self.value, dict):
            raise self.wrong("an object")
        return self.value

    def member(self, name: str) -> Field:
        """Return the field `name` of this object."""
        members = self.mapping()
        if name not in members:
            raise self.wrong(f"an object with a field `{name}`")
        return self._inside(members[name], name)

    def optional(self, name: str) -> Field | None:
        """Return the field `name` of this object, or None if it is absent or null."""
        value = self.mapping().get(name)
        return None if value is None else self._inside(value, name)

    def members(self) -> Mapping[str, Field]:
        """Return all fields of this object by name."""
        return {name: self._inside(value, name) for name, value in self.mapping().items()}

    def elements(self) -> tuple[Field, ...]:
        """Return the elements of this list."""
        if not isinstance(self.value, list):
            raise self.wrong("a list")
        return tuple(
            Field(element, f"{self.place}[{index}]", self.document)
            for index, element in enumerate(self.value)
        )

    def pair(self) -> tuple[Field, Field]:
        """Return the two elements of this list of two."""
        match self.elements():
            case (first, second):
                return first, second
            case _:
                raise self.wrong("a list of two numbers")

    def text(self) -> str:
        """Return the value as text."""
        if not isinstance(self.value, str):
            raise self.wrong("a text")
        return self.value

    def choice(self, kind: type[Choice]) -> Choice:
        """Return the value as a member of the enumeration `kind`."""
        for member in kind:
            if member.value == self.value:
                return member
        raise self.wrong("one of " + ", ".join(f'"{member.value}"' for member in kind))

    def flag(self) -> bool:
        """Return the value as a truth value."""
        if not isinstance(self.value, bool):
            raise self.wrong("true or false")
        return self.value

    def count(self) -> int:
        """Return the value as a whole number that is not negative."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            raise self.wrong("a whole number, 0 or more")
        return self.value

    def number(self) -> float:
        """Return the value as a finite number."""
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            try:
                number = float(self.value)
            except OverflowError:
                number = math.inf
            if math.isfinite(number):
                return number
        raise self.wrong("a number")

    def _inside(self, value: object, name: str) -> Field:
        return Field(value, f"{self.place}.{name}" if self.place else name, self.document)


def read_document(path: Path, document: Document) -> Field | None:
    """Return the JSON value in the file at `path`, or None if there is no such file.

    Raises `ReportError` if it cannot be read or is not JSON.
    """
    text = read_text(path, document)
    return None if text is None else parse_document(text, document)


def read_text(path: Path, document: Document) -> str | None:
    """Return the text in the file at `path`, byte for byte, or None if there is no such file.

    Raises `ReportError` if it cannot be read or is not UTF-8.
    """
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ReportError(f"{document.name} cannot be read ({error.strerror}); {document.remedy}.") from error
    except UnicodeDecodeError as error:
        raise ReportError(f"{document.name} is not text in UTF-8; {document.remedy}.") from error


def parse_document(text: str, document: Document) -> Field:
    """Return the value of the JSON `text`; raises `ReportError` if it is not JSON."""
    try:
        value: object = json.loads(text, parse_constant=_reject_constant)
    except json.JSONDecodeError as error:
        raise ReportError(
            f"{document.name} is not JSON (line {error.lineno}, column {error.colno}: {error.msg}); "
            f"{document.remedy}."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{document.name} is not usable JSON ({error}); {document.remedy}.") from error
    if is_too_deep(value):
        raise ReportError(f"{document.name} has more than {DEEPEST} levels; {document.remedy}.")
    return Field(value, "", document)


def check_schema(top: Field, known: int) -> None:
    """Raise `ReportError` unless the document's `schema` is the `known` one."""
    schema = top.member("schema")
    found = schema.count()
    if found > known:
        raise ReportError(
            f"{top.document.name} has schema {found}, and this version of pytest-rtopt reads schema {known}; "
            "install a newer pytest-rtopt."
        )
    if found != known:
        raise schema.wrong(str(known))


def encode(value: object, *, sort_keys: bool) -> bytes:
    """Return `value` as indented JSON that ends in a newline. The same value gives the same bytes.

    Raises `ReportError` if JSON cannot express it: a value of `host`, `profile` or `packages` has the wrong
    type or is not finite.
    """
    try:
        text = json.dumps(value, indent=2, sort_keys=sort_keys, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ReportError(
            f"the results cannot be written as JSON ({error}): host, profile and packages take plain values."
        ) from error
    # A lone surrogate has no UTF-8. Its backslash form is the escape that JSON uses.
    return f"{text}\n".encode(errors="backslashreplace")


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
