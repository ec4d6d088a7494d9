"""Checks whether a hardware profile fits this machine; pure functions of both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pytest_rtopt.hardware.microarch import features, level_march

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.hardware.host import Host
    from pytest_rtopt.hardware.profile import HardwareProfile

# A profile gives the memory in GB that is printed on the modules. The kernel sees less of it, because
# firmware and graphics reserve some. To read a GB as 10^9 bytes (7 % less than a GiB) and to allow another
# 5 % covers both differences.
_GB = 10**9
_RESERVED_SHARE = 0.05
# With less memory than this, the largest builds (guides say 8 to 12 GB) do not fit beside a desktop without
# swap.
_AMPLE_MEMORY_GB = 16
# Features that no compiler uses by itself and that hypervisors hide (Hyper-V, and so WSL, hides `pku` of a
# Zen 3). `pku` are memory protection keys: a program uses their instructions only after a system call.
# `flush_l1d` is a register that only the kernel uses to flush the first-level cache.
_NEVER_EMITTED = frozenset({"pku", "flush_l1d"})
# Above this load per core, other programs compete with the measured one.
_BUSY_LOAD_PER_CORE = 0.5


class CheckStatus(StrEnum):
    """The outcome of one check; `unknown` if the machine does not report the value."""

    OK = "ok"
    FAILED = "failed"
    ADVICE = "advice"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """The result of one check; `message` is a sentence with the remedy, if there is one."""

    name: str
    status: CheckStatus
    message: str


def check_profile(profile: HardwareProfile, host: Host) -> tuple[Check, ...]:
    """Return every check of `profile` against `host` in a fixed order; those that can fail come first."""
    return (
        check_instruction_set(profile, host),
        check_cores(profile, host),
        check_threads(profile, host),
        check_memory(profile, host),
        check_effective_memory(profile, host),
        check_swap(host),
        check_governor(host),
        check_load(host),
    )


def check_instruction_set(profile: HardwareProfile, host: Host) -> Check:
    """Check that this CPU has every feature that a compiler uses for the profile's architectures."""
    name = "instruction-set"
    requested = _architectures(profile)
    if not requested:
        return Check(name, CheckStatus.OK, f"The profile {profile.name} requests no architecture.")
    if not host.features:
        return Check(name, CheckStatus.UNKNOWN, "This machine's kernel does not list the CPU's features.")
    for march, field in requested.items():
        if missing := features(march) - host.features - _NEVER_EMITTED:
            return Check(
                name,
                CheckStatus.FAILED,
                f"The profile {profile.name} ({profile.source}) requests `{march}` in `{field}`, but this "
                f"CPU lacks {', '.join(sorted(missing))}; use a profile of this machine, such as "
                f"`--rtopt-profile host`{_host_name(host)}.",
            )
    return Check(name, CheckStatus.OK, f"This CPU runs code for {', '.join(requested)}.")


def check_cores(profile: HardwareProfile, host: Host) -> Check:
    """Check that the machine has the physical cores that the profile claims."""
    return _check_count(profile, "cores", profile.cores, host.cores)


def check_threads(profile: HardwareProfile, host: Host) -> Check:
    """Check that the machine has the logical CPUs that the profile claims."""
    return _check_count(profile, "threads", profile.threads, host.threads)


def check_memory(profile: HardwareProfile, host: Host) -> Check:
    """Check that the machine has the memory that the profile claims, minus what firmware usually reserves."""
    name, claimed = "memory", profile.memory_gb
    if claimed is None:
        return Check(name, CheckStatus.OK, f"The profile {profile.name} claims no memory.")
    if host.memory_bytes is None:
        return Check(name, CheckStatus.UNKNOWN, "This machine does not report how much memory it has.")
    available = host.memory_bytes / _GB
    if available < claimed * (1 - _RESERVED_SHARE):
        return Check(
            name,
            CheckStatus.FAILED,
            f"The profile {profile.name} ({profile.source}) claims {claimed:g} GB of memory in "
            f"`memory.total`, but this machine has {available:.1f} GB; correct the profile, or builds "
            f"planned for {claimed:g} GB run out of memory.",
        )
    return Check(name, CheckStatus.OK, f"This machine has the {claimed:g} GB of memory claimed.")


