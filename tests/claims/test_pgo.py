"""Whether a profile laid out the code, by cold parts and by what the log and the program record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.claims.pgo import COLD_FACTOR, pgo_used
from pytest_rtopt.evidence.elf.switches import CommandLine, RecordedSwitches
from pytest_rtopt.evidence.log.build_log import parse_log
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Answer

USED = "gcc -O2 -fprofile-use=/x -c a.c\n"
PLAIN = "gcc -O2 -c b.c\n"
TRAINING = "gcc -O2 -fprofile-generate=/x -c a.c\n"
NOT_FOUND = "a.c: warning: '/x/a.gcda' profile count data file not found [-Wmissing-profile]\n"
HOOK = {"preBuild": "export NIX_CFLAGS_COMPILE+=' -fprofile-use=/x'"}
PROVEN, UNPROVEN, REFUTED = FindingStatus.PROVEN, FindingStatus.UNPROVEN, FindingStatus.REFUTED


def judged(
    cold: tuple[int, int],
    log: str | None,
    exported: dict[str, str] | None = None,
    recorded: tuple[str, ...] | None = None,
) -> Answer:
    """Return the answer for so many functions with a cold part, of the optimized program and of stock."""
    lines = () if recorded is None else (CommandLine("GNU C17", "12.2.0", recorded),)
    program = binary(census(40, tag="o"), cold_functions=cold[0], switches=RecordedSwitches(lines))
    optimized = side(
        derivation("optimized", exported), {"lua": program}, log=None if log is None else parse_log(log)
    )
    stock = side(derivation("stock"), {"lua": binary(census(), cold_functions=cold[1])})
    return pgo_used("lua")(observation(profile("x86-64-v3", pgoLevel="FULL"), stock, optimized))


@pytest.mark.parametrize(
    "cold",
    [
        pytest.param((208, 6), id="Lua"),
        pytest.param((251, 37), id="QuickJS"),
        # Bug: the factor was that of Lua, and the profile of QuickJS with LTO was refuted.
        pytest.param((220, 37), id="QuickJS with LTO"),
        pytest.param((162, 2), id="MuJS"),
        pytest.param((104, 5), id="zstd with LTO"),
    ],
)
def test_the_profile_of_measured_programs_is_proven(cold: tuple[int, int]) -> None:
    assert judged(cold, USED).status is PROVEN
    # Without a record the layout proves nothing, and refutes nothing either.
    assert judged(cold, PLAIN).status is UNPROVEN


@pytest.mark.parametrize(
    "cold",
    [
        pytest.param((21, 6), id="Lua for x86-64-v4 with LTO"),
        pytest.param((65, 37), id="QuickJS with -O3"),
        pytest.param((1, 2), id="MuJS with LTO"),
        pytest.param((0, 5), id="zstd with -Os"),
    ],
)
def test_flags_without_a_profile_are_refuted_where_the_log_shows_them(cold: tuple[int, int]) -> None:
    assert judged(cold, PLAIN).status is REFUTED
    assert judged(cold, TRAINING).status is REFUTED
    assert judged(cold, None, recorded=("-O2",)).status is REFUTED


def test_an_interpreters_file_without_the_profile_is_no_refutation() -> None:
    """Bug: QuickJS with its largest file compiled without the profile has twice stock's cold parts."""
    answer = judged((74, 37), USED * 8 + PLAIN)
    assert answer.status is UNPROVEN
    assert "the log records -fprofile-use, but too few functions were split" in answer.evidence
    assert judged((74, 37), None, recorded=("-fprofile-use=/x",)).status is UNPROVEN
    # A hook hides which flags there were.
    assert judged((74, 37), PLAIN, HOOK).status is UNPROVEN
    assert judged((74, 37), None).status is UNPROVEN
    # Where no more functions are split than in stock, no file had a profile.
    assert judged((37, 37), PLAIN, HOOK).status is REFUTED
    # Unless the compiler was told to split none.
    assert judged((0, 37), PLAIN, HOOK).status is UNPROVEN


def test_a_profile_that_was_not_found_is_refuted_whatever_was_asked() -> None:
    assert judged((7, 6), USED + NOT_FOUND).status is REFUTED
    assert judged((208, 6), USED + NOT_FOUND).status is REFUTED


def test_the_factor_lies_between_what_was_measured() -> None:
    without, with_profile = 21 / 6, 220 / 37
    assert without < COLD_FACTOR < with_profile
