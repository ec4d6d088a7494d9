"""The detected profile: what this machine can run, in the shape that a user writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_rtopt.base.errors import ProfileError
from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.hardware.checks import CheckStatus, check_profile
from pytest_rtopt.hardware.detect import profile_for
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.hardware.microarch import features, psabi_level

DATA = Path(__file__).parent.parent / "data" / "host"
GIB = 2**30


@pytest.mark.parametrize(
    ("machine", "march", "mtune", "goamd64"),
    [
        ("vm-zen4", "x86-64-v4", "znver2", "v4"),  # the hypervisor hides one feature of Zen 3 and later
        ("desktop-skylake", "skylake", "skylake", "v3"),
        ("wsl-zen3", "znver2", "znver2", "v3"),
        ("vm-zen5", "x86-64-v4", "generic", "v4"),  # unknown to this GCC, and one feature of Zen is hidden
        ("laptop-ivybridge", "ivybridge", "ivybridge", "v2"),
        ("server-sapphirerapids", "sapphirerapids", "sapphirerapids", "v4"),
        ("desktop-kaixian", "x86-64-v2", "generic", "v2"),  # a vendor that archspec does not know
    ],
)
def test_recorded_machines(machine: str, march: str, mtune: str, goamd64: str) -> None:
    profile = profile_for(read_host(DATA / machine), "12.2.0")
    assert (profile.name, profile.march, profile.mtune) == ("host", march, mtune)
    assert profile.settings("go_1_24").goamd64 == goamd64
    assert profile.settings("rust").target_cpu == f"x86-64-v{psabi_level(march)}"
    assert profile.settings("rust").vector_width == ("128" if psabi_level(march) >= 3 else None)
    assert profile.settings("lua5_4").pgo_level == "LIGHT"
    assert profile.settings("python313").lto is True


def test_a_width_is_preferred_only_where_vectors_are_wider_than_the_baseline_has() -> None:
    old = replace(read_host(DATA / "desktop-skylake"), features=features("x86-64-v2"))
    assert profile_for(old, None).settings("rust").vector_width is None


def test_go_collects_later_only_where_there_is_memory_for_it() -> None:
    host = replace(read_host(DATA / "desktop-skylake"), threads=8)
    expected = {16 << 30: (512, 400), (16 << 30) - 1: (None, None), None: (None, None)}
    for memory, collector in expected.items():
        go = profile_for(replace(host, memory_bytes=memory), None).settings("go_1_24")
        assert (go.compiler_heap, go.linker_gc_percent) == collector


@pytest.mark.parametrize("machine", sorted(path.name for path in DATA.iterdir()))
def test_a_detected_profile_fits_its_machine(machine: str) -> None:
    host = read_host(DATA / machine)
    profile = profile_for(host, None)
    checks = check_profile(profile, host)
    assert not [check for check in checks if check.status is CheckStatus.FAILED]


@pytest.mark.parametrize("machine", sorted(path.name for path in DATA.iterdir()))
def test_no_detected_profile_asks_programs_to_hold_more_memory(machine: str) -> None:
    """A larger heap in every compiled program can get a service killed, so only its user may ask for it."""
    assert profile_for(read_host(DATA / machine), None).settings("go_1_24").go_gc_percent is None


@pytest.mark.detection
def test_this_machine() -> None:
    host = read_host()
    profile = profile_for(host, "12.2.0")
    assert profile.march is not None
    assert features(profile.march) <= host.features


def test_every_runtime_is_enabled() -> None:
    profile = profile_for(read_host(DATA / "desktop-skylake"), None)
    assert profile.runtime_attrs() == tuple(known.profile_attribute for known in REGISTRY.values())
    assert all(profile.settings(attr).enable for attr in profile.runtime_attrs())


def test_memory_is_what_is_installed() -> None:
    profile = profile_for(read_host(DATA / "desktop-skylake"), None)
    assert (profile.memory_gb, profile.effective_memory_gb) == (16, 28)


@pytest.mark.parametrize(
    ("threads", "memory_gib", "jobs", "cores"),
    [
        (8, 16, 1, 8),
        (8, 8, 1, 4),  # 2 GiB for each compiler
        (1, 1, 1, 1),
        (64, 256, 16, 4),
        (64, 24, 2, 6),
    ],
)
def test_parallelism_stays_within_memory(threads: int, memory_gib: int, jobs: int, cores: int) -> None:
    host = replace(
        read_host(DATA / "desktop-skylake"), cores=threads, threads=threads, memory_bytes=memory_gib * GIB
    )
    profile = profile_for(host, None)
    build = profile.values["build"]
    assert isinstance(build, dict)
    assert build["parallelism"] == {"maxJobs": jobs, "maxCores": cores}


def test_unknown_memory_is_left_out() -> None:
    host = replace(read_host(DATA / "desktop-skylake"), memory_bytes=None)
    assert profile_for(host, None).memory_gb is None


def test_an_unknown_cpu_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"cannot be detected.*--rtopt-profile laptop-generic"):
        profile_for(read_host(tmp_path), None)


@pytest.mark.parametrize(
    ("gcc", "requested"), [("12.2.0", True), ("12.3.1-20240101", True), ("14.3.0", None), (None, None)]
)
def test_the_loop_is_kept_from_a_profile_that_this_gcc_is_known_to_lose(
    gcc: str | None, *, requested: bool | None
) -> None:
    """It was asked for whatever the compiler, and only GCC 12 was looked at."""
    profile = profile_for(read_host(DATA / "desktop-skylake"), gcc)
    assert profile.settings("python313").loop_without_profile is requested
