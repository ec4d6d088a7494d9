"""Reads a hardware profile that is a Nix file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_rtopt.nix.client import Nix

_READER: Final = Path(__file__).with_name("read-profile.nix")


def read_profile_file(nix: Nix, path: Path) -> object:
    """Return the value of the profile at `path` as plain JSON values; raises `NixError` where it has none."""
    return nix.evaluate(_READER, {"path": str(path.resolve())})
