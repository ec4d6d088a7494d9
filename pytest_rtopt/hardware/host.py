"""Reads the CPU, the memory and the state of this machine from files below a root directory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pytest_rtopt.hardware.cpuinfo import Cpu, fill_from_cpuid, parse_cpuinfo
from pytest_rtopt.hardware.microarch import identify

if TYPE_CHECKING:
    from collections.abc import Callable

_KIB = 1024
_T = TypeVar("_T")


@dataclass(frozen=True)
class Host:
    """The properties of one machine; `None` means that the kernel does not report the value.

    `features` are the available CPU features under the names that Linux uses. `microarchitecture` is
    archspec's name of the best target that these features allow. `brand` is only shown and never decides
    anything. `swap_bytes` is active swap other than zram, and `zram_bytes` is active zram swap. `governor`
    lists the frequency governors in use. `load1` is the one-minute load average.
    """

    vendor: str | None
    brand: str | None
    family: int | None
    model: int | None
    stepping: int | None
    features: frozenset[str]
    microarchitecture: str | None
    cores: int | None
    threads: int | None
    memory_bytes: int | None
    swap_bytes: int | None
    zram_bytes: int | None
    governor: str | None
    turbo: bool | None
    load1: float | None
    virtual_machine: bool | None
    kernel: str | None
    microcode: str | None

    def as_json(self) -> dict[str, object]:
        """Return the fields as plain JSON values, with the features sorted."""
        return asdict(self) | {"features": sorted(self.features)}


@dataclass(frozen=True)
class Swap:
    """Active swap in bytes: zram and everything else."""

    zram_bytes: int
    other_bytes: int


def read_host(root: Path = Path("/")) -> Host:
    """Read the machine from `/proc` and `/sys` below `root`; a missing value becomes `None`."""
    cpu = _read_cpu(root)
    swap = _parsed(root / "proc/swaps", parse_swaps)
    return Host(
        vendor=cpu.vendor,
        brand=cpu.brand,
        family=cpu.family,
        model=cpu.model,
        stepping=cpu.stepping,
        features=cpu.features,
        microarchitecture=identify(cpu.vendor, cpu.features),
        cores=cpu.cores,
        threads=cpu.threads,
        memory_bytes=_parsed(root / "proc/meminfo", parse_memory_total),
        swap_bytes=None if swap is None else swap.other_bytes,
        zram_bytes=None if swap is None else swap.zram_bytes,
        governor=_governor(root),
        turbo=_turbo(root),
        load1=_parsed(root / "proc/loadavg", parse_load1),
        # CPUID leaf 1, ECX bit 31: always clear on physical processors.
        virtual_machine="hypervisor" in cpu.features if cpu.features else None,
        kernel=_text(root / "proc/sys/kernel/osrelease"),
        microcode=cpu.microcode,
    )


def parse_memory_total(text: str) -> int | None:
    """Return the bytes of `MemTotal` in the text of `/proc/meminfo` (where kB means KiB)."""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == "MemTotal":
            number = value.split()[:1]
            return int(number[0]) * _KIB if number and number[0].isdecimal() else None
    return None


def parse_swaps(text: str) -> Swap:
    """Return the active swap in `/proc/swaps`: a header, then lines of name, type, KiB, used, priority."""
    zram = other = 0
    for line in text.splitlines()[1:]:
        columns = line.split()
        # The kernel escapes spaces in file names, so splitting at spaces is safe.
        if len(columns) == 5 and columns[2].isdecimal():  # noqa: PLR2004  # the five columns named above
            size = int(columns[2]) * _KIB
            if Path(columns[0]).name.startswith("zram"):
                zram += size
            else:
                other += size
    return Swap(zram_bytes=zram, other_bytes=other)


def parse_load1(text: str) -> float | None:
    """Return the first number in the text of `/proc/loadavg`."""
    try:
        return float(text.split(maxsplit=1)[0])
    except (IndexError, ValueError):
        return None


def _read_cpu(root: Path) -> Cpu:
    # The kernel's list leaves out the features of CPUID that the kernel switched off. For example, AVX-512
    # does not work on a kernel that does not save its registers. So the kernel's list decides. py-cpuinfo
    # reports CPUID itself and takes up to a second; it is used only where the kernel lists nothing.
    cpu = _parsed(root / "proc/cpuinfo", parse_cpuinfo) or Cpu()
    if root == Path("/") and not (cpu.features and cpu.brand):
        from cpuinfo import get_cpu_info  # noqa: PLC0415  # slow to import and seldom needed

        return fill_from_cpuid(cpu, get_cpu_info())
    return cpu


def _governor(root: Path) -> str | None:
    files = root.glob("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
    return ", ".join(sorted({governor for path in files if (governor := _text(path))})) or None


def _turbo(root: Path) -> bool | None:
    cpus = root / "sys/devices/system/cpu"
    if (off := _text(cpus / "intel_pstate/no_turbo")) is not None:
        return off == "0"
    if (boost := _text(cpus / "cpufreq/boost")) is not None:
        return boost == "1"
    return None


def _parsed(path: Path, parse: Callable[[str], _T]) -> _T | None:
    text = _text(path)
    return None if text is None else parse(text)


def _text(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace").strip() or None
    except OSError:
        return None
