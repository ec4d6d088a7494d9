"""The cache directory of this project. Everything in it can be recreated, except the record of bypasses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class CacheDirectory:
    """The directories below one root."""

    root: Path

    @property
    def sources(self) -> Path:
        """Pinned source archives."""
        return self.root / "sources"

    @property
    def builds(self) -> Path:
        """Costs of builds, logs of failed builds, and garbage collector roots that keep their outputs."""
        return self.root / "builds"

    @property
    def census(self) -> Path:
        """Instruction counts by store path."""
        return self.root / "census"


def user_cache_directory() -> CacheDirectory:
    """Return the cache directory of this user; `XDG_CACHE_HOME` is respected."""
    return CacheDirectory(platformdirs.user_cache_path("pytest-rtopt"))
