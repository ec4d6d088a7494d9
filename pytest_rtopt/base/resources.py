"""Paths of the overlays, the profiles and the suites.

These directories are at the top of the repository, because users read and copy them. The package holds
symbolic links to them. A wheel holds real files instead of the links.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


@cache
def directory(name: str) -> Path:
    """Return the path of the directory `overlays`, `profiles` or `suites`."""
    return (PACKAGE / name).resolve()
