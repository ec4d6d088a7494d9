"""The results file: round trip, and refusal of damaged files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sample_results import go, lua, run

from pytest_rtopt.errors import ReportError
from pytest_rtopt.report.json_file import read_results, write_results

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path, results = tmp_path / "rtopt.json", run(lua(), go())
    write_results(path, results)
    assert read_results(path) == results


def test_a_missing_file_says_how_to_get_it(tmp_path: Path) -> None:
    path = tmp_path / "rtopt.json"
    with pytest.raises(ReportError) as caught:
        read_results(path)
    assert str(caught.value) == f"{path} does not exist; write it anew with `--rtopt-json {path}`."


def test_a_wrong_field_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rtopt.json"
    path.write_text('{"schema": 1, "host": 3}')
    with pytest.raises(ReportError, match=r"rtopt\.json: field `host`: expected an object, got 3"):
        read_results(path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rtopt.json"
    path.write_bytes(content)
    with pytest.raises(ReportError, match="is not"):
        read_results(path)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="cannot be read"):
        read_results(tmp_path)
