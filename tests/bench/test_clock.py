"""Which time is compared: on made-up values, and on real processes that compute, wait, and are queued."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.process import Usage
from pytest_rtopt.bench.clock import clock_of, seconds, waiting_share
from pytest_rtopt.bench.pinning import pinned
from pytest_rtopt.bench.sampler import Pair, Side
from pytest_rtopt.results.values import Clock

pytestmark = pytest.mark.alone

COMPUTE = (sys.executable, "-I", "-S", "-c", "sum(range(5000000))")
WAIT = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(0.2)")


def pairs(stock: Usage, optimized: Usage) -> list[Pair]:
    return [Pair(stock, optimized, Side.STOCK)] * 5


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(1.00, 0.90, 0.09), Clock.CPU),
        (Usage(1.00, 0.50, 0.00), Clock.WALL),  # half of the time in a sleep
        (Usage(4.00, 0.90, 0.10, queued_seconds=2.99), Clock.CPU),  # others ran for three seconds
        (Usage(4.00, 0.90, 0.10, queued_seconds=0.0), Clock.WALL),  # the same, if the kernel does not say
        (Usage(0.60, 1.00, 0.00), Clock.WALL),  # threads in parallel
    ],
)
def test_what_waits_or_is_parallel_is_compared_by_wall_time(usage: Usage, expected: Clock) -> None:
    assert clock_of(pairs(usage, usage)) is expected


def test_both_sides_have_to_compute() -> None:
    """An optimized side that sleeps instead of computing would look fast by its CPU time."""
    assert clock_of(pairs(Usage(1.0, 1.0, 0.0), Usage(1.0, 0.2, 0.0))) is Clock.WALL


def test_one_delayed_start_does_not_change_the_clock() -> None:
    usual, delayed = Usage(1.0, 0.99, 0.0), Usage(9.0, 0.99, 0.0)
    measured = [*pairs(usual, usual), Pair(delayed, usual, Side.STOCK)]
    assert clock_of(measured) is Clock.CPU


def test_seconds_are_those_of_the_clock() -> None:
    usage = Usage(3.0, 1.0, 0.5)
    assert (seconds(usage, Clock.CPU), seconds(usage, Clock.WALL)) == (1.5, 3.0)


def test_a_real_process_that_waits_and_one_that_computes() -> None:
    assert waiting_share(process.run(WAIT, timeout=60).usage) > 0.5
    shares = sorted(waiting_share(process.run(COMPUTE, timeout=60).usage) for _ in range(5))
    assert shares[2] < 0.05


def test_time_in_the_queue_is_not_time_of_waiting() -> None:
    """Two processes on one core: each is ready all the time and runs for half of it."""
    with pinned() as core:
        assert core is not None
        other = subprocess.Popen([sys.executable, "-I", "-S", "-c", "while True: pass"])
        try:
            measured = [process.run(COMPUTE, timeout=60).usage for _ in range(5)]
        finally:
            other.kill()
            other.wait()
    shares = sorted(waiting_share(usage) for usage in measured)
    queued = sorted(usage.queued_seconds / usage.wall_seconds for usage in measured)
    assert queued[2] > 0.2
    assert shares[2] < 0.05
    assert os.sched_getaffinity(0)
