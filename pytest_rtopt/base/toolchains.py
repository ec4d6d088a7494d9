"""The names of the toolchains that can build the embedded package set.

`--help` shows them in every project that has the plugin, so this module loads nothing else of the package.
"""

from __future__ import annotations

from typing import Final

from pytest_rtopt.base.resources import PACKAGE

LOCKS: Final = PACKAGE / "embedded" / "toolchains"
"""The directory with a lock file for each toolchain."""
HOST: Final = "host"
"""The toolchain that is the machine's own compilers and tools, and has no packages."""
DEFAULT: Final = "debian-13"


def names() -> tuple[str, ...]:
    """Return the toolchains that can be asked for by name."""
    return (*sorted(file.stem for file in LOCKS.glob("*.json")), HOST)
