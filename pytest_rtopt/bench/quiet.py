"""What on this machine makes times scatter, as a list of checks: each with what to do about it.

They are stored with every measurement and refuse none: pairs are made for machines that are not quiet.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.bench.machine import read_machine
from pytest_rtopt.hardware.checks import Check, CheckStatus

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT: Final = Path("/")
_CPUS: Final = "sys/devices/system/cpu"
_FULL: Final = 2
_BUSY_PER_CPU: Final = 0.5


@dataclass(frozen=True)
class MachineCheck:
    """One question to the files below a root: `None` is the answer of a machine that does not tell."""

    name: str
    is_quiet: Callable[[Path], bool | None]
    advice: str

    def ask(self, root: Path) -> Check:
        """Return the answer with the advice, if there is any."""
        quiet = self.is_quiet(root)
        if quiet is None:
            return Check(self.name, CheckStatus.UNKNOWN, "This machine does not tell.")
        return Check(self.name, CheckStatus.OK if quiet else CheckStatus.ADVICE, "" if quiet else self.advice)


def check_machine(root: Path = _ROOT) -> tuple[Check, ...]:
    """Ask everything of `proc` and `sys` below `root`."""
    return tuple(check.ask(root) for check in CHECKS)


def _governor(root: Path) -> bool | None:
    governor = read_machine(root).governor
    return None if governor is None else governor == "performance"


def _turbo(root: Path) -> bool | None:
    turbo = read_machine(root).turbo
    return None if turbo is None else not turbo


def _load(root: Path) -> bool | None:
    state = read_machine(root)
    if state.load is None or state.cpus is None:
        return None
    return state.load <= _BUSY_PER_CPU * state.cpus


def _aslr(root: Path) -> bool | None:
    aslr = read_machine(root).aslr
    return None if aslr is None else aslr == _FULL


def _virtual(root: Path) -> bool | None:
    virtual = read_machine(root).virtual
    return None if virtual is None else not virtual


def _siblings(root: Path) -> bool | None:
    active = _number(root / _CPUS / "smt/active")
    return None if active is None else active == 0


def _throttling(root: Path) -> bool | None:
    counts = [_number(path) for path in root.glob(f"{_CPUS}/cpu[0-9]*/thermal_throttle/core_throttle_count")]
    known = [count for count in counts if count is not None]
    return sum(known) == 0 if known else None


def _swap(root: Path) -> bool | None:
    try:
        lines = (root / "proc/swaps").read_text().splitlines()[1:]
        return all(int(line.split()[3]) == 0 for line in lines)
    except (OSError, ValueError, IndexError):
        return None


def _mains(root: Path) -> bool | None:
    plugs = [_number(path) for path in root.glob("sys/class/power_supply/*/online")]
    return any(plug == 1 for plug in plugs) if plugs else None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


CHECKS: Final = (
    MachineCheck("governor", _governor, "Set it: `cpupower frequency-set -g performance`."),
    MachineCheck(
        "turbo", _turbo, "Turn the boost of the clock off in `intel_pstate/no_turbo` or `cpufreq/boost`."
    ),
    MachineCheck(
        "siblings", _siblings, "Turn the second threads of cores off: `echo off > .../cpu/smt/control`."
    ),
    MachineCheck("load", _load, "Close what else runs."),
    MachineCheck(
        "throttling", _throttling, "The CPU was too hot since the start; let it cool, or cool it better."
    ),
    MachineCheck(
        "aslr",
        _aslr,
        "Set `kernel.randomize_va_space` to 2: without it, one layout is measured again and again.",
    ),
    MachineCheck("swap", _swap, "Memory is swapped out; close what takes it."),
    MachineCheck("mains", _mains, "Plug it in: on battery the clock is lowered."),
    MachineCheck(
        "virtual", _virtual, "Neighbours on a virtual machine cannot be seen; prefer a machine of your own."
    ),
)
