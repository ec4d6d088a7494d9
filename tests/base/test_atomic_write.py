"""Writing in one step: what a reader sees after success, interruption and refusal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.atomic_write import replace_file
from pytest_rtopt.base.errors import ReportError

if TYPE_CHECKING:
    from pathlib import Path


def test_creates_the_file_and_its_directories(tmp_path: Path) -> None:
    replace_file(tmp_path / "a" / "b.json", b"new")
    assert (tmp_path / "a" / "b.json").read_bytes() == b"new"
    assert list((tmp_path / "a").iterdir()) == [tmp_path / "a" / "b.json"]


def test_replaces_and_keeps_permissions(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a longer old content")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_writes_through_a_symbolic_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    replace_file(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("step", ["fchmod", "fsync"])
def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_in_the_way_is_a_report_error(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="cannot be written"):
        replace_file(tmp_path, b"new")
    assert tmp_path.is_dir()


def test_a_parent_that_is_a_file_is_a_report_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReportError, match="name a file in a writable directory"):
        replace_file(tmp_path / "file" / "rtopt.json", b"new")


def test_a_loop_of_links_is_a_report_error(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(ReportError, match="cannot be written"):
        replace_file(tmp_path / "loop", b"new")
