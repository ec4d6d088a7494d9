"""Comparisons whose truth is known: a program with itself, and with itself doing a little more.

They measure the measuring: how often noise is called a difference here, and how small a difference is found.
Both sides are this Python with one script, so that neither Nix nor any build is needed.
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
    """The script with the units of work that take as long as was asked for; `start` is its start in units."""

    units: int
    start: float

    def slowed(self, slowdown: float) -> int:
        """Return the units that take longer by the fraction `slowdown`, the start of the process included."""
        return round((self.units + self.start) * (1 + slowdown) - self.start)


def program_of(seconds: float, scratch: Path, engine: Engine = _REAL) -> Program:
    """Return the program that takes `seconds` of CPU time here; `scratch` must be empty or not exist."""
    empty, probed = (_cpu_seconds(units, scratch / str(units), engine) for units in (0, _PROBE_UNITS))
    unit = (probed - empty) / _PROBE_UNITS
    return Program(units=max(1, round((seconds - empty) / unit)), start=empty / unit)


def comparison_of(program: Program, slowdown: float, scratch: Path) -> Comparison:
    """Return the comparison of the program with itself made slower by the fraction `slowdown`."""
    stock, optimized = _places(program.units, scratch / "a"), _places(program.slowed(slowdown), scratch / "b")
    return Comparison(_workload(f"calibration/slower-by-{slowdown:.2%}"), stock, optimized)


def says_faster(speedup: Speedup, threshold: float = 0.0) -> bool:
    """Whether a gain of more than `threshold` is claimed of two sides that are one build."""
    if threshold > 0:
        return verdict(speedup, threshold, margin=0.0) is BenchmarkVerdict.PASS
    return gain_proven(speedup, margin=0.0)


def says_slower(speedup: Speedup, threshold: float = 0.0) -> bool:
    """Whether a loss of more than `threshold` is claimed of two sides that are one build."""
    return verdict(speedup, -threshold, margin=0.0) is BenchmarkVerdict.FAIL


def _workload(name: str) -> Workload:
    python = f"{{out}}/{Path(sys.executable).resolve().name}"
    return Workload(name, (python, "-I", "-S", "{workloads}/calibration/spin.py"))


def _places(units: int, scratch: Path) -> Places:
    scratch.mkdir(parents=True)
    (scratch / "units").write_text(str(units))
    return Places(Path(sys.executable).resolve().parent, PACKAGE / "workloads", scratch)


def _cpu_seconds(units: int, scratch: Path, engine: Engine) -> float:
    # The least of several: noise only adds.
    places = _places(units, scratch)
    probe = Comparison(_workload("calibration/probe"), places, places)
    usages = [sampler.start(probe, sampler.Side.STOCK, engine).usage for _ in range(_PROBES)]
    return min(usage.cpu_seconds for usage in usages)
