"""Finds the words and lines that an overlay added to the attributes of a derivation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_rtopt.nix.derivation import Derivation


def overlay_additions(stock: Derivation, optimized: Derivation) -> dict[str, str]:
    """Return, for each attribute that the overlay changed, the text that stock's value does not have.

    Values of several lines, such as scripts, are compared by line, and others by word. If the overlay only
    removed text, the attribute is left out. Names are sorted.
    """
    before = {**stock.attributes, **stock.exported}
    additions = {}
    for name, value in sorted({**optimized.attributes, **optimized.exported}.items()):
        if name == "env" or (name in before and before[name] == value):
            continue
        new = _new(as_text(before[name]) if name in before else "", as_text(value))
        if new or name not in before:
            additions[name] = new
    return additions


def as_text(value: object) -> str:
    """Return a value as text; elements of a list are separated by spaces, as in a shell."""
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return str(value)


def _new(before: str, after: str) -> str:
    if "\n" in after or "\n" in before:
        old = set(map(str.strip, before.splitlines()))
        return "\n".join(line for line in after.splitlines() if line.strip() not in old)
    words = set(before.split())
    return " ".join(word for word in after.split() if word not in words)
