"""One run of the gate for hooks, with nothing of the surroundings that could answer in its place.

It runs `-m gate` without PYTEST_ADDOPTS, conftest.py, ini file or other plugins. Options count only on the
command line. The status is 0 only if there is an answer for each runtime, and each answer allows it. With
`--nonce`, a line on standard output proves that (see `verdict.proof`).
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.base.resources import directory
from pytest_rtopt.plugin.options import OPTIONS
from pytest_rtopt.plugin.settings import settings_of
from pytest_rtopt.verdict.bypass import REASON, VARIABLE, record_bypass, requested_bypass
from pytest_rtopt.verdict.proof import Judged, bypass_line, is_nonce, proof_line, unproven

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from pytest_rtopt.results.values import GateAnswer

_PLUGIN: Final = "pytest_rtopt.plugin.hooks"
_PREFIXES: Final = ("RTOPT_", "PYTEST_", "GIT_", "PYTHON")
_STDOUT: Final = 1
_STDERR: Final = 2


def ask_gate(arguments: Sequence[str]) -> int:
    """Ask the gate and return a status as pytest has them: 0 allowed, 1 refused, 4 a wrong option."""
    given = _parse(arguments)
    try:
        channel = None if given.nonce is None else _keep_stdout_for_the_proof()
    except OSError as error:
        _say(
            f"--nonce: standard output or standard error is closed ({error.strerror}); open both, since the "
            "proof and the report go there."
        )
        return pytest.ExitCode.USAGE_ERROR
    ignored = _drop_surroundings(os.environ, keep_nix_path=bool(given.rtopt_packages))
    if ignored:
        _say(f"{', '.join(ignored)} in the environment: ignored; options of the gate go on its command line.")
    try:
        bypass = requested_bypass()
        if bypass is not None:
            place = record_bypass(
                Path(given.rtopt_ledger or "rtopt.lock.json").expanduser().absolute(), bypass
            )
            _say(f"the gate was bypassed ({bypass.reason}), which is written down in {place}.")
            return _end(channel, bypass_line(given.nonce or ""))
    except ReportError as error:
        _say(str(error))
        return pytest.ExitCode.USAGE_ERROR
    try:
        here = Path.cwd()
    except OSError:
        _say("the current directory is gone, and the ledger with it: go where it is and ask again.")
        return pytest.ExitCode.USAGE_ERROR
    run = _Run()
    status = run.status(here, _options(given))
    if status != pytest.ExitCode.OK:
        return status
    objections = run.objections()
    for objection in objections:
        _say(objection)
    return pytest.ExitCode.TESTS_FAILED if objections else _end(channel, run.proof(given.nonce or ""))


def _drop_surroundings(environment: MutableMapping[str, str], *, keep_nix_path: bool) -> tuple[str, ...]:
    """Remove from the environment what could change the question, and return what the user is to know of.

    pytest reads PYTEST_… and our settings read RTOPT_…. Nix asks Git for the files of a flake, and GIT_… in a
    Git hook names another repository or index. NIX_PATH chooses the packages where no option does.
    """
    dropped = {name for name in environment if name.startswith(_PREFIXES)} - {VARIABLE, REASON}
    if not keep_nix_path:
        dropped |= {"NIX_PATH"} & environment.keys()
    for name in dropped:
        del environment[name]
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return tuple(sorted(dropped & {"NIX_PATH", *(option.variable for option in OPTIONS)}))


def _keep_stdout_for_the_proof() -> int:
    """Let all that is printed go to standard error, and return what was standard output."""
    channel = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    return channel


def _end(channel: int | None, line: str) -> int:
    """Print the proof where one was asked for; a hook that cannot read it must not take the status for it."""
    if channel is None:
        return pytest.ExitCode.OK
    try:
        os.write(channel, f"{line}\n".encode())
        os.close(channel)
    except OSError as error:
        _say(f"the proof cannot be written to standard output ({error.strerror}), and the gate refuses.")
        return pytest.ExitCode.TESTS_FAILED
    return pytest.ExitCode.OK


@dataclass
class _Run:
    """A run of pytest, and what is read off it: the required runtimes, their answers, and what was judged."""

    required: tuple[str, ...] | None = None
    answers: Mapping[str, GateAnswer] = field(default_factory=dict)
    ledger_sha256: str = ""
    paths: dict[str, str] = field(default_factory=dict)

    def status(self, here: Path, options: Sequence[str]) -> int:
        """Run the gate's test with `options` in a directory, and return the status of pytest."""
        alone = ("-c", os.devnull, "--rootdir", str(here), "--noconftest", "--import-mode", "importlib")
        plugins = ("-p", "no:cacheprovider", "-p", _PLUGIN)
        test = ("-q", "--no-header", "-m", "gate", str(directory("suites") / "test_gate.py"))
        return int(pytest.main([*alone, *plugins, *test, *options], plugins=[self]))

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Keep what the question of a runtime was about."""
        fixtures = getattr(item, "funcargs", {})
        if "gate_question" in fixtures:
            question = fixtures["gate_question"]
            self.paths[question.runtime] = question.current.optimized.out
            self.ledger_sha256 = fixtures["rtopt_ledger"].sha256

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Keep the answers beyond the run."""
        session = config.pluginmanager.get_plugin("rtopt-session")
        if session is not None:
            self.required = settings_of(config).runtimes
            self.answers = session.answers

    def objections(self) -> tuple[str, ...]:
        """Return why the gate refuses; nothing if it is proven that everything may pass."""
        if self.required is None:
            return ("the gate refuses: the run did not get as far as asking it; the reason is above.",)
        return unproven(
            self.required, {name: self.answers[name] for name in self.answers if name in self.paths}
        )

    def proof(self, nonce: str) -> str:
        """Return the line that proves the answer."""
        return proof_line(nonce, Judged(self.ledger_sha256, self.paths))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "rtopt-gate",
        description="Say in seconds whether a switch may install what it would; builds nothing.",
        epilog="Status: 0 allowed, 1 refused, 2 interrupted, 3 an error of the gate, 4 a wrong option. Only "
        "this command line counts, and no RTOPT_… variable but RTOPT_GATE and RTOPT_GATE_REASON.",
        allow_abbrev=False,
    )
    for option in OPTIONS:
        text = option.help.replace("%", "%%")
        if option.switch:
            parser.add_argument(option.flag, action="store_true", help=text)
        else:
            parser.add_argument(option.flag, action=option.action, metavar=option.metavar, help=text)
    parser.add_argument("--junitxml", metavar="FILE", help="write the answers to FILE, for CI")
    parser.add_argument(
        "--nonce",
        metavar="NUMBER",
        type=_nonce,
        help="for hooks: print a line with this number to standard output that proves the answer, and "
        "everything else to standard error",
    )
    try:
        return parser.parse_args(arguments)
    except SystemExit as exit_:
        # argparse says 2, which is pytest's for an interrupted run.
        raise SystemExit(int(pytest.ExitCode.USAGE_ERROR) if exit_.code else 0) from None


def _nonce(text: str) -> str:
    if not is_nonce(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} has not 16 to 128 letters, digits and hyphens; take /proc/sys/kernel/random/uuid"
        )
    return text


def _options(given: argparse.Namespace) -> list[str]:
    options = []
    for name, value in vars(given).items():
        flag = f"--{name.replace('_', '-')}"
        if name == "nonce":
            continue
        if value is True:
            options.append(flag)
        elif value:
            options += [f"{flag}={word}" for word in (value if isinstance(value, list) else [value])]
    return options


def _say(sentence: str) -> None:
    sys.stderr.write(f"rtopt: {sentence}\n")
