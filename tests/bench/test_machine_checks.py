"""Checks of the machine on recorded and on made-up kernel files."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_rtopt.bench.machine_checks import CHECKS, NAMES, check_machine, objections
from pytest_rtopt.hardware.checks import Check, CheckStatus

HOSTS = Path(__file__).parent.parent / "data" / "host"


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


def test_what_is_not_quiet_is_one_sentence_with_the_value_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/sys/kernel/randomize_va_space").write_text("1\n")
    (tmp_path / "proc/swaps").write_text(
        "F T S U P\n/dev/zram0 partition 9 4 100\n/dev/sda2 partition 9 3 1\n"
    )
    messages = {check.name: check.message for check in check_machine(tmp_path) if check.message}
    assert messages["aslr"] == (
        "The kernel's randomize_va_space is 1, so every start has the same memory layout; set it by "
        "`sysctl kernel.randomize_va_space=2`."
    )
    assert messages["swap"].startswith("7 KiB are swapped out; close programs that use much memory")
    desktop = {check.name: check.message for check in check_machine(HOSTS / "desktop-skylake")}
    assert desktop["governor"].startswith("The frequency governor is powersave; set it by `cpupower")


def test_a_machine_without_a_battery_is_on_mains(tmp_path: Path) -> None:
    supplies = tmp_path / "sys/class/power_supply"
    supplies.mkdir(parents=True)
    assert statuses(tmp_path)["mains"] is CheckStatus.OK
    (supplies / "BAT0").mkdir()
    assert statuses(tmp_path)["mains"] is CheckStatus.UNKNOWN


def test_a_strict_run_objects_to_what_is_bad_and_to_what_is_unknown() -> None:
    checks = check_machine(HOSTS / "vm-zen4")
    found = {objection.partition(":")[0]: objection for objection in objections(checks)}
    assert "may disturb it; use a physical machine." in found["virtual"]
    assert "does not report it, so it may be noisy" in found["governor"]
    assert set(found) == {check.name for check in checks if check.status is not CheckStatus.OK}


def test_a_strict_run_lets_pass_what_is_named_and_nothing_else(tmp_path: Path) -> None:
    checks = check_machine(tmp_path)
    assert objections(checks, NAMES) == ()
    (left,) = objections(checks, [name for name in NAMES if name != "load"])
    assert left.startswith("load: ")


def test_a_quiet_machine_has_no_objections() -> None:
    assert objections([Check(name, CheckStatus.OK, "") for name in NAMES]) == ()


def test_names_are_unique_and_sentences_have_an_end() -> None:
    assert len(set(NAMES)) == len(CHECKS) == 9
    assert not any(check.remedy.endswith(".") or check.problem.endswith(".") for check in CHECKS)
