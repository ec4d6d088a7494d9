"""Fetch a wheel through pip, from the index that the machine's pip is configured with."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.sources.pins import PipWheel

_DOWNLOAD_SECONDS = 1800.0
_TAIL_LINES = 5


def download(origin: PipWheel, directory: Path) -> Path:
    """Download a wheel into `directory` and return its path; raises `SourceError` if pip has none."""
    if importlib.util.find_spec("pip") is None:
        raise SourceError(f"this Python has no pip ({sys.executable} -m ensurepip installs it).")
    completed = process.run(_argv(origin, directory), timeout=_DOWNLOAD_SECONDS)
    wheels = sorted(directory.glob("*.whl"))
    if completed.returncode != 0 or len(wheels) != 1:
        tail = completed.error_text.splitlines()[-_TAIL_LINES:]
        raise SourceError("pip did not deliver it: " + " ".join(tail))
    return wheels[0]


def _argv(origin: PipWheel, directory: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "pip", "download"),
        *("--quiet", "--no-input", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary=:all:", f"--platform={origin.platform}"),
        f"--dest={directory}",
        f"{origin.project}=={origin.version}",
    ]
