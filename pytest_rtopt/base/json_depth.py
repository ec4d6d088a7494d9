"""How deep JSON may nest, so that whatever shows or compares it later cannot run out of stack."""

from __future__ import annotations

from typing import Final

DEEPEST: Final = 100
"""Levels of lists and objects; nixpkgs' own derivations have fewer than ten."""


def is_too_deep(value: object) -> bool:
    """Say whether lists and objects in a JSON value nest more than `DEEPEST` levels."""
    level: list[object] = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(inner, dict | list) for inner in level)
