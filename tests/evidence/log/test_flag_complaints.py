"""Flags that the log of a failed build names in an error, as compilers write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.log.flag_complaints import flags_in_errors


@pytest.mark.parametrize(
    ("flag", "line"),
    [
        # GCC 12, in two languages, and with the colours that it has in a build.
        ("-march=nonsense", "cc1: error: bad value 'nonsense' for '-march=' switch"),
        ("-march=nonsense", "cc1: error: bad value \u2018nonsense\u2019 for \u2018-march=\u2019 switch"),
        (
            "-march=nonsense",
            "\x1b[01m\x1b[Kcc1:\x1b[m\x1b[K error: bad value '\x1b[01m\x1b[Knonsense\x1b[m\x1b[K'",
        ),
        ("-fnonsense", "gcc: error: unrecognized command-line option '-fnonsense'; did you mean '-fno'?"),
        # Clang 16
        ("-march=nonsense", "error: unknown target CPU 'nonsense'"),
        ("-fnonsense", "clang: error: unknown argument: '-fnonsense'"),
        # rustc 1.95
        (
            "-Ctarget-cpu=nonsense",
            "'nonsense' is not a recognized processor for this target (ignoring processor)",
        ),
        ("-Cnonsense=1", "error: unknown codegen option: `nonsense`"),
        ("-C opt-level=9", "error: optimization level needs to be between 0-3, s or z (instead was `9`)"),
        # Go 1.24
        ("GOAMD64=v9", "go: invalid GOAMD64: must be v1, v2, v3, v4"),
        # GNU ld 2.40
        ("-Wl,--nonsense", "/usr/bin/ld: unrecognized option '--nonsense'"),
    ],
)
def test_a_flag_that_is_named(flag: str, line: str) -> None:
    log = f"gcc -O2 {flag} -Werror -c a.c\n{line}\nmake: *** [a.o] Error 1\n"
    assert flags_in_errors([flag, "-O3"], log) == (flag,)


@pytest.mark.parametrize(
    "line",
    [
        "gcc -march=nonsense -Werror -c a.c",
        "make: *** [a.o] Error 1",
        "a.c:1: error: 'x' undeclared",
        "cc1: error: bad value 'nonsensical' for '-march=' switch",
        "error: unrecognized command-line option '-march=nonsense-too'",
        "warning: unknown and unstable feature specified for `-march`: `nonsense`",
    ],
)
def test_a_flag_that_is_not(line: str) -> None:
    assert flags_in_errors(["-march=nonsense"], line) == ()


@given(st.lists(st.sampled_from(["-O3", "-flto", "-march=a"]), unique=True), st.text())
def test_only_flags_that_were_given_are_found(flags: list[str], log: str) -> None:
    assert set(flags_in_errors(flags, log)) <= set(flags)
    named = "".join(f"error: {flag} is bad\n" for flag in flags)
    assert flags_in_errors(flags, log + "\n" + named) == tuple(flags)
