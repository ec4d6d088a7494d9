"""Which flag wins: checked against what the compiler itself says it would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.claims.optimization_flags import interposition_by
from pytest_rtopt.evidence.derivation.exported import AddedFlags
from pytest_rtopt.evidence.log.build_log import CompilerCall, parse_log
from pytest_rtopt.evidence.log.effective_flags import (
    INTERPOSITION,
    INTERPOSITION_GCC_12,
    INTERPOSITION_UNKNOWN,
    LEVEL,
    MARCH,
    TUNING,
    effective,
    effective_flags,
)

if TYPE_CHECKING:
    from pytest_rtopt.evidence.log.effective_flags import Option

NONE = AddedFlags((), ())


@pytest.mark.parametrize(
    ("option", "flags", "wins"),
    [
        (LEVEL, "-O3 -O2", "-O2"),
        (LEVEL, "-O2 -g -O3 -Wall", "-O3"),
        (LEVEL, "-O", "-O1"),
        (LEVEL, "-O9", "-O3"),
        (LEVEL, "-Ofast -Os", "-Os"),
        (LEVEL, "-g -o -Object", None),
        (TUNING, "-mtune=skylake -march=haswell", "-mtune=skylake"),
        (TUNING, "-march=haswell -mtune=skylake", "-mtune=skylake"),
        (TUNING, "-march=haswell", "-mtune=haswell"),
        (TUNING, "-march=x86-64-v3", "-mtune=generic"),
        (TUNING, "-march=native", "-mtune=native"),
        (TUNING, "-mcpu=skylake", "-mtune=skylake"),
        (TUNING, "-O3", None),
        (MARCH, "-march=a -march=b", "-march=b"),
        (
            INTERPOSITION,
            "-fsemantic-interposition -fno-semantic-interposition",
            "-fno-semantic-interposition",
        ),
        (INTERPOSITION_GCC_12, "-Ofast", "-fno-semantic-interposition"),
        (INTERPOSITION_GCC_12, "-Ofast -fsemantic-interposition", "-fsemantic-interposition"),
        (INTERPOSITION_GCC_12, "-Ofast -O3", None),
        (INTERPOSITION, "-Ofast", None),
        (INTERPOSITION, "-Ofast -fno-semantic-interposition", "-fno-semantic-interposition"),
        (INTERPOSITION_UNKNOWN, "-Ofast", "-Ofast"),
        (INTERPOSITION_UNKNOWN, "-Ofast -fsemantic-interposition", "-fsemantic-interposition"),
        (INTERPOSITION_UNKNOWN, "-O2", None),
        (INTERPOSITION, "-O3", None),
    ],
)
def test_the_last_of_a_group_wins(option: Option, flags: str, wins: str | None) -> None:
    assert option.pick(flags.split()) == wins


def gcc_says(kind: str, flags: str) -> dict[str, str]:
    """Return GCC's settings under `flags`, by the names that it prints."""
    argv = ["gcc", "-Q", f"--help={kind}", *flags.split()]
    lines = process.check(argv, timeout=60).text.splitlines()
    return {words[0]: words[1] for line in lines if len(words := line.split()) > 1}


@pytest.mark.parametrize("flags", ["-mtune=skylake -march=haswell", "-march=haswell", "-march=x86-64-v3"])
def test_gcc_tunes_as_it_is_read(flags: str) -> None:
    tuned = gcc_says("target", flags)["-mtune="]
    assert TUNING.pick(flags.split()) == f"-mtune={tuned}"


@pytest.mark.parametrize("flags", ["-O3", "-Ofast", "-Ofast -fsemantic-interposition", "-Ofast -O2"])
def test_gcc_interposes_as_it_is_read(flags: str) -> None:
    major = int(process.check(["gcc", "-dumpversion"], timeout=60).text.partition(".")[0])
    enabled = gcc_says("common", flags)["-fsemantic-interposition"] == "[enabled]"
    picked = interposition_by({major}).pick(flags.split())
    assert (picked == "-fno-semantic-interposition") is not enabled


def test_the_wrapper_adds_to_what_it_did_not_print() -> None:
    added = AddedFlags(("-O1",), ("-O3",), ("-march=skylake",))
    for program, complete, flags in (
        ("gcc", False, ("-O1", "-c", "-O3")),
        ("g++-12", False, ("-O1", "-c", "-O3", "-march=skylake")),
        ("gcc", True, ("-c",)),
        ("/usr/bin/gcc", False, ("-c",)),
        ("/nix/store/x-gcc-wrapper-13/bin/gcc", False, ("-O1", "-c", "-O3")),
    ):
        call = CompilerCall(program, ("-c",), compiles=True, complete=complete)
        assert tuple(effective(call, added)) == flags


def test_winners_are_counted_and_said() -> None:
    log = parse_log("gcc -O3 -c a.c\ngcc -O2 -O3 -c b.c\ngcc -O2 -c c.c\ngcc @x -c d.c\ngcc -c e.c\n")
    seen = effective_flags(log, NONE, LEVEL)
    assert (seen.calls, seen.counts["-O3"], seen.elsewhere) == (5, 2, 1)
    assert seen.in_words() == "-O3 in 2, no -O in 2, -O2 in 1"
    assert effective_flags(None, NONE, LEVEL).calls == 0
