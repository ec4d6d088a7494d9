"""The time of a run, shared by what it measures: nobody waits longer than was said."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class SharedBudget:
    """Gives each workload its share of the seconds that are left.

    `most` is the most for one workload, `left` what all that are still to come may take together (infinite
    where each was promised its own), `workloads` how many there are in all.
    """

    most: float
    left: float
    workloads: int
    begun: int = 0

    def take(self, *, again: bool = False) -> float:
        """Return the seconds for the next workload, or once more for the one at hand; they count as used."""
        if not again:
            self.begun += 1
        # Those that were begun share nothing any more, but for the one at hand.
        seconds = min(self.most, max(0.0, self.left) / (1 + self._waiting))
        self.left -= seconds
        return seconds

    def settle(self, taken: float, used: float) -> None:
        """Give back what was not used of what was taken; or take what was used beyond it."""
        self.left += taken - used

    @contextmanager
    def charged(self) -> Iterator[None]:
        """Count the seconds that something takes as used, also where it fails."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.left -= time.monotonic() - started

    @property
    def used_up(self) -> bool:
        """Whether nothing is left for what nobody waits for."""
        return self.left <= 0

    @property
    def to_come(self) -> float:
        """The most seconds that the workloads take which were not begun yet."""
        return min(self.most * self._waiting, max(0.0, self.left))

    @property
    def _waiting(self) -> int:
        return max(0, self.workloads - self.begun)
