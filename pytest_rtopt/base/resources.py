"""Where the Nix data and the suites are.

They stand at the top of the repository, because users read and copy them, and inside the package by a
symbolic link, of which a wheel makes real files.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def directory(name: str) -> Path:
    """Return the directory `overlays`, `profiles` or `suites`."""
    return (PACKAGE / name).resolve()
