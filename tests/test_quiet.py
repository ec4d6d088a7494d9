"""Checks of the machine on recorded and on made-up kernel files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_rtopt.bench.quiet import CHECKS, check_machine
from pytest_rtopt.hardware.checks import CheckStatus

HOSTS = Path(__file__).parent / "data" / "host"


def statuses(root: Path) -> dict[str, CheckStatus]:
    return {check.name: check.status for check in check_machine(root)}


def test_a_virtual_machine_is_told_what_it_is() -> None:
    found = statuses(HOSTS / "vm-zen4")
    assert found["virtual"] is CheckStatus.ADVICE
    assert found["governor"] is CheckStatus.UNKNOWN


def test_a_machine_that_tells_nothing_is_unknown_throughout(tmp_path: Path) -> None:
    assert set(statuses(tmp_path).values()) == {CheckStatus.UNKNOWN}


@pytest.mark.parametrize(
    ("name", "file", "quiet", "noisy"),
    [
        ("governor", "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance", "powersave"),
        ("turbo", "sys/devices/system/cpu/intel_pstate/no_turbo", "1", "0"),
        ("siblings", "sys/devices/system/cpu/smt/active", "0", "1"),
        ("throttling", "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "0", "3"),
        ("aslr", "proc/sys/kernel/randomize_va_space", "2", "0"),
        ("swap", "proc/swaps", "Filename Type Size Used Priority", "F T S U P\n/dev/zram0 partition 8 4 100"),
        ("mains", "sys/class/power_supply/AC/online", "1", "0"),
    ],
)
def test_each_check_tells_quiet_from_noisy(
    tmp_path: Path, name: str, file: str, quiet: str, noisy: str
) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(f"{quiet}\n")
    assert statuses(tmp_path)[name] is CheckStatus.OK
    (tmp_path / file).write_text(f"{noisy}\n")
    assert statuses(tmp_path)[name] is CheckStatus.ADVICE


def test_advice_is_a_sentence_and_names_are_unique() -> None:
    assert all(check.advice.endswith(".") for check in CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)