def check_effective_memory(profile: HardwareProfile, host: Host) -> Check:
    """Check that memory and zram together reach the effective memory that the profile claims."""
    name, claimed = "effective-memory", profile.effective_memory_gb
    if claimed is None:
        return Check(name, CheckStatus.OK, f"The profile {profile.name} claims no effective memory.")
    if host.memory_bytes is None or host.zram_bytes is None:
        return Check(
            name, CheckStatus.UNKNOWN, "This machine does not report how much memory and zram it has."
        )
    available = (host.memory_bytes + host.zram_bytes) / _GB
    if available < claimed * (1 - _RESERVED_SHARE):
        return Check(
            name,
            CheckStatus.ADVICE,
            f"`memory.effectiveTotal` is {claimed:g} GB, but memory and active zram are {available:.1f} GB; "
            "enable zram, or lower the field.",
        )
    return Check(name, CheckStatus.OK, f"Memory and zram reach the {claimed:g} GB claimed.")


def check_swap(host: Host) -> Check:
    """Check that a machine with little memory has swap of some kind."""
    name = "swap"
    if host.memory_bytes is None or host.swap_bytes is None or host.zram_bytes is None:
        return Check(
            name, CheckStatus.UNKNOWN, "This machine does not report how much memory and swap it has."
        )
    available = host.memory_bytes / _GB
    if available < _AMPLE_MEMORY_GB * (1 - _RESERVED_SHARE) and not host.swap_bytes + host.zram_bytes:
        return Check(
            name,
            CheckStatus.ADVICE,
            f"This machine has {available:.1f} GB of memory and neither swap nor zram; enable zram, or set "
            '`pgoLevel` to "LIGHT" or "NONE": guides say that FULL needs 8 to 12 GB (2 GB on two cores).',
        )
    return Check(name, CheckStatus.OK, "Memory and swap are large enough for the largest builds.")


def check_governor(host: Host) -> Check:
    """Check that every core uses the frequency governor `performance`."""
    name = "governor"
    if host.governor is None:
        return Check(name, CheckStatus.UNKNOWN, "This machine shows no frequency governor (no cpufreq).")
    if host.governor != "performance":
        return Check(
            name,
            CheckStatus.ADVICE,
            f"The frequency governor is {host.governor}, which makes builds slower and measurements noisier; "
            "set it with `cpupower frequency-set -g performance`.",
        )
    return Check(name, CheckStatus.OK, "The frequency governor is performance.")


def check_load(host: Host) -> Check:
    """Check that the machine is not busy with other work."""
    name, cores = "load", host.cores or host.threads
    if host.load1 is None or cores is None:
        return Check(name, CheckStatus.UNKNOWN, "This machine does not report its load.")
    if host.load1 > _BUSY_LOAD_PER_CORE * cores:
        return Check(
            name,
            CheckStatus.ADVICE,
            f"The load is {host.load1:.1f} on {cores} cores; close other programs before measuring.",
        )
    return Check(name, CheckStatus.OK, f"The load is {host.load1:.1f} on {cores} cores.")


def _architectures(profile: HardwareProfile) -> Mapping[str, str]:
    """Return each requested march, mapped to the first field that requests it."""
    requested = {} if profile.march is None else {profile.march: "build.compiler.march"}
    for attr in profile.runtime_attrs():
        settings = profile.settings(attr)
        if not settings.enable:
            continue
        if settings.goamd64 is not None:
            requested.setdefault(level_march(int(settings.goamd64[1:])), f"packages.{attr}.goamd64")
        if settings.target_cpu is not None:
            requested.setdefault(settings.target_cpu, f"packages.{attr}.targetCpu")
    return requested


def _check_count(profile: HardwareProfile, name: str, claimed: int | None, actual: int | None) -> Check:
    if claimed is None:
        return Check(name, CheckStatus.OK, f"The profile {profile.name} claims no {name}.")
    if actual is None:
        return Check(name, CheckStatus.UNKNOWN, f"This machine does not report how many {name} it has.")
    if actual < claimed:
        return Check(
            name,
            CheckStatus.FAILED,
            f"The profile {profile.name} ({profile.source}) claims {claimed} {name} in `cpu.{name}`, but "
            f"this machine has {actual}; correct the profile.",
        )
    return Check(name, CheckStatus.OK, f"This machine has the {claimed} {name} claimed.")


def _host_name(host: Host) -> str:
    return f" ({host.microarchitecture})" if host.microarchitecture else ""
