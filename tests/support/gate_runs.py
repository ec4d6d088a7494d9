"""Runs of the gate for a switch that was made up: as hooks run it, and by pytest."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base import process

if TYPE_CHECKING:
    from pytest_rtopt.base.process import Completed
    from tests.support.gate_cases import Switch

ASK: Final = ("--rtopt-runtime=lua", "--rtopt-manifest=manifest.json")
SUITES: Final = ("--pyargs", "pytest_rtopt.suites", "-m", "gate", *ASK)
SECONDS: Final = 600.0


@dataclass(frozen=True)
class Outcome:
    """The status of a run, and what it said."""

    status: int
    said: str


def run(switch: Switch, *command: str, **environment: str) -> Outcome:
    """Run a command there, with nothing of this run's settings."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "RTOPT_", "CI"))
    }
    env = {**clean, "XDG_CACHE_HOME": str(switch.directory / "cache"), "COLUMNS": "200", **environment}
    surroundings = process.Surroundings(env=env, cwd=switch.directory)
    completed: Completed = process.run(command, timeout=SECONDS, surroundings=surroundings)
    return Outcome(completed.returncode, completed.text + completed.error_text)


def gate(switch: Switch, *arguments: str, **environment: str) -> Outcome:
    """Run the gate of hooks."""
    return run(switch, f"{sys.prefix}/bin/rtopt-gate", *(arguments or ASK), **environment)


def by_pytest(switch: Switch, *arguments: str, **environment: str) -> Outcome:
    """Run pytest."""
    return run(switch, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments, **environment)


def assert_refused(outcome: Outcome, words: str) -> None:
    """Check that a run failed with the words, and without a traceback."""
    assert outcome.status != 0, outcome.said
    assert words in outcome.said, outcome.said
    assert "Traceback" not in outcome.said, outcome.said
