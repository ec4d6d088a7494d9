"""Chooses the time by which processes are compared: CPU time or wall time.

On a shared machine, other programs distort the wall time of a program that only computes. But CPU time does
not include the time in which a program waits for a disk or sleeps. The waiting time of a process is its wall
time, minus its CPU time, minus the time in which its main thread was ready and another one ran
(`/proc/PID/schedstat`). A program that waits for less than 5 % of its time is compared by CPU time, and any
other by wall time. If the kernel does not report the queued time of a process or of its other threads, this
time counts as waiting; so doubtful cases use wall time. The choice does not depend on which side was faster.
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
# Parallel threads shorten wall time only; CPU time adds them up as if they ran one after the other.
_PARALLEL = 1.02


def clock_of(pairs: Sequence[Pair]) -> Clock:
    """Return the clock for the comparison of these pairs; `pairs` must not be empty."""
    sides = [pair.stock for pair in pairs], [pair.optimized for pair in pairs]
    computes = all(
        statistics.median(map(waiting_share, side)) < _WAITING
        and statistics.median(map(_cpu_per_wall, side)) < _PARALLEL
        for side in sides
    )
    return Clock.CPU if computes else Clock.WALL


def seconds(usage: Usage, clock: Clock) -> float:
    """Return the seconds of one process by `clock`."""
    return usage.cpu_seconds if clock is Clock.CPU else usage.wall_seconds


def waiting_share(usage: Usage) -> float:
    """Return the fraction of its own time (wall time minus queued time) that a process waited."""
    own = usage.wall_seconds - usage.queued_seconds
    return max(0.0, own - usage.cpu_seconds) / own if own > 0 else 0.0


def _cpu_per_wall(usage: Usage) -> float:
    return usage.cpu_seconds / usage.wall_seconds
