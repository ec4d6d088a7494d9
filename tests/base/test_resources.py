"""Where the overlays, the profiles and the suites are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_rtopt.base.resources import PACKAGE, directory

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("name", "file"),
    [("overlays", "runtimes.json"), ("profiles", "shoshin.nix"), ("suites", "test_verify.py")],
)
def test_the_directories_of_the_checkout_are_found_behind_the_links(name: str, file: str) -> None:
    """Two paths of one directory would make pytest collect the suites twice."""
    found = directory(name)
    assert found == CHECKOUT / name
    assert (PACKAGE / name).is_symlink()
    assert (found / file).exists()
