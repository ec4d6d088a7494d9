"""Which time of a process is compared: what it computed, or what passed meanwhile.

On a shared machine the wall time of a program that only computes is mostly the time of others. But CPU time
says nothing of a program that waits for a disk or sleeps. How long a start waited is known: wall time, less
CPU time, less the time in which its main thread was ready and something else ran (`/proc/PID/schedstat`). A
program that waits for less than 5 % of its time is compared by CPU time, any other by wall time. Where the
kernel does not say how long a process was queued, or where other threads than the main one were, that counts
as waiting: what is unsure is compared by wall time. The choice does not look at which side was faster.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from pytest_rtopt.results.values import Clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_rtopt.base.process import Usage
    from pytest_rtopt.bench.sampler import Pair

_WAITING = 0.05
# Threads in parallel shorten wall time only; CPU time would count them as if they were in a row.
_PARALLEL = 1.02


def clock_of(pairs: Sequence[Pair]) -> Clock:
    """Return the clock by which these pairs are to be compared; `pairs` must not be empty."""
    sides = [pair.stock for pair in pairs], [pair.optimized for pair in pairs]
    computes = all(
        statistics.median(map(waiting_share, side)) < _WAITING
        and statistics.median(map(_cpu_per_wall, side)) < _PARALLEL
        for side in sides
    )
    return Clock.CPU if computes else Clock.WALL


def seconds(usage: Usage, clock: Clock) -> float:
    """Return the time that `clock` shows for one value."""
    return usage.cpu_seconds if clock is Clock.CPU else usage.wall_seconds


def waiting_share(usage: Usage) -> float:
    """Return the part of its own time (the wall time less what it was queued) that a process waited."""
    own = usage.wall_seconds - usage.queued_seconds
    return max(0.0, own - usage.cpu_seconds) / own if own > 0 else 0.0


def _cpu_per_wall(usage: Usage) -> float:
    return usage.cpu_seconds / usage.wall_seconds
