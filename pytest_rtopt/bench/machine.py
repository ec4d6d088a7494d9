"""The state of the machine that varies from moment to moment and moves times."""

from __future__ import annotations

import contextlib
import re
from dataclasses import asdict, dataclass
from pathlib import Path

_ROOT = Path("/")
_MICROCODE = re.compile(r"^microcode\s*:\s*(\S+)$", re.MULTILINE)
_PROCESSOR = re.compile(r"^processor\s*:", re.MULTILINE)
_HYPERVISOR = re.compile(r"^flags\s*:.*\bhypervisor\b", re.MULTILINE)


@dataclass(frozen=True)
class MachineState:
    """What the machine was doing; `None` where the kernel does not say.

    `load` is the one-minute load average, `governor` the frequency governors in use joined by a comma,
    `turbo` whether the clock may rise above its nominal rate, `aslr` the kernel's `randomize_va_space` (2 is
    full), `virtual` whether a hypervisor announces itself, and `compiler` what built the two sides, as the
    caller knows.
    """

    load: float | None
    cpus: int | None
    governor: str | None
    turbo: bool | None
    aslr: int | None
    kernel: str | None
    microcode: str | None
    virtual: bool | None
    compiler: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return the fields as plain JSON values."""
        return asdict(self)


def read_machine(root: Path = _ROOT, *, compiler: str | None = None) -> MachineState:
    """Read the state from `proc` and `sys` under `root`; what cannot be read is `None`."""
    cpuinfo = _text(root / "proc/cpuinfo")
    microcode = _MICROCODE.search(cpuinfo or "")
    return MachineState(
        load=_load(_text(root / "proc/loadavg")),
        cpus=len(_PROCESSOR.findall(cpuinfo or "")) or None,
        governor=_governors(root),
        turbo=_turbo(root),
        aslr=_number(_text(root / "proc/sys/kernel/randomize_va_space")),
        kernel=_text(root / "proc/sys/kernel/osrelease"),
        microcode=microcode.group(1) if microcode else None,
        virtual=bool(_HYPERVISOR.search(cpuinfo)) if cpuinfo is not None else None,
        compiler=compiler,
    )


def _text(path: Path) -> str | None:
    with contextlib.suppress(OSError):
        return path.read_text(errors="replace").strip()
    return None


def _load(loadavg: str | None) -> float | None:
    with contextlib.suppress(ValueError, IndexError):
        return float((loadavg or "").split()[0])
    return None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _governors(root: Path) -> str | None:
    files = (root / "sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_governor")
    return ",".join(sorted({text for text in map(_text, files) if text})) or None


def _turbo(root: Path) -> bool | None:
    cpu = root / "sys/devices/system/cpu"
    # intel_pstate says whether turbo is off; the other drivers say whether boost is on.
    no_turbo = _number(_text(cpu / "intel_pstate/no_turbo"))
    if no_turbo is not None:
        return no_turbo == 0
    boost = _number(_text(cpu / "cpufreq/boost"))
    return None if boost is None else boost == 1
