"""What on this machine makes times scatter, as a list of checks: what was seen, and what to do about it.

They are stored with every measurement and refuse none: pairs are made for machines that are not quiet. Only
`--rtopt-strict-machine` refuses by them (`objections`).
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
class Seen:
    """What was read, as it goes into the sentence of a check, and whether that is quiet."""

    quiet: bool
    value: str = ""


@dataclass(frozen=True)
class MachineCheck:
    """One question to the files below a root: `None` is the answer of a machine that does not tell.

    `noisy` says what is wrong, over the `{value}` that was read; `remedy` ends the sentence.
    """

    name: str
    look: Callable[[Path], Seen | None]
    noisy: str
    remedy: str

    def ask(self, root: Path) -> Check:
        """Return the answer; what is not quiet is a sentence with the value and the remedy."""
        seen = self.look(root)
        if seen is None:
            return Check(self.name, CheckStatus.UNKNOWN, "This machine does not tell.")
        if seen.quiet:
            return Check(self.name, CheckStatus.OK, "")
        return Check(self.name, CheckStatus.ADVICE, f"{self.noisy.format(value=seen.value)}; {self.remedy}.")


def check_machine(root: Path = _ROOT) -> tuple[Check, ...]:
    """Ask everything of `proc` and `sys` below `root`."""
    return tuple(check.ask(root) for check in CHECKS)


def objections(checks: Sequence[Check], excepted: Collection[str] = ()) -> tuple[str, ...]:
    """Return why a strict run must not measure, a sentence for each check that is not known to be good.

    What the machine does not tell is an objection, too: uncertain is not quiet. Checks whose names are
    `excepted` object to nothing.
    """
    unknown = "This machine does not tell, and what is not known is not quiet; let it pass by this name."
    return tuple(
        f"{check.name}: {check.message if check.status is CheckStatus.ADVICE else unknown}"
        for check in checks
        if check.status is not CheckStatus.OK and check.name not in excepted
    )


def _governor(root: Path) -> Seen | None:
    governor = read_machine(root).governor
    return None if governor is None else Seen(governor == "performance", governor)


def _turbo(root: Path) -> Seen | None:
    turbo = read_machine(root).turbo
    return None if turbo is None else Seen(not turbo)


def _load(root: Path) -> Seen | None:
    state = read_machine(root)
    if state.load is None or state.cpus is None:
        return None
    return Seen(state.load <= _BUSY_PER_CPU * state.cpus, f"{state.load:.2f} on {state.cpus} CPUs")


def _aslr(root: Path) -> Seen | None:
    aslr = read_machine(root).aslr
    return None if aslr is None else Seen(aslr == _FULL, str(aslr))


def _virtual(root: Path) -> Seen | None:
    virtual = read_machine(root).virtual
    return None if virtual is None else Seen(not virtual)


def _siblings(root: Path) -> Seen | None:
    active = _number(root / _CPUS / "smt/active")
    return None if active is None else Seen(active == 0)


def _throttling(root: Path) -> Seen | None:
    counts = [_number(path) for path in root.glob(f"{_CPUS}/cpu[0-9]*/thermal_throttle/core_throttle_count")]
    known = [count for count in counts if count is not None]
    return Seen(sum(known) == 0, str(sum(known))) if known else None


def _swap(root: Path) -> Seen | None:
    try:
        lines = (root / "proc/swaps").read_text().splitlines()[1:]
        used = sum(int(line.split()[3]) for line in lines)
    except (OSError, ValueError, IndexError):
        return None
    return Seen(used == 0, f"{used} KiB")


def _mains(root: Path) -> Seen | None:
    supplies = root / _SUPPLIES
    plugs = [plug for path in supplies.glob("*/online") if (plug := _number(path)) is not None]
    if plugs:
        return Seen(1 in plugs)
    # A desktop or a server has no battery to run on, and often no entry for its plug.
    return Seen(quiet=True) if supplies.is_dir() and not any(supplies.iterdir()) else None


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
        f"turn the second ones off by `echo off > /{_CPUS}/smt/control`",
    ),
    MachineCheck("load", _load, "The load is {value}", "close what else runs, and wait a minute"),
    MachineCheck(
        "throttling",
        _throttling,
        "The CPU was slowed down for its heat {value} times since the start of the machine",
        "cool it better, and start the machine anew",
    ),
    MachineCheck(
        "aslr",
        _aslr,
        "The kernel's randomize_va_space is {value}, so that one layout is measured again and again",
        "set it by `sysctl kernel.randomize_va_space=2`",
    ),
    MachineCheck(
        "swap",
        _swap,
        "{value} are swapped out",
        "close what takes the memory, and empty the swap by `swapoff -a; swapon -a`",
    ),
    MachineCheck("mains", _mains, "It runs on battery, which lowers the clock", "plug it in"),
    MachineCheck(
        "virtual",
        _virtual,
        "It is a virtual machine, whose neighbours cannot be seen",
        "take a machine of your own",
    ),
)
NAMES: Final = tuple(check.name for check in CHECKS)
"""What the checks are called."""
