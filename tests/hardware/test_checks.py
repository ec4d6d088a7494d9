"""Profile against machine: what fails, what is advice, and what cannot be known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_rtopt.hardware.checks import Check, CheckStatus, check_profile
from pytest_rtopt.hardware.host import Host, read_host
from pytest_rtopt.hardware.profile import parse_profile

DATA = Path(__file__).parent.parent / "data" / "host"
GIB = 2**30
SKYLAKE = read_host(DATA / "desktop-skylake")
WSL = read_host(DATA / "wsl-zen3")
ZEN4 = read_host(DATA / "vm-zen4")


def outcome(name: str, host: Host, **values: object) -> Check:
    profile = parse_profile(values, name="mine", source="mine.nix")
    return next(check for check in check_profile(profile, host) if check.name == name)


def compiler(march: str) -> dict[str, object]:
    return {"compiler": {"march": march}}


def test_the_right_machine_passes() -> None:
    assert outcome("instruction-set", SKYLAKE, build=compiler("skylake")).status is CheckStatus.OK


def test_another_machine_fails_with_the_missing_features() -> None:
    check = outcome("instruction-set", SKYLAKE, build=compiler("x86-64-v4"))
    assert check.status is CheckStatus.FAILED
    assert "avx512bw, avx512cd, avx512dq, avx512f, avx512vl" in check.message
    assert "mine.nix" in check.message
    assert "`build.compiler.march`" in check.message
    assert "--rtopt-profile host" in check.message


def test_an_older_architecture_of_another_vendor_is_judged_by_features_alone() -> None:
    assert outcome("instruction-set", ZEN4, build=compiler("skylake")).status is CheckStatus.OK
    assert outcome("instruction-set", SKYLAKE, build=compiler("znver1")).status is CheckStatus.FAILED


def test_features_that_hypervisors_hide_and_compilers_never_use_are_no_failure() -> None:
    assert "pku" not in WSL.features
    assert outcome("instruction-set", WSL, build=compiler("znver3")).status is CheckStatus.OK


@pytest.mark.parametrize(
    ("packages", "field"),
    [
        ({"go_1_24": {"goamd64": "v4"}}, "packages.go_1_24.goamd64"),
        ({"rust": {"targetCpu": "znver4"}}, "packages.rust.targetCpu"),
    ],
)
def test_settings_of_a_runtime_ask_for_instructions_too(packages: dict[str, object], field: str) -> None:
    check = outcome("instruction-set", SKYLAKE, packages=packages)
    assert check.status is CheckStatus.FAILED
    assert f"`{field}`" in check.message


def test_a_disabled_runtime_asks_for_nothing() -> None:
    packages = {"go_1_24": {"goamd64": "v4", "enable": False}}
    assert outcome("instruction-set", SKYLAKE, packages=packages).status is CheckStatus.OK


def test_unknown_features_are_unknown() -> None:
    host = replace(SKYLAKE, features=frozenset())
    assert outcome("instruction-set", host, build=compiler("skylake")).status is CheckStatus.UNKNOWN


@pytest.mark.parametrize(("name", "there"), [("cores", 4), ("threads", 8)])
def test_counts(name: str, there: int) -> None:
    assert outcome(name, SKYLAKE, cpu={name: there}).status is CheckStatus.OK
    unknown = replace(SKYLAKE, cores=None, threads=None)
    assert outcome(name, unknown, cpu={name: there}).status is CheckStatus.UNKNOWN
    check = outcome(name, SKYLAKE, cpu={name: there + 1})
    assert check.status is CheckStatus.FAILED
    assert f"claims {there + 1} {name} in `cpu.{name}`, but this machine has {there}" in check.message


@pytest.mark.parametrize(
    ("total", "memory_bytes", "status"),
    [
        (16, 16294776 * 1024, CheckStatus.OK),  # 16 GiB installed, as the kernel counts them
        (16, int(14.5 * GIB), CheckStatus.OK),  # graphics keep a gigabyte
        (16, 12 * GIB, CheckStatus.FAILED),
        ("16", 8 * GIB, CheckStatus.FAILED),
        (8, 16 * GIB, CheckStatus.OK),
        (8, None, CheckStatus.UNKNOWN),
    ],
)
def test_memory(total: object, memory_bytes: int | None, status: CheckStatus) -> None:
    host = replace(SKYLAKE, memory_bytes=memory_bytes)
    assert outcome("memory", host, memory={"total": total}).status is status


def test_effective_memory() -> None:
    assert outcome("effective-memory", SKYLAKE, memory={"effectiveTotal": 28}).status is CheckStatus.OK
    host = replace(SKYLAKE, zram_bytes=0)
    check = outcome("effective-memory", host, memory={"effectiveTotal": 28})
    assert check.status is CheckStatus.ADVICE
    assert "enable zram" in check.message
    host = replace(SKYLAKE, zram_bytes=None)
    check = outcome("effective-memory", host, memory={"effectiveTotal": 28})
    assert check.status is CheckStatus.UNKNOWN


def test_little_memory_without_swap_is_advised_on() -> None:
    assert outcome("swap", WSL).status is CheckStatus.ADVICE
    assert outcome("swap", replace(WSL, zram_bytes=GIB)).status is CheckStatus.OK
    assert outcome("swap", replace(WSL, swap_bytes=GIB)).status is CheckStatus.OK
    assert outcome("swap", ZEN4).status is CheckStatus.OK
    assert outcome("swap", replace(WSL, swap_bytes=None)).status is CheckStatus.UNKNOWN


def test_governor() -> None:
    assert outcome("governor", SKYLAKE).status is CheckStatus.ADVICE
    assert outcome("governor", replace(SKYLAKE, governor="performance")).status is CheckStatus.OK
    mixed = replace(SKYLAKE, governor="performance, powersave")
    assert outcome("governor", mixed).status is CheckStatus.ADVICE
    assert outcome("governor", ZEN4).status is CheckStatus.UNKNOWN


def test_load_is_relative_to_cores() -> None:
    assert outcome("load", SKYLAKE).status is CheckStatus.ADVICE
    assert outcome("load", replace(SKYLAKE, load1=1.9)).status is CheckStatus.OK
    assert outcome("load", replace(SKYLAKE, load1=None)).status is CheckStatus.UNKNOWN


def test_an_empty_profile_fits_everything(tmp_path: Path) -> None:
    profile = parse_profile({}, name="empty", source="empty.nix")
    for host in (SKYLAKE, WSL, ZEN4, read_host(tmp_path)):
        statuses = {check.name: check.status for check in check_profile(profile, host)}
        assert CheckStatus.FAILED not in statuses.values()
        assert len(statuses) == 8


def test_statuses_are_plain_words() -> None:
    assert [str(status) for status in CheckStatus] == ["ok", "failed", "advice", "unknown"]
