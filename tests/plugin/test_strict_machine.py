"""`--rtopt-strict-machine` in another repository, on recorded machines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.bench.machine_checks import NAMES, check_machine
from pytest_rtopt.hardware.checks import CheckStatus
from tests.support.plugin_runs import assert_refused

if TYPE_CHECKING:
    from tests.support.plugin_runs import Stranger

MACHINE = Path(__file__).parent.parent / "data" / "host" / "vm-zen4"
BAD = [check.name for check in check_machine(MACHINE) if check.status is not CheckStatus.OK]


@pytest.fixture
def measuring(stranger: Stranger) -> Stranger:
    """Return a repository with tests that measure, on a recorded machine."""
    stranger.write(
        "conftest.py",
        f"""
from pathlib import Path
from pytest_rtopt.bench import machine_checks

seen = machine_checks.check_machine(Path({str(MACHINE)!r}))
machine_checks.check_machine = lambda: seen
""",
    )
    stranger.write(
        "test_mine.py",
        """
from pathlib import Path

def test_first(sampling_plan):
    Path("measured").touch()

def test_second(sampling_plan):
    Path("measured").touch()
""",
    )
    return stranger


def test_nothing_is_measured_where_the_machine_is_not_fit(measuring: Stranger) -> None:
    result = measuring.pytest("--rtopt-strict-machine", "test_mine.py")
    assert_refused(
        result,
        "fix what is listed here, or ignore a check with --rtopt-strict-except",
        *(f"{name}: " for name in BAD),
    )
    assert not (measuring.path / "measured").exists()
    result.assert_outcomes(errors=1)


def test_what_is_let_pass_by_name_does_not_refuse(measuring: Stranger) -> None:
    exceptions = [f"--rtopt-strict-except={name}" for name in BAD]
    result = measuring.pytest("--rtopt-strict-machine", *exceptions, "test_mine.py")
    result.assert_outcomes(passed=2, warnings=1)
    assert result.ret == 0
    one_less = measuring.pytest("--rtopt-strict-machine", *exceptions[1:], "test_mine.py")
    assert_refused(one_less, f"{BAD[0]}: ")


def test_without_the_option_it_is_advice_once_also_where_warnings_are_errors(measuring: Stranger) -> None:
    measuring.write("pytest.ini", "[pytest]\nfilterwarnings = error\n")
    result = measuring.pytest("test_mine.py")
    result.assert_outcomes(passed=2, warnings=1)
    result.stdout.fnmatch_lines(["*RtoptAdvice: *may disturb it; use a physical machine."])


def test_what_is_only_tried_may_be_tried_anywhere(measuring: Stranger) -> None:
    result = measuring.pytest("--rtopt-strict-machine", "--benchmark-disable", "test_mine.py")
    result.assert_outcomes(passed=2)


def test_an_unknown_check_is_named_with_those_that_are_known(measuring: Stranger) -> None:
    result = measuring.pytest("--rtopt-strict-except=noise", "test_mine.py")
    assert_refused(result, f"there is no check 'noise'; the checks are {', '.join(NAMES)}.")
