"""Formats plain values as readable Nix text."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from pytest_rtopt.hardware.fields import is_set

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDTH = 100
_INDENT = "  "
# In the grammar of Nix, an identifier that is not a keyword needs no quotes as an attribute name.
_IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'-]*")
_KEYWORDS = frozenset({"assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"})
_ESCAPES = {"\\": "\\\\", '"': '\\"', "${": "\\${", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CONSTANTS = {None: "null", True: "true", False: "false"}
_ESCAPED = re.compile(r'\\|"|\$\{|\n|\r|\t')
_SMALLEST_INTEGER = -(2**63)


def to_nix(values: object) -> str:
    """Return JSON-like `values` as a Nix expression, formatted, ending in a newline.

    Sets keep their order. Text must not contain NUL, numbers must be finite, and integers must fit in 64
    bits; `parse_profile` checks this. Raises `TypeError` for a value that is not of a JSON type.
    """
    return _expression(values, 0) + "\n"


def _expression(value: object, depth: int) -> str:
    if is_set(value):
        fields = (f"{_name(k)} = {_expression(v, depth + 1)};" for k, v in value.items())
        return _block("{", fields, "}", depth)
    if isinstance(value, list):
        return _list(value, depth)
    return _scalar(value)


def _scalar(value: object) -> str:
    match value:
        case None | True | False:
            return _CONSTANTS[value]
        case int():
            # Nix parses the digits before the sign, so the literal of the smallest integer is out of range.
            return "-9223372036854775807 - 1" if value == _SMALLEST_INTEGER else str(value)
        case float():
            return _float(value)
        case str():
            return _text(value)
        case _:
            raise TypeError(f"Nix text can hold plain JSON values only, not {type(value).__name__}")


def _list(items: Iterable[object], depth: int) -> str:
    texts = [_element(item, depth + 1) for item in items]
    line = " ".join(("[", *texts, "]"))
    if "\n" not in line and len(line) + len(_INDENT) * depth <= _WIDTH:
        return line
    return _block("[", texts, "]", depth)


def _element(value: object, depth: int) -> str:
    text = _expression(value, depth)
    # In a list, negative numbers and function applications need parentheses.
    return f"({text})" if text.startswith(("-", "builtins.")) else text


def _block(opening: str, lines: Iterable[str], closing: str, depth: int) -> str:
    inside = [f"{_INDENT * (depth + 1)}{line}" for line in lines]
    return "\n".join((opening, *inside, f"{_INDENT * depth}{closing}")) if inside else f"{opening} {closing}"


def _float(value: float) -> str:
    if value != 0 and abs(value) < sys.float_info.min:
        # Nix rejects literals below the normal range, but accepts them from JSON.
        return f'builtins.fromJSON "{value!r}"'
    mantissa, exponent_sign, exponent = repr(value).partition("e")
    # Nix needs a point in every float: it reads 1e-07 as a number followed by a name.
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}{exponent_sign}{exponent}"


def _name(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) and name not in _KEYWORDS else _text(name)


def _text(text: str) -> str:
    return '"' + _ESCAPED.sub(lambda match: _ESCAPES[match[0]], text) + '"'
