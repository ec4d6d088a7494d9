"""Machine state read from recorded and from live kernel files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.bench.machine import MachineState, read_machine

if TYPE_CHECKING:
    from pathlib import Path

# Two of the processors of an i7-6700K under Linux 6.6, shortened to the lines around those that are read.
CPUINFO = """processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 94
model name\t: Intel(R) Core(TM) i7-6700K CPU @ 4.00GHz
stepping\t: 3
microcode\t: 0xf0
flags\t\t: fpu vme de pse tsc msr pae mce avx2 bmi2
bugs\t\t: cpu_meltdown spectre_v1

processor\t: 1
vendor_id\t: GenuineIntel
microcode\t: 0xf0
flags\t\t: fpu vme de pse tsc msr pae mce avx2 bmi2
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "proc/cpuinfo": CPUINFO,
        "proc/loadavg": "0.25 0.31 0.29 1/567 8910\n",
        "proc/sys/kernel/randomize_va_space": "2\n",
        "proc/sys/kernel/osrelease": "6.6.52\n",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n",
        "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "performance\n",
        "sys/devices/system/cpu/intel_pstate/no_turbo": "0\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_state_of_a_desktop(root: Path) -> None:
    assert read_machine(root, compiler="gcc 14.2.0") == MachineState(
        load=0.25,
        cpus=2,
        governor="performance, powersave",
        turbo=True,
        aslr=2,
        kernel="6.6.52",
        microcode="0xf0",
        virtual=False,
        compiler="gcc 14.2.0",
    )


def test_what_the_kernel_does_not_say_is_none(tmp_path: Path) -> None:
    assert set(read_machine(tmp_path).as_json().values()) == {None}


def test_a_virtual_machine_and_the_boost_of_other_drivers(root: Path) -> None:
    (root / "proc/cpuinfo").write_text(CPUINFO.replace("avx2", "hypervisor avx2"))
    (root / "sys/devices/system/cpu/intel_pstate/no_turbo").unlink()
    (root / "sys/devices/system/cpu/cpufreq").mkdir()
    (root / "sys/devices/system/cpu/cpufreq/boost").write_text("0\n")
    state = read_machine(root)
    assert (state.virtual, state.turbo) == (True, False)


def test_unreadable_numbers_are_none(root: Path) -> None:
    (root / "proc/loadavg").write_text("")
    (root / "proc/sys/kernel/randomize_va_space").write_text("?")
    state = read_machine(root)
    assert (state.load, state.aslr) == (None, None)


@pytest.mark.detection
def test_the_live_machine_is_plain_json() -> None:
    state = read_machine()
    assert json.loads(json.dumps(state.as_json())) == state.as_json()
    assert state.kernel
