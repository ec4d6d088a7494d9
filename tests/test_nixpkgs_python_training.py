"""The training of pgoLevel "FULL", with a stand-in for CPython's test package."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt import process
from pytest_rtopt.resources import directory

if TYPE_CHECKING:
    from pathlib import Path

TRAINING = directory("overlays") / "training" / "python.py"
# Fails when called with the options in `failing`; notes every call.
STAND_IN = """
import pathlib, sys
with pathlib.Path("calls").open("a") as calls:
    print(sys.argv[1], file=calls)
sys.exit(sys.argv[1] in {failing!r})
"""


@pytest.mark.parametrize(
    ("failing", "returncode", "calls"),
    [
        pytest.param([], 0, ["--pgo", "--pgo-extended"], id="both run"),
        pytest.param(["--pgo-extended"], 0, ["--pgo", "--pgo-extended"], id="a sandbox fails some tests"),
        pytest.param(["--pgo"], 1, ["--pgo"], id="an interpreter that fails the default task is no profile"),
    ],
)
def test_only_the_default_task_has_to_pass(
    tmp_path: Path, failing: list[str], returncode: int, calls: list[str]
) -> None:
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "__init__.py").touch()
    (tmp_path / "test" / "__main__.py").write_text(STAND_IN.format(failing=failing))
    completed = process.run(
        [sys.executable, str(TRAINING)], timeout=60, surroundings=process.Surroundings(cwd=tmp_path)
    )
    assert completed.returncode == returncode
    assert (tmp_path / "calls").read_text().split() == calls
