"""The training of pgoLevel "FULL", with a stand-in for CPython's test package."""

from __future__ import annotations

import importlib
import re
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.resources import PACKAGE, directory

if TYPE_CHECKING:
    from pathlib import Path

TRAINING = directory("overlays") / "training" / "python.py"
# Notes how it was called, and fails.
STAND_IN = 'import pathlib, sys\npathlib.Path("calls").write_text(" ".join(sys.argv[1:]))\nsys.exit(1)\n'


PARTS = re.findall(r"^    \((\w+), \d+\),$", TRAINING.read_text(), re.MULTILINE)


def test_an_interpreter_that_fails_upstreams_task_is_no_profile(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "__init__.py").touch()
    (tmp_path / "test" / "__main__.py").write_text(STAND_IN)
    completed = process.run(
        [sys.executable, str(TRAINING)], timeout=60, surroundings=process.Surroundings(cwd=tmp_path)
    )
    assert completed.returncode != 0
    assert (tmp_path / "calls").read_text() == "--pgo"
    assert b"rtopt: trained on" not in completed.stdout


@pytest.mark.parametrize("part", PARTS)
def test_every_part_runs(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TRAINING.parent))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    getattr(importlib.import_module(TRAINING.stem), part)()


def test_there_are_parts() -> None:
    assert {"start_ups", "records"} <= set(PARTS)


def test_no_workload_is_trained_on() -> None:
    trained = {node for node in TRAINING.read_text().split() if len(node) > len("xxxxxxxxxxxx")}
    for workload in (PACKAGE / "workloads" / "python").glob("*.py"):
        words = {word for word in workload.read_text().split() if len(word) > len("xxxxxxxxxxxx")}
        assert len(words & trained) <= len(words) / 4, workload.name
