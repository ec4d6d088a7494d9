"""A rootdir that pytest took from the value of an option."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.plugin_runs import assert_refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.plugin_runs import Stranger


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Return an overlay outside of the user's repository."""
    (tmp_path / "my.nix").write_text("final: prev: { }")
    return tmp_path / "my.nix"


def test_a_rootdir_that_comes_from_an_option_is_refused(stranger: Stranger, elsewhere: Path) -> None:
    """Bug: the ini file was not found, and the ledger was written to the root of the file system."""
    result = stranger.pytest("-m", "verify", "--rtopt-overlays", elsewhere)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert_refused(result, f"write --rtopt-overlays={elsewhere}, with an equals sign")


@pytest.mark.parametrize("remedy", ["an equals sign", "--rootdir", "an ini file"])
def test_the_remedies_are_accepted(stranger: Stranger, elsewhere: Path, remedy: str) -> None:
    overlays = ["--rtopt-overlays", str(elsewhere)]
    if remedy == "an equals sign":
        overlays = ["=".join(overlays)]
    elif remedy == "--rootdir":
        overlays.append(f"--rootdir={stranger.path}")
    else:
        overlays.append(f"--config-file={stranger.write('pytest.ini', '[pytest]')}")
    stranger.write("test_mine.py", "def test_it(): pass")
    result = stranger.pytest("test_mine.py", *overlays)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines([f"rootdir: {stranger.path}"])


def test_an_overlay_in_the_repository_needs_no_equals_sign(stranger: Stranger) -> None:
    stranger.write("my.nix", "final: prev: { }")
    stranger.write("test_mine.py", "def test_it(): pass")
    assert stranger.pytest("test_mine.py", "--rtopt-overlays", "my.nix").ret == pytest.ExitCode.OK


def test_a_directory_below_the_ini_file_has_the_same_rootdir(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The overlay lies outside of the directory of the run, and inside of the repository."""
    stranger.write("pytest.ini", "[pytest]")
    stranger.write("my.nix", "final: prev: { }")
    monkeypatch.chdir(stranger.write("below/test_mine.py", "def test_it(): pass").parent)
    result = stranger.pytest("test_mine.py", "--rtopt-overlays", "../my.nix")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines([f"rootdir: {stranger.path}"])
