"""Detects the profile of this machine; it has the same form as a profile that a user writes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_rtopt.base.errors import ProfileError
from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.hardware.microarch import gcc_names_for, psabi_level, version_parts
from pytest_rtopt.hardware.profile import HardwareProfile, parse_profile

if TYPE_CHECKING:
    from pytest_rtopt.hardware.host import Host

HOST = "host"

_GIB = 2**30
# In MiB, a quarter of the memory for each thread.
_COMPILER_HEAP = 512
_LINKER_GC_PERCENT = 400
# One C++ compiler at -O3 on V8 or LLVM sources takes up to 2 GiB, and a whole runtime's build at its peak
# (linking with LTO, training) up to 12.
_MEMORY_PER_CORE = 2 * _GIB
_MEMORY_PER_BUILD = 12 * _GIB
_THREADS_PER_BUILD = 4
# This GCC loses the profile of CPython's interpreter loop, and GCC 14 keeps it (docs/overlays.md).
_LOSES_LOOP = 12
# x86-64-v3 is the first level with vectors of 256 bits.
_WIDE_VECTORS = 3


def profile_for(host: Host, gcc_version: str | None) -> HardwareProfile:
    """Return the profile "host", whose architecture this CPU can run and this GCC knows.

    `gcc_version` is the version of the compiler that builds ("12.2.0"), or `None` if unknown. Raises
    `ProfileError` if the CPU is not known to be x86-64.
    """
    names = gcc_names_for(host.vendor, host.features, gcc_version)
    if names is None:
        raise ProfileError(
            "The architecture of this machine cannot be detected, because its kernel lists no x86-64 "
            "features; give a profile that names it, such as `--rtopt-profile laptop-generic`."
        )
    level = psabi_level(names.march)
    of_machine: dict[str, dict[str, object]] = {
        "go": {"goamd64": f"v{level}", **_collector(host)},
        "rust": _rust(level),
        "python": _python(gcc_version),
    }
    values: dict[str, object] = {
        "system": {"hostname": HOST},
        "cpu": _present(
            vendor=host.vendor,
            model=host.brand,
            family=host.microarchitecture,
            cores=host.cores,
            threads=host.threads,
        ),
        "memory": _memory(host),
        "build": {
            "compiler": {"march": names.march, "mtune": names.mtune, "optimizationLevel": "3"},
            "parallelism": _parallelism(host),
        },
        "packages": {
            runtime.profile_attribute: {
                "enable": True,
                **runtime.detected,
                **of_machine.get(runtime.name, {}),
            }
            for runtime in REGISTRY.values()
        },
    }
    return parse_profile(values, name=HOST, source="this machine")


def _collector(host: Host) -> dict[str, object]:
    # `go build` runs one compiler for each thread of the CPU, and each may fill such a heap.
    if host.memory_bytes is None or host.memory_bytes < _MEMORY_PER_CORE * (host.threads or 1):
        return {}
    return {"compilerHeap": _COMPILER_HEAP, "linkerGcPercent": _LINKER_GC_PERCENT}


def _python(gcc_version: str | None) -> dict[str, object]:
    loses_loop = gcc_version is not None and version_parts(gcc_version)[:1] == (_LOSES_LOOP,)
    return {"loopWithoutProfile": True} if loses_loop else {}


def _rust(level: int) -> dict[str, object]:
    # The level is named instead of the processor, because the processor's name made one program 5 % slower.
    # Vectors stay at 128 bits where the code does not request wider ones, because wider vectors made another
    # program 11 % slower (docs/overlays.md).
    settings: dict[str, object] = {"targetCpu": f"x86-64-v{level}"}
    if level >= _WIDE_VECTORS:
        settings["preferVectorWidth"] = "128"
    return settings


def _memory(host: Host) -> dict[str, object]:
    if host.memory_bytes is None:
        return {}
    # The kernel does not count what firmware reserves; rounding up restores the installed size.
    total = math.ceil(host.memory_bytes / _GIB)
    return {"total": total, "effectiveTotal": total + round((host.zram_bytes or 0) / _GIB)}


def _parallelism(host: Host) -> dict[str, object]:
    threads = host.threads or 1
    if host.memory_bytes is None:
        return {"maxJobs": 1, "maxCores": threads}
    jobs = max(1, min(threads // _THREADS_PER_BUILD, host.memory_bytes // _MEMORY_PER_BUILD))
    cores = max(1, min(threads // jobs, host.memory_bytes // (_MEMORY_PER_CORE * jobs)))
    return {"maxJobs": jobs, "maxCores": cores}


def _present(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}
