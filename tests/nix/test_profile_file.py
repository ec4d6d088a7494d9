"""Hardware profiles that are Nix files, read by a real Nix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.nix.profile_file import read_profile_file

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_store import PrivateStore


@pytest.mark.parametrize(
    "text",
    [
        '{ build.compiler.march = "skylake"; }',
        '{ }: { build.compiler.march = "skylake"; }',
        '{ level ? "lake" }: { build.compiler.march = "sky${level}"; }',
        "(import ./other.nix).profile",
    ],
)
def test_a_set_and_a_function_without_required_arguments_are_profiles(
    private_store: PrivateStore, tmp_path: Path, text: str
) -> None:
    (tmp_path / "other.nix").write_text('{ profile.build.compiler.march = "skylake"; }')
    profile = tmp_path / "my profile.nix"
    profile.write_text(text)
    assert read_profile_file(private_store.nix, profile) == {"build": {"compiler": {"march": "skylake"}}}


def test_a_relative_path_is_one_of_the_current_directory(
    private_store: PrivateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = tmp_path / "mine.nix"
    profile.write_text("{ cpu.cores = 4; }")
    monkeypatch.chdir(tmp_path)
    assert read_profile_file(private_store.nix, profile.relative_to(tmp_path)) == {"cpu": {"cores": 4}}


@pytest.mark.parametrize(
    "text", ["{ cpu = ; }", "{ cpu.cores = cores; }", "{ cores }: { cpu.cores = cores; }"]
)
def test_a_profile_that_does_not_evaluate_is_an_error(
    private_store: PrivateStore, tmp_path: Path, text: str
) -> None:
    (tmp_path / "mine.nix").write_text(text)
    with pytest.raises(NixError):
        read_profile_file(private_store.nix, tmp_path / "mine.nix")
