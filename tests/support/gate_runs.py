"""Runs the gate for a simulated switch, both as a hook and by pytest."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base import process
from tests.support.child_environment import clean_environment

if TYPE_CHECKING:
    from pytest_rtopt.base.process import Completed
    from tests.support.gate_cases import Switch

GATE_OPTIONS: Final = ("--rtopt-runtime=lua", "--rtopt-manifest=manifest.json")
SUITES: Final = ("--pyargs", "pytest_rtopt.suites", "-m", "gate", *GATE_OPTIONS)
SECONDS: Final = 600.0


@dataclass(frozen=True)
class Outcome:
    """The exit status and the output of a run."""

    status: int
    output: str


def run(switch: Switch, *command: str, **environment: str) -> Outcome:
    """Run a command in the directory of the switch, without what the current run or a CI service has set."""
    env = {
        **clean_environment(),
        "XDG_CACHE_HOME": str(switch.directory / "cache"),
        "COLUMNS": "200",
        **environment,
    }
    surroundings = process.Surroundings(env=env, cwd=switch.directory)
    completed: Completed = process.run(command, timeout=SECONDS, surroundings=surroundings)
    return Outcome(completed.returncode, completed.text + completed.error_text)


def gate(switch: Switch, *arguments: str, **environment: str) -> Outcome:
    """Run the gate as a hook does."""
    return run(switch, f"{sys.prefix}/bin/rtopt-gate", *(arguments or GATE_OPTIONS), **environment)


def by_pytest(switch: Switch, *arguments: str, **environment: str) -> Outcome:
    """Run pytest in the directory of the switch."""
    return run(switch, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments, **environment)


def assert_refused(outcome: Outcome, words: str) -> None:
    """Check that a run failed with these words and without a traceback."""
    assert outcome.status != 0, outcome.output
    assert words in outcome.output, outcome.output
    assert "Traceback" not in outcome.output, outcome.output
