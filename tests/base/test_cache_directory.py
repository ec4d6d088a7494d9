"""The cache directory: where it is, and what has a place of its own in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt.base.cache_directory import CacheDirectory, user_cache_directory

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_environment_decides_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    assert user_cache_directory().root == tmp_path / "elsewhere" / "pytest-rtopt"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_cache_directory().root == tmp_path / ".cache" / "pytest-rtopt"


def test_nothing_is_written_before_something_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = user_cache_directory()
    assert cache.sources.parent == cache.root
    assert list(tmp_path.iterdir()) == []


def test_each_kind_of_content_has_a_directory_of_its_own(tmp_path: Path) -> None:
    cache = CacheDirectory(tmp_path)
    directories = {cache.sources, cache.builds, cache.census}
    assert len(directories) == 3
    assert {directory.parent for directory in directories} == {tmp_path}
