"""The parser of /proc/cpuinfo, on recorded files and on anything else."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.hardware.cpuinfo import Cpu, fill_from_cpuid, parse_cpuinfo

DATA = Path(__file__).parent.parent / "data" / "host"


def recorded(machine: str) -> str:
    return (DATA / machine / "proc" / "cpuinfo").read_text()


def test_recorded_virtual_machine() -> None:
    cpu = parse_cpuinfo(recorded("vm-zen4"))
    assert (cpu.vendor, cpu.brand) == ("AuthenticAMD", "AMD EPYC")
    assert (cpu.family, cpu.model, cpu.stepping) == (25, 17, 1)
    assert (cpu.cores, cpu.threads, cpu.microcode) == (2, 2, "0x1000065")
    assert {"avx512vl", "sse3", "hypervisor"} <= cpu.features
    assert "pku" not in cpu.features


def test_hyperthreads_share_cores() -> None:
    cpu = parse_cpuinfo(recorded("desktop-skylake"))
    assert (cpu.cores, cpu.threads) == (4, 8)


def test_two_sockets_have_cores_of_the_same_number() -> None:
    block = "processor\t: {0}\nphysical id\t: {1}\ncore id\t\t: 0\nflags\t\t: fpu\n"
    cpu = parse_cpuinfo(block.format(0, 0) + "\n" + block.format(1, 1))
    assert (cpu.cores, cpu.threads) == (2, 2)


def test_only_features_of_every_cpu_count() -> None:
    cpu = parse_cpuinfo("processor : 0\nflags : fpu avx2\n\nprocessor : 1\nflags : fpu\n")
    assert cpu.features == {"fpu"}


def test_sse3_is_listed_as_pni() -> None:
    assert "sse3" in parse_cpuinfo("processor : 0\nflags : fpu pni\n").features


def test_another_architecture_has_no_x86_features() -> None:
    text = "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\n"
    assert parse_cpuinfo(text) == Cpu(threads=1)


@given(st.text())
def test_any_text_is_parsed(text: str) -> None:
    cpu = parse_cpuinfo(text)
    assert cpu.threads is None or cpu.threads >= (cpu.cores or 0)


def test_cpuid_fills_what_the_kernel_left_out() -> None:
    cpuid = {
        "vendor_id_raw": "AuthenticAMD",
        "brand_raw": "AMD EPYC",
        "family": 25,
        "model": 17,
        "stepping": 1,
        "count": 2,
        "flags": ["pni", "sse", "sse2"],
    }
    filled = fill_from_cpuid(Cpu(), cpuid)
    assert filled.features == {"pni", "sse", "sse2", "sse3"}
    assert (filled.vendor, filled.brand, filled.family, filled.threads) == ("AuthenticAMD", "AMD EPYC", 25, 2)


def test_cpuid_never_overrides_the_kernel() -> None:
    known = parse_cpuinfo(recorded("desktop-skylake"))
    cpuid = {"vendor_id_raw": "Other", "flags": ["avx512f"], "model": 1, "count": 99}
    assert fill_from_cpuid(known, cpuid) == known


def test_cpuid_without_answers_changes_nothing() -> None:
    assert fill_from_cpuid(Cpu(), {}) == Cpu()
