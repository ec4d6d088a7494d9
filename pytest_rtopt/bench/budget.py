"""The time budget of a run, which its workloads share."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class SharedBudget:
    """Gives each workload its share of the remaining seconds.

    `per_workload` is the maximum for one workload. `remaining` is the time for all workloads that have not
    begun; it is infinite if each workload has a budget of its own. `workloads` is their total number.
    """

    per_workload: float
    remaining: float
    workloads: int
    begun: int = 0

    def take(self, *, again: bool = False) -> float:
        """Return the seconds for the next workload, or further ones for the current; they count as used."""
        if not again:
            self.begun += 1
        # The remaining time is for the current workload and for those that have not begun.
        seconds = min(self.per_workload, max(0.0, self.remaining) / (1 + self._waiting))
        self.remaining -= seconds
        return seconds

    def settle(self, taken: float, used: float) -> None:
        """Correct the remaining time by the difference between the taken and the used seconds."""
        self.remaining += taken - used

    @contextmanager
    def charged(self) -> Iterator[None]:
        """Count the duration of a `with` block as used, even if the block fails."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.remaining -= time.monotonic() - started

    @property
    def exhausted(self) -> bool:
        """Whether no time remains for optional work."""
        return self.remaining <= 0

    @property
    def upcoming(self) -> float:
        """The maximum seconds for the workloads that have not begun."""
        return min(self.per_workload * self._waiting, max(0.0, self.remaining))

    @property
    def _waiting(self) -> int:
        return max(0, self.workloads - self.begun)
