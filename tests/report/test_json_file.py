"""The results file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.report.json_file import write_results
from tests.support.sample_results import from_json, go, lua, run

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_is_the_results(tmp_path: Path) -> None:
    path, results = tmp_path / "rtopt.json", run(lua(), go())
    write_results(path, results)
    assert from_json(json.loads(path.read_text())) == results


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="cannot be written"):
        write_results(tmp_path, run(lua()))
