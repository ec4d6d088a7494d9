"""Checks for states of this machine that make times noisy, each with a remedy.

The results are stored with every measurement. They do not prevent a measurement, because paired sampling
works on noisy machines. Only `--rtopt-strict-machine` refuses to measure (`objections`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.bench.machine import read_machine
from pytest_rtopt.hardware.checks import Check, CheckStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

_ROOT: Final = Path("/")
_CPUS: Final = "sys/devices/system/cpu"
_SUPPLIES: Final = "sys/class/power_supply"
_FULL: Final = 2
_BUSY_PER_CPU: Final = 0.5


@dataclass(frozen=True)
class Reading:
    """A value of the machine as text for the message, and whether it is good for measurements."""

    ok: bool
    value: str = ""


@dataclass(frozen=True)
class MachineCheck:
    """One check of the files below a root.

    `read` returns `None` if the machine does not report the value. `problem` describes a bad `{value}`, and
    `remedy` ends that sentence.
    """

    name: str
    read: Callable[[Path], Reading | None]
    problem: str
    remedy: str

    def run(self, root: Path) -> Check:
        """Return the result; the message for a bad value is a sentence with the value and the remedy."""
        reading = self.read(root)
        if reading is None:
            return Check(self.name, CheckStatus.UNKNOWN, "This machine does not report it.")
        if reading.ok:
            return Check(self.name, CheckStatus.OK, "")
        message = f"{self.problem.format(value=reading.value)}; {self.remedy}."
        return Check(self.name, CheckStatus.ADVICE, message)


def check_machine(root: Path = _ROOT) -> tuple[Check, ...]:
    """Run all checks on `proc` and `sys` below `root`."""
    return tuple(check.run(root) for check in CHECKS)


def objections(checks: Sequence[Check], excepted: Collection[str] = ()) -> tuple[str, ...]:
    """Return why a strict run must not measure: one sentence for each check that is not OK.

    An unknown value is an objection, too, because the machine may be noisy. Checks named in `excepted` are
    ignored.
    """
    unknown = (
        "This machine does not report it, so it may be noisy; to ignore this check, give this name to "
        "`--rtopt-strict-except`."
    )
    return tuple(
        f"{check.name}: {check.message if check.status is CheckStatus.ADVICE else unknown}"
        for check in checks
        if check.status is not CheckStatus.OK and check.name not in excepted
    )


def _governor(root: Path) -> Reading | None:
    governor = read_machine(root).governor
    return None if governor is None else Reading(governor == "performance", governor)


def _turbo(root: Path) -> Reading | None:
    turbo = read_machine(root).turbo
    return None if turbo is None else Reading(not turbo)


def _load(root: Path) -> Reading | None:
    state = read_machine(root)
    if state.load is None or state.cpus is None:
        return None
    return Reading(state.load <= _BUSY_PER_CPU * state.cpus, f"{state.load:.2f} on {state.cpus} CPUs")


def _aslr(root: Path) -> Reading | None:
    aslr = read_machine(root).aslr
    return None if aslr is None else Reading(aslr == _FULL, str(aslr))


def _virtual(root: Path) -> Reading | None:
    virtual = read_machine(root).virtual
    return None if virtual is None else Reading(not virtual)


def _siblings(root: Path) -> Reading | None:
    active = _number(root / _CPUS / "smt/active")
    return None if active is None else Reading(active == 0)


def _throttling(root: Path) -> Reading | None:
    counts = [_number(path) for path in root.glob(f"{_CPUS}/cpu[0-9]*/thermal_throttle/core_throttle_count")]
    known = [count for count in counts if count is not None]
    return Reading(sum(known) == 0, str(sum(known))) if known else None


def _swap(root: Path) -> Reading | None:
    try:
        lines = (root / "proc/swaps").read_text().splitlines()[1:]
        used = sum(int(line.split()[3]) for line in lines)
    except (OSError, ValueError, IndexError):
        return None
    return Reading(used == 0, f"{used} KiB")


def _mains(root: Path) -> Reading | None:
    supplies = root / _SUPPLIES
    plugs = [plug for path in supplies.glob("*/online") if (plug := _number(path)) is not None]
    if plugs:
        return Reading(1 in plugs)
    # A desktop or a server has no battery, and often no entry for its power supply.
    return Reading(ok=True) if supplies.is_dir() and not any(supplies.iterdir()) else None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


CHECKS: Final = (
    MachineCheck(
        "governor",
        _governor,
        "The frequency governor is {value}",
        "set it by `cpupower frequency-set -g performance`",
    ),
    MachineCheck(
        "turbo",
        _turbo,
        "The clock may rise above its nominal rate",
        f"turn the boost off in `/{_CPUS}/intel_pstate/no_turbo` or `/{_CPUS}/cpufreq/boost`",
    ),
    MachineCheck(
        "siblings",
        _siblings,
        "Two threads share a core",
        f"turn the second threads off by `echo off > /{_CPUS}/smt/control`",
    ),
    MachineCheck("load", _load, "The load is {value}", "close other programs, and wait a minute"),
    MachineCheck(
        "throttling",
        _throttling,
        "The CPU was throttled because of its temperature {value} times since the machine booted",
        "improve the cooling, and reboot the machine",
    ),
    MachineCheck(
        "aslr",
        _aslr,
        "The kernel's randomize_va_space is {value}, so every start has the same memory layout",
        "set it by `sysctl kernel.randomize_va_space=2`",
    ),
    MachineCheck(
        "swap",
        _swap,
        "{value} are swapped out",
        "close programs that use much memory, and empty the swap by `swapoff -a; swapon -a`",
    ),
    MachineCheck("mains", _mains, "The machine runs on battery, which lowers the clock rate", "plug it in"),
    MachineCheck(
        "virtual",
        _virtual,
        "This is a virtual machine, and other virtual machines on its host may disturb it",
        "use a physical machine",
    ),
)
NAMES: Final = tuple(check.name for check in CHECKS)
"""The names of all checks."""
