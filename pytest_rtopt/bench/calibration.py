"""Comparisons with a known result: a program against itself, or against itself with a little more work.

They test the measurement: how often it reports noise as a difference on this machine, and how small a
difference it detects. Both sides run one script with this Python, so neither Nix nor a build is needed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.bench import sampler
from pytest_rtopt.bench.judge import gain_proven, verdict
from pytest_rtopt.bench.sampler import Comparison, Engine
from pytest_rtopt.bench.workload import Places, Workload
from pytest_rtopt.results.values import BenchmarkVerdict

if TYPE_CHECKING:
    from pytest_rtopt.results.values import Speedup

_PROBE_UNITS: Final = 4000
_PROBES: Final = 7
_REAL: Final = Engine()


@dataclass(frozen=True)
class Program:
    """The script with its number of units of work; `start` is the cost of a process start, in units."""

    units: int
    start: float

    def slowed(self, slowdown: float) -> int:
        """Return the units for a run time longer by the fraction `slowdown`, process start included."""
        return round((self.units + self.start) * (1 + slowdown) - self.start)


def program_of(seconds: float, scratch: Path, engine: Engine = _REAL) -> Program:
    """Return a program that takes `seconds` of CPU time here; `scratch` must be empty or not exist."""
    empty, probed = (_cpu_seconds(units, scratch / str(units), engine) for units in (0, _PROBE_UNITS))
    unit = (probed - empty) / _PROBE_UNITS
    return Program(units=max(1, round((seconds - empty) / unit)), start=empty / unit)


def comparison_of(program: Program, slowdown: float, scratch: Path) -> Comparison:
    """Return a comparison of the program with a version that is slower by the fraction `slowdown`."""
    stock, optimized = _places(program.units, scratch / "a"), _places(program.slowed(slowdown), scratch / "b")
    return Comparison(_workload(f"calibration/slower-by-{slowdown:.2%}"), stock, optimized)


def reports_gain(speedup: Speedup, threshold: float = 0.0) -> bool:
    """Return whether a gain above `threshold` is reported, without a margin for layout."""
    if threshold > 0:
        return verdict(speedup, threshold, margin=0.0) is BenchmarkVerdict.PASS
    return gain_proven(speedup, margin=0.0)


def reports_loss(speedup: Speedup, threshold: float = 0.0) -> bool:
    """Return whether a loss above `threshold` is reported, without a margin for layout."""
    return verdict(speedup, -threshold, margin=0.0) is BenchmarkVerdict.FAIL


def _workload(name: str) -> Workload:
    python = f"{{out}}/{Path(sys.executable).resolve().name}"
    return Workload(name, (python, "-I", "-S", "{workloads}/calibration/spin.py"))


def _places(units: int, scratch: Path) -> Places:
    scratch.mkdir(parents=True)
    (scratch / "units").write_text(str(units))
    return Places(Path(sys.executable).resolve().parent, PACKAGE / "workloads", scratch)


def _cpu_seconds(units: int, scratch: Path, engine: Engine) -> float:
    # Noise only adds time, so the smallest of several values is used.
    places = _places(units, scratch)
    probe = Comparison(_workload("calibration/probe"), places, places)
    usages = [sampler.start(probe, sampler.Side.STOCK, engine).usage for _ in range(_PROBES)]
    return min(usage.cpu_seconds for usage in usages)
