"""Ways to make pytest end well without an answer of the gate (`docs/gate.md`): each one is refused."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.resources import directory
from tests.support.gate_cases import allowed_switch
from tests.support.gate_runs import GATE_OPTIONS, SECONDS, SUITES, assert_refused, by_pytest, gate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.gate_cases import Switch


@pytest.fixture
def switch(tmp_path: Path) -> Switch:
    return allowed_switch(tmp_path)


CONFTEST_SKIPS: Final = """import pytest
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.skip)
"""
PLUGIN_PASSES: Final = """import pytest
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    item.obj = lambda **_: None
def pytest_sessionfinish(session):
    session.exitstatus = 0
"""
PLUGIN_ENDS: Final = """import os
def pytest_runtest_call(item):
    os._exit(0)
"""
SILENT: Final = "the gate refuses: there is no answer for lua"


@pytest.mark.parametrize(
    ("files", "arguments", "environment", "words"),
    [
        ({}, (*SUITES, "-k", "nothing"), {}, SILENT),
        ({}, SUITES, {"PYTEST_ADDOPTS": "-k nothing"}, SILENT),
        ({}, SUITES, {"PYTEST_ADDOPTS": "--collect-only"}, SILENT),
        ({}, (*SUITES, "--collect-only"), {}, SILENT),
        ({}, (*SUITES, "--co", "-q"), {}, SILENT),
        ({}, (*SUITES, "--setup-only"), {}, SILENT),
        ({}, ("-m", "gate and nothing", *GATE_OPTIONS), {}, SILENT),
        ({"empty/x": ""}, ("empty", "-m", "gate", *GATE_OPTIONS), {}, SILENT),
        ({"conftest.py": CONFTEST_SKIPS}, ("-m", "gate", *GATE_OPTIONS), {}, SILENT),
        ({"mine.py": PLUGIN_PASSES}, ("-p", "mine", *SUITES), {"PYTHONPATH": "."}, SILENT),
        ({"mine.py": PLUGIN_ENDS}, ("-p", "mine", *SUITES, "-n1"), {"PYTHONPATH": "."}, SILENT),
        ({"pytest.ini": "[pytest]\naddopts = -k nothing\n"}, SUITES, {}, SILENT),
        ({}, ("-m", "gate", "--rtopt-runtime=perl"), {}, "there is no runtime 'perl'"),
        ({}, (*SUITES, "-p", "no:rtopt"), {}, "unrecognized arguments"),
        ({}, ("--pyargs", "pytest_rtopt.suites", "-m", "gate", "-p", "no:rtopt"), {},
         "fixture 'gate_question' not found"),
        ({}, SUITES, {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, "unrecognized arguments"),
        ({}, SUITES, {"RTOPT_GATE": "off"}, "set it to `skip`"),
    ],
)  # fmt: skip
def test_pytest_is_not_fooled(
    switch: Switch, files: dict[str, str], arguments: tuple[str, ...], environment: dict[str, str], words: str
) -> None:
    for name, text in files.items():
        (switch.directory / name).parent.mkdir(exist_ok=True)
        (switch.directory / name).write_text(text)
    assert_refused(by_pytest(switch, *arguments, **environment), words)


def test_the_file_of_the_gate_can_be_neither_ignored_nor_deselected(switch: Switch) -> None:
    """The ledger is named: given a file, pytest takes its project for the rootdir, which may have one too."""
    file = directory("suites") / "test_gate.py"
    requested = ("-m", "gate", *GATE_OPTIONS, f"--rtopt-ledger={switch.directory / 'rtopt.lock.json'}")
    assert by_pytest(switch, str(file), *requested).status == 0
    test = f"{file.relative_to(file.parents[1])}::test_switch_is_allowed[lua]"
    assert_refused(by_pytest(switch, str(file), *requested, f"--deselect={test}"), SILENT)
    assert_refused(by_pytest(switch, str(file.parent), *requested, f"--ignore={file}"), SILENT)


def test_hooks_are_not_fooled_by_what_surrounds_pytest(switch: Switch) -> None:
    """What makes pytest pass, or end, without an answer does not reach the gate of hooks."""
    (switch.directory / "conftest.py").write_text(f"{PLUGIN_ENDS}\nos._exit(0)\n")
    (switch.directory / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (switch.directory / "plugin_of_mine.py").write_text("import os\nos._exit(0)\n")
    surroundings = {"PYTEST_ADDOPTS": "-k nothing", "PYTEST_PLUGINS": "plugin_of_mine"}
    assert gate(switch, **surroundings).status == 0
    switch.edit(benchmarks=[])
    assert_refused(gate(switch, **surroundings), "lua: pending")


@pytest.mark.parametrize(
    "argument", ["-k=x", "--collect-only", "--deselect=x", "-p", "--rtopt-manif=x", "tests"]
)
def test_hooks_give_the_gate_options_of_ours_alone(switch: Switch, argument: str) -> None:
    assert gate(switch, *GATE_OPTIONS, argument).status == pytest.ExitCode.USAGE_ERROR


def test_an_interrupted_run_is_a_refusal(switch: Switch) -> None:
    slow = "import time\ndef pytest_runtest_setup():\n    print('waiting', flush=True)\n    time.sleep(300)\n"
    (switch.directory / "slow.py").write_text(slow)
    command = [sys.executable, "-m", "pytest", "-s", "-p", "slow", *SUITES]
    environment = {**os.environ, "PYTHONPATH": str(switch.directory)}
    with subprocess.Popen(
        command,
        cwd=switch.directory,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        # A shell starts background commands with the signal ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # see above
    ) as started:
        assert started.stdout is not None
        while "waiting" not in started.stdout.readline():
            assert started.poll() is None
        started.send_signal(signal.SIGINT)
        output = started.stdout.read()
        assert started.wait(SECONDS) == pytest.ExitCode.INTERRUPTED
    assert SILENT in output
