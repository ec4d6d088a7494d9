"""Reading a machine below an injected root, on recorded ones and on this one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.hardware.host import Swap, parse_load1, parse_memory_total, parse_swaps, read_host

DATA = Path(__file__).parent.parent / "data" / "host"
KIB = 1024


def test_virtual_machine() -> None:
    host = read_host(DATA / "vm-zen4")
    assert host.microarchitecture == "x86_64_v4"
    assert host.virtual_machine is True
    assert host.memory_bytes == 24684084 * KIB
    assert (host.swap_bytes, host.zram_bytes) == (0, 0)
    assert (host.governor, host.turbo) == (None, None)
    assert host.load1 == 0.35
    assert host.kernel is not None
    assert host.kernel.startswith("6.18")


def test_desktop() -> None:
    host = read_host(DATA / "desktop-skylake")
    assert host.microarchitecture == "skylake"
    assert host.virtual_machine is False
    assert (host.cores, host.threads) == (4, 8)
    assert host.zram_bytes == 12582908 * KIB
    assert host.swap_bytes == 2097148 * KIB
    assert (host.governor, host.turbo) == ("powersave", True)


def test_wsl_hides_a_feature_of_zen3() -> None:
    host = read_host(DATA / "wsl-zen3")
    assert host.microarchitecture == "zen2"
    assert host.virtual_machine is True
    assert host.microcode == "0xffffffff"
    assert host.kernel == "5.15.153.1-microsoft-standard-WSL2"


def test_nothing_to_read_is_unknown(tmp_path: Path) -> None:
    host = read_host(tmp_path)
    known = {name: value for name, value in host.as_json().items() if value not in (None, [])}
    assert known == {}


def test_mixed_governors_are_all_named(tmp_path: Path) -> None:
    for cpu, governor in enumerate(["performance", "powersave", "performance"]):
        file = tmp_path / f"sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor"
        file.parent.mkdir(parents=True)
        file.write_text(f"{governor}\n")
    assert read_host(tmp_path).governor == "performance, powersave"


@pytest.mark.parametrize(
    ("file", "text", "turbo"),
    [
        ("intel_pstate/no_turbo", "1\n", False),
        ("intel_pstate/no_turbo", "0\n", True),
        ("cpufreq/boost", "1\n", True),
        ("cpufreq/boost", "0\n", False),
    ],
)
def test_turbo(tmp_path: Path, file: str, text: str, turbo: bool) -> None:  # noqa: FBT001  # a table column
    path = tmp_path / "sys/devices/system/cpu" / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert read_host(tmp_path).turbo is turbo


@pytest.mark.detection
def test_this_machine_as_json() -> None:
    host = read_host()
    assert host.threads
    assert host.memory_bytes
    assert json.loads(json.dumps(host.as_json())) == host.as_json()


def test_swap_files_with_spaces() -> None:
    text = (DATA / "desktop-skylake/proc/swaps").read_text()
    assert parse_swaps(text) == Swap(zram_bytes=12582908 * KIB, other_bytes=2097148 * KIB)


@given(st.text())
def test_any_text_is_parsed(text: str) -> None:
    total = parse_memory_total(text)
    assert total is None or total >= 0
    parse_load1(text)
    swap = parse_swaps(text)
    assert swap.zram_bytes >= 0
    assert swap.other_bytes >= 0
