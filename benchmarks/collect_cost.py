"""Measures the cost of the plugin in a project that does not use it, by `pytest --collect-only`.

It runs the command with and without the plugin in a temporary project of plain tests, in pairs, and in random
order within each pair. It prints the medians of the differences of wall and CPU time in milliseconds, with 95
% bootstrap intervals. The exit status is 0 if the whole interval of wall time is within the limit, 1 if not,
and 2 if nothing could be measured.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import bootstrap

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import RtoptError

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLLECT = (sys.executable, "-m", "pytest", "--collect-only", "-q")
_WITHOUT = ("-p", "no:rtopt")
_FILES = 10
_TESTS_PER_FILE = 20
_TIMEOUT = 120.0


@dataclass(frozen=True)
class Cost:
    """The median difference and its 95 % interval in milliseconds; positive if the plugin adds time."""

    median: float
    ci95: tuple[float, float]

    def __str__(self) -> str:
        return f"{self.median:.1f} ms (95 % interval {self.ci95[0]:.1f} to {self.ci95[1]:.1f} ms)"


def summarize(differences: Sequence[float], seed: int) -> Cost:
    """Return the median of paired differences in milliseconds with its percentile bootstrap interval."""
    interval = bootstrap(
        (np.asarray(differences),),
        np.median,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Cost(float(np.median(differences)), (float(interval.low), float(interval.high)))


def verdict(cost: Cost, limit: float) -> str:
    """Return a phrase that compares the interval with the limit."""
    low, high = cost.ci95
    if high <= limit:
        return "within the limit"
    if low > limit:
        return "above the limit"
    return "undecided (take more pairs, or a quieter machine), which does not count as within the limit"


def measure(project: Path, pairs: int, seed: int) -> tuple[list[float], list[float]]:
    """Return the differences (with - without) of wall and CPU time in milliseconds, one per pair.

    One run of each command comes first and does not count. It fills the caches, including that of compiled
    modules, which an installed package has and a checkout may lack.
    """
    without = ("PYTEST_", "PYTHONDONTWRITEBYTECODE")
    env = {name: value for name, value in os.environ.items() if not name.startswith(without)}
    env["PYTHONPYCACHEPREFIX"] = str(project / "compiled")
    surroundings = process.Surroundings(env=env, cwd=project)

    def usage(options: tuple[str, ...]) -> process.Usage:
        return process.check([*_COLLECT, *options], timeout=_TIMEOUT, surroundings=surroundings).usage

    _check_difference(surroundings)
    rng = np.random.default_rng(seed)
    wall, cpu = [], []
    for with_first in rng.integers(2, size=pairs):
        first, second = map(usage, ((), _WITHOUT) if with_first else (_WITHOUT, ()))
        added, base = (first, second) if with_first else (second, first)
        wall.append((added.wall_seconds - base.wall_seconds) * 1000)
        cpu.append((_cpu_seconds(added) - _cpu_seconds(base)) * 1000)
    return wall, cpu


def _cpu_seconds(usage: process.Usage) -> float:
    return usage.user_seconds + usage.system_seconds


def _check_difference(surroundings: process.Surroundings) -> None:
    """Raise `RtoptError` unless exactly the command without `-p no:rtopt` loads the plugin."""
    loaded = [
        "<module 'pytest_rtopt.plugin.hooks'"
        in process.check(
            [*_COLLECT, "--trace-config", *options], timeout=_TIMEOUT, surroundings=surroundings
        ).text
        for options in ((), _WITHOUT)
    ]
    if loaded != [True, False]:
        raise RtoptError(f"pytest of {sys.executable} does not load pytest-rtopt; install the project there.")


def make_project(directory: Path) -> None:
    """Write a project of plain tests with a configuration of its own, so that pytest finds no other."""
    (directory / "pytest.ini").write_text("[pytest]\n")
    body = "".join(f"def test_{n}():\n    assert {n} + 1 > {n}\n\n\n" for n in range(_TESTS_PER_FILE))
    for n in range(_FILES):
        (directory / f"test_part_{n}.py").write_text(body)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print one line, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pairs", type=int, default=40, help="number of pairs, at least 2 (%(default)s)")
    parser.add_argument("--limit", type=float, default=30.0, help="limit in milliseconds (%(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="seed of order and bootstrap (random)")
    options = parser.parse_args(arguments)
    if options.pairs < 2:  # noqa: PLR2004  # an interval needs two
        parser.error("--pairs must be at least 2")
    seed = secrets.randbits(32) if options.seed is None else options.seed
    try:
        with tempfile.TemporaryDirectory() as directory:
            make_project(Path(directory))
            wall, cpu = (summarize(side, seed) for side in measure(Path(directory), options.pairs, seed))
    except RtoptError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"pytest-rtopt adds to pytest --collect-only, {options.pairs} pairs, seed {seed}:")
    print(f"  wall {wall}\n  CPU  {cpu}")
    print(f"{verdict(wall, options.limit)} of {options.limit:g} ms")
    return int(wall.ci95[1] > options.limit)


if __name__ == "__main__":
    sys.exit(main())
