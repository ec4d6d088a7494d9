"""Compares statistics for the speedup on recorded times of one program that is compared with itself.

A recording is a CSV file with the wall and CPU seconds of consecutive starts. Random windows of it are drawn
that fit the budget by wall time, and the sides in each pair are assigned at random. So the true speedup is 1.
For each statistic, it prints the root mean square of the logarithm of the estimate (the error), how often the
95 % and the 99 % interval exclude 1, and the half-width of the 95 % interval.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from pytest_rtopt.bench import intervals, statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Interval = tuple[float, float]
    Judged = tuple[float, dict[float, Interval]]

_ERRORS = (0.05, 0.01)
_RECORDINGS = Path(__file__).parent.parent / "tests" / "data" / "noise"


def trimmed(share: float) -> Callable[[Array], Judged]:
    """Return the trimmed mean with the interval of Tukey and McLaughlin; a share of 0 gives Student's t."""

    def judge(ratios: Array) -> Judged:
        centre = float(stats.trim_mean(ratios, share))
        winsorized = stats.mstats.trimmed_stde(ratios, (share, share), (True, True)) if share else None
        error = float(stats.sem(ratios) if winsorized is None else winsorized)
        freedom = ratios.size - 2 * int(share * ratios.size) - 1
        halves = {level: float(stats.t.ppf(1 - level / 2, freedom)) * error for level in _ERRORS}
        return centre, {level: (centre - half, centre + half) for level, half in halves.items()}

    return judge


def bootstrapped(ratios: Array) -> Judged:
    """Return the 20 % trimmed mean with a percentile bootstrap."""

    def location(sample: Array, axis: int) -> Array:
        centre: Array = stats.trim_mean(sample, 0.2, axis=axis)
        return centre

    drawn = {
        level: stats.bootstrap(
            (ratios,), location, n_resamples=999, confidence_level=1 - level, method="percentile", rng=1
        ).confidence_interval
        for level in _ERRORS
    }
    bounds = {level: (float(interval.low), float(interval.high)) for level, interval in drawn.items()}
    return float(stats.trim_mean(ratios, 0.2)), bounds


def signed_ranks(ratios: Array) -> Judged:
    """Return the Hodges-Lehmann estimate with the interval of Wilcoxon's signed ranks."""
    rows, columns = np.triu_indices(ratios.size)
    means = np.sort((ratios[rows] + ratios[columns]) / 2)
    spread = math.sqrt(ratios.size * (ratios.size + 1) * (2 * ratios.size + 1) / 24)
    bounds = {}
    for level in _ERRORS:
        cut = max(0, int(means.size / 2 - float(stats.norm.ppf(1 - level / 2)) * spread))
        bounds[level] = (float(means[cut]), float(means[-1 - cut]))
    return float(np.median(means)), bounds


def shipped(ratios: Array) -> Judged:
    """Return the estimate and the intervals that this project uses."""
    speedup = statistics.speedup(ratios)
    assert speedup.precision is not None  # noqa: S101  # a single measurement always has a precision
    centre = math.log(speedup.estimate)
    bounds = {level: intervals.interval(centre, speedup.precision, level) for level in _ERRORS}
    return centre, {level: (math.log(low), math.log(high)) for level, (low, high) in bounds.items()}


_CANDIDATES = (
    ("wall, mean, Student's t", "wall", 1, trimmed(0.0)),
    ("wall, 20 % trimmed, bootstrap", "wall", 1, bootstrapped),
    ("wall, 30 % trimmed", "wall", 1, trimmed(0.3)),
    ("CPU, mean, Student's t", "CPU", 1, trimmed(0.0)),
    ("CPU, 20 % trimmed", "CPU", 1, trimmed(0.2)),
    ("CPU, 20 % trimmed, bootstrap", "CPU", 1, bootstrapped),
    ("CPU, 30 % trimmed", "CPU", 1, trimmed(0.3)),
    ("CPU, 40 % trimmed", "CPU", 1, trimmed(0.4)),
    ("CPU, Hodges-Lehmann", "CPU", 1, signed_ranks),
    ("CPU, ABBA blocks, 20 % trimmed", "CPU", 2, trimmed(0.2)),
    ("CPU, ABBA blocks, 30 % trimmed", "CPU", 2, trimmed(0.3)),
    ("as shipped (CPU)", "CPU", 1, shipped),
)


def log_ratios(times: Array, starts: int, rng: np.random.Generator) -> Array:
    """Return log-ratios of blocks of `starts` starts of each side; the sides are assigned at random."""
    logs = np.log(times[: times.size // (2 * starts) * 2 * starts]).reshape(-1, 2 * starts)
    signs = np.array([1, -1]) if starts == 1 else np.array([1, -1, -1, 1])
    blocks: Array = (logs @ signs) / starts * rng.choice([-1.0, 1.0], len(logs))
    return blocks


def windows(recording: Array, seconds: float, count: int, rng: np.random.Generator) -> Iterable[Array]:
    """Yield `count` random windows of consecutive starts that took `seconds` of wall time together."""
    ends = np.cumsum(recording[:, 0])
    if ends[-1] < seconds:
        raise SystemExit(
            f"The recording has {ends[-1]:.0f} s, which is less than one window of {seconds:g} s; lower "
            "`--seconds`."
        )
    for start in rng.integers(0, np.searchsorted(ends, ends[-1] - seconds), count):
        yield recording[start : np.searchsorted(ends, ends[start] + seconds)]


def table(recording: Array, seconds: float, count: int, seed: int) -> Iterable[str]:
    """Yield the lines of the table of one recording."""
    drawn = list(windows(recording, seconds, count, np.random.default_rng(seed)))
    yield f"{np.median([len(window) for window in drawn]):.0f} starts in {seconds:g} s, {count} windows"
    yield f"  {'':32} {'off by':>8} {'95 % misses':>12} {'99 % misses':>12} {'half-width':>11}"
    for name, clock, starts, judge in _CANDIDATES:
        rng = np.random.default_rng(seed)
        judged = [judge(log_ratios(window[:, int(clock == "CPU")], starts, rng)) for window in drawn]
        off = math.sqrt(np.mean([centre**2 for centre, _ in judged]))
        misses = [
            np.mean([not low <= 0 <= high for _, bounds in judged for low, high in [bounds[level]]])
            for level in _ERRORS
        ]
        half = np.mean([(high - low) / 2 for _, bounds in judged for low, high in [bounds[0.05]]])
        yield f"  {name:32} {off:8.2%} {misses[0]:12.1%} {misses[1]:12.1%} {half:11.2%}"


def main() -> None:
    """Print the table of each recording."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    recordings = sorted(_RECORDINGS.glob("*.csv"))
    parser.add_argument(
        "recordings", nargs="*", type=Path, default=recordings, help="CSV files (those in tests/data/noise)"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="time of one window (%(default)s)")
    parser.add_argument("--count", type=int, default=300, help="number of windows (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of windows and sides (%(default)s)")
    options = parser.parse_args()
    for path in options.recordings:
        recording = np.loadtxt(path, delimiter=",", skiprows=1)
        print(f"{path.stem}, seed {options.seed}: ", end="")
        for line in table(recording, options.seconds, options.count, options.seed):
            print(line, flush=True)


if __name__ == "__main__":
    main()
