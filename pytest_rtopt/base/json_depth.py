"""A limit on the nesting of JSON, so that code that shows or compares it later cannot exhaust the stack."""

from __future__ import annotations

from typing import Final

DEEPEST: Final = 100
"""The maximum number of levels of lists and objects; derivations of nixpkgs have fewer than ten."""


def is_too_deep(value: object) -> bool:
    """Return whether lists and objects in a JSON value nest more than `DEEPEST` levels."""
    level: list[object] = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(inner, dict | list) for inner in level)
