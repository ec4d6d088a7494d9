"""Recorded compiler switches; the texts are what GCC 12.2.0 wrote, unless said otherwise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.elf.switches import parse_switches

PLAIN = (
    b"GNU C17 12.2.0 -march=x86-64-v3 -O2 -fasynchronous-unwind-tables\0"
    b"GNU C17 12.2.0 -mtune=generic -march=x86-64 -O3 -fasynchronous-unwind-tables\0"
)
# The objects were compiled with -march=x86-64-v3, and so is the code; the link step had no -march.
LTO = (
    b"GNU GIMPLE 12.2.0 -mtune=generic -march=x86-64 -O2 -O2 -fno-openmp -fno-openacc -fPIC "
    b"-fcf-protection=none -fltrans\0"
)
CPLUSPLUS = b"GNU C++17 12.2.0 -march=haswell -O2 --param=max-unroll-times=4 -fasynchronous-unwind-tables\0"
PROFILE_USE = b"GNU C17 12.2.0 -march=x86-64-v3 -O2 -fprofile-use -fasynchronous-unwind-tables\0"
# As documented for GCC 10 and earlier: one string for each option.
LOOSE = b"-imultiarch x86_64-linux-gnu\0a.c\0-mtune=generic\0-march=x86-64\0-O2\0"


def test_each_distinct_command_line_is_told_apart() -> None:
    recorded = parse_switches(PLAIN)
    assert [line.march for line in recorded.lines] == ["x86-64-v3", "x86-64"]
    assert (recorded.lines[0].language, recorded.lines[0].version) == ("GNU C17", "12.2.0")
    assert recorded.march() == {"x86-64-v3", "x86-64"}
    assert all("-fasynchronous-unwind-tables" in line.switches for line in recorded.lines)


def test_link_time_code_generation_says_nothing_about_the_architecture() -> None:
    recorded = parse_switches(LTO)
    assert recorded.lines[0].is_link_time
    assert recorded.lines[0].march == "x86-64"
    assert recorded.march() == frozenset()
    assert parse_switches(PLAIN + LTO).march() == {"x86-64-v3", "x86-64"}


def test_other_languages_and_profiles() -> None:
    assert parse_switches(CPLUSPLUS).lines[0].language == "GNU C++17"
    assert "--param=max-unroll-times=4" in parse_switches(CPLUSPLUS).lines[0].switches
    assert "-fprofile-use" in parse_switches(PROFILE_USE).lines[0].switches


def test_the_last_march_decides() -> None:
    assert parse_switches(b"GNU C17 12.2.0 -march=skylake -O2 -march=x86-64\0").march() == {"x86-64"}


def test_options_recorded_one_by_one_are_pooled() -> None:
    recorded = parse_switches(LOOSE)
    assert recorded.lines[-1].switches == ("-mtune=generic", "-march=x86-64", "-O2")
    assert recorded.march() == {"x86-64"}


def test_nothing_recorded_has_nothing() -> None:
    assert parse_switches(b"").lines == ()
    assert parse_switches(b"").march() == frozenset()


@given(st.binary())
def test_any_bytes_are_parsed(section: bytes) -> None:
    for line in parse_switches(section).lines:
        assert line.switches or line.language or not line.version


@given(st.lists(st.from_regex(r"-[a-zA-Z0-9=+.-]+", fullmatch=True), min_size=1))
def test_switches_come_back_in_order(switches: list[str]) -> None:
    line = ("GNU C17 12.2.0 " + " ".join(switches)).encode() + b"\0"
    assert parse_switches(line).lines[0].switches == tuple(switches)
