"""Rivals: other builds of the same runtime, measured in the same rounds as stock and optimized.

A rival never changes a verdict. One that fails, or gives another answer than stock, takes no further part.
Its result says why, and the two sides are measured as without it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_rtopt.bench.workload import Places


@dataclass(frozen=True)
class Rival:
    """A build of the runtime that somebody else made: the path that the user gave, and its places."""

    name: str
    places: Places

    def __str__(self) -> str:
        return f"the rival {self.name}"


@dataclass
class Field:
    """The rivals that still take part in a measurement, and the reasons why others do not, by name."""

    rivals: list[Rival]
    withdrawn: dict[str, str] = field(default_factory=dict)

    def withdraw(self, rival: Rival, reason: str) -> None:
        """Take `rival` out of all further rounds."""
        self.rivals.remove(rival)
        self.withdrawn[rival.name] = reason
