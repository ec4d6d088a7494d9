"""The state of the machine that changes over time and affects measured times."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from pytest_rtopt.hardware.host import read_host

_ROOT = Path("/")
_ASLR = "proc/sys/kernel/randomize_va_space"


@dataclass(frozen=True)
class MachineState:
    """The state of the machine at one moment; `None` where the kernel does not report a value.

    - `load`: the one-minute load average.
    - `governor`: the frequency governors in use.
    - `turbo`: whether the clock may rise above its nominal rate.
    - `aslr`: the kernel's `randomize_va_space` (2 is full).
    - `virtual`: whether a hypervisor is detected.
    - `compiler`: the compiler of both sides, as given by the caller.
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
    """Read the state from `proc` and `sys` under `root`; a value that cannot be read is `None`."""
    host = read_host(root)
    return MachineState(
        load=host.load1,
        cpus=host.threads,
        governor=host.governor,
        turbo=host.turbo,
        aslr=_aslr(root / _ASLR),
        kernel=host.kernel,
        microcode=host.microcode,
        virtual=host.virtual_machine,
        compiler=compiler,
    )


def _aslr(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
