"""The gate for hooks: `rtopt-gate`, or `python -m pytest_rtopt.gate_command`.

It runs `-m gate` with nothing of the surroundings that could make pytest pass without an answer: no
PYTEST_ADDOPTS, no conftest.py, no ini file, no plugins but ours. Its status is 0 only on a positive proof, an
answer for each runtime that allows it; a status of pytest's alone proves nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.base.resources import directory
from pytest_rtopt.plugin.options import OPTIONS
from pytest_rtopt.plugin.settings import SETTINGS
from pytest_rtopt.verdict.bypass import record_bypass, requested_bypass
from pytest_rtopt.verdict.proof import unproven

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_rtopt.results.values import GateAnswer

_PLUGIN = "pytest_rtopt.plugin.hooks"
_OF_PYTEST = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_WORKER")


class Proof:
    """Reads off the end of a run what the gate was asked, and what it answered."""

    def __init__(self) -> None:
        self.required: tuple[str, ...] | None = None
        self.answers: Mapping[str, GateAnswer] = {}

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Keep both beyond the run."""
        session = config.pluginmanager.get_plugin("rtopt-session")
        if session is not None:
            self.required = config.stash[SETTINGS].runtimes
            self.answers = session.answers

    def objections(self) -> tuple[str, ...]:
        """Return why the gate stays shut; nothing if it is proven open."""
        if self.required is None:
            return ("the gate refuses: the run did not get as far as asking it; the reason is above.",)
        return unproven(self.required, self.answers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask the gate and return a status as pytest has them: 0 allowed, 1 refused, 4 a wrong option."""
    given = _parse(sys.argv[1:] if arguments is None else arguments)
    try:
        bypass = requested_bypass()
        if bypass is not None:
            ledger = Path(given.rtopt_ledger or os.environ.get("RTOPT_LEDGER") or "rtopt.lock.json")
            place = record_bypass(ledger.expanduser().absolute(), bypass)
            _say(f"the gate was bypassed ({bypass.reason}), which is written down in {place}.")
            return pytest.ExitCode.OK
    except ReportError as error:
        _say(str(error))
        return pytest.ExitCode.USAGE_ERROR
    return _run(given)


def _run(given: argparse.Namespace) -> int:
    # This process is the gate's own, and pytest takes these from the environment alone.
    for name in _OF_PYTEST:
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    proof = Proof()
    status = pytest.main(
        [
            *(
                "-c",
                os.devnull,
                "--rootdir",
                str(Path.cwd()),
                "--noconftest",
                "-p",
                "no:cacheprovider",
                "-p",
                _PLUGIN,
            ),
            *("-q", "--no-header", "-m", "gate", str(directory("suites") / "test_gate.py")),
            *_options(given),
        ],
        plugins=[proof],
    )
    if status == pytest.ExitCode.OK and proof.objections():
        for objection in proof.objections():
            _say(objection)
        return pytest.ExitCode.TESTS_FAILED
    return status


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "rtopt-gate",
        description="Say in seconds whether a switch may install what it would; builds nothing.",
        epilog="Status: 0 allowed, 1 refused, 2 interrupted, 3 an error of the gate, 4 a wrong option.",
        allow_abbrev=False,
    )
    for option in OPTIONS:
        text = option.help.replace("%", "%%")
        if option.switch:
            parser.add_argument(option.flag, action="store_true", help=text)
        else:
            parser.add_argument(option.flag, action=option.action, metavar=option.metavar, help=text)
    parser.add_argument("--junitxml", metavar="FILE", help="write the answers to FILE, for CI")
    try:
        return parser.parse_args(arguments)
    except SystemExit as exit_:
        # argparse says 2, which is pytest's for an interrupted run.
        raise SystemExit(int(pytest.ExitCode.USAGE_ERROR) if exit_.code else 0) from None


def _options(given: argparse.Namespace) -> list[str]:
    options = []
    for name, value in vars(given).items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            options.append(flag)
        elif value:
            options += [f"{flag}={word}" for word in (value if isinstance(value, list) else [value])]
    return options


def _say(sentence: str) -> None:
    sys.stderr.write(f"rtopt: {sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
