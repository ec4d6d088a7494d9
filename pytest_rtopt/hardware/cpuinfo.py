"""Parses `/proc/cpuinfo`; CPUID fills the fields that the kernel does not list."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_rtopt.hardware.microarch import with_implied

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENTRY = re.compile(r"^([^:\n]*?)[ \t]*:[ \t]*(.*?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Cpu:
    """The processors of one machine, which are assumed to be alike; an unknown field is `None`.

    `features` are the kernel's names of CPU features, plus those that the kernel implies (`with_implied`).
    `cores` are physical and `threads` logical, summed over all sockets.
    """

    vendor: str | None = None
    brand: str | None = None
    family: int | None = None
    model: int | None = None
    stepping: int | None = None
    features: frozenset[str] = frozenset()
    cores: int | None = None
    threads: int | None = None
    microcode: str | None = None


def parse_cpuinfo(text: str) -> Cpu:
    """Parse the text of `/proc/cpuinfo`: blocks of `key : value`, one block for each logical CPU."""
    blocks = [dict(_ENTRY.findall(block)) for block in re.split(r"\n[ \t]*\n", text)]
    cpus = [block for block in blocks if "processor" in block]
    if not cpus:
        return Cpu()
    first = cpus[0]
    return Cpu(
        vendor=first.get("vendor_id") or None,
        brand=first.get("model name") or None,
        family=_integer(first.get("cpu family")),
        model=_integer(first.get("model")),
        stepping=_integer(first.get("stepping")),
        # Performance and efficiency cores can differ, so only the features that all CPUs share count.
        features=frozenset.intersection(*(with_implied(cpu.get("flags", "").split()) for cpu in cpus)),
        cores=_cores(cpus),
        threads=len(cpus),
        microcode=first.get("microcode") or None,
    )


def fill_from_cpuid(cpu: Cpu, cpuid: Mapping[str, object]) -> Cpu:
    """Return `cpu` with its unknown fields filled from py-cpuinfo's `get_cpu_info()` result."""
    flags = cpuid.get("flags")
    return replace(
        cpu,
        vendor=cpu.vendor or _text(cpuid.get("vendor_id_raw")),
        brand=cpu.brand or _text(cpuid.get("brand_raw")),
        family=_first(cpu.family, cpuid.get("family")),
        model=_first(cpu.model, cpuid.get("model")),
        stepping=_first(cpu.stepping, cpuid.get("stepping")),
        features=cpu.features
        or with_implied([str(flag) for flag in flags] if isinstance(flags, list) else []),
        threads=_first(cpu.threads, cpuid.get("count")),
    )


def _cores(cpus: list[dict[str, str]]) -> int | None:
    places = {(cpu.get("physical id", "0"), cpu["core id"]) for cpu in cpus if "core id" in cpu}
    return len(places) or None


def _integer(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _first(known: int | None, value: object) -> int | None:
    return value if known is None and isinstance(value, int) else known
