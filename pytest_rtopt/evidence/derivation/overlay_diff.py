"""What an overlay added to a derivation's attributes, word by word and line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_rtopt.nix.derivation import Derivation


def overlay_additions(stock: Derivation, optimized: Derivation) -> dict[str, str]:
    """Return, for each attribute that the overlay changed, what stock's value does not have.

    Of values of several lines, as scripts are, whole lines are told apart; of others words. A value that only
    lost something is not in it. Names are sorted.
    """
    before = {**stock.attributes, **stock.exported}
    found = {}
    for name, value in sorted({**optimized.attributes, **optimized.exported}.items()):
        if name == "env" or (name in before and before[name] == value):
            continue
        new = _new(_as_text(before[name]) if name in before else "", _as_text(value))
        if new or name not in before:
            found[name] = new
    return found


def _as_text(value: object) -> str:
    """Return a value as its words stand in a shell: elements of lists apart from each other."""
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return str(value)


def _new(before: str, after: str) -> str:
    if "\n" in after or "\n" in before:
        known = set(map(str.strip, before.splitlines()))
        return "\n".join(line for line in after.splitlines() if line.strip() not in known)
    words = set(before.split())
    return " ".join(word for word in after.split() if word not in words)
