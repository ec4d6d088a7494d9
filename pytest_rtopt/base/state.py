"""Where this project keeps what it can make again: sources, logs, records of builds, censuses, GC roots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class StateDirectory:
    """The directories below one root."""

    root: Path

    @property
    def sources(self) -> Path:
        """Pinned source archives."""
        return self.root / "sources"

    @property
    def builds(self) -> Path:
        """What builds cost, their logs where they failed, and roots that keep their outputs."""
        return self.root / "builds"

    @property
    def census(self) -> Path:
        """Counted instructions by store path."""
        return self.root / "census"


def user_state() -> StateDirectory:
    """Return the user's own cache directory (`XDG_CACHE_HOME` and its like are honoured)."""
    return StateDirectory(platformdirs.user_cache_path("pytest-rtopt"))
