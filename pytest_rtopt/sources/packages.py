"""Fetch the packages of a toolchain through apt; only complete files with the right hashes are kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from filelock import FileLock, Timeout

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import SourceError
from pytest_rtopt.base.toolchains import HOST
from pytest_rtopt.sources import apt
from pytest_rtopt.sources.fetch import sha256_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_rtopt.sources.toolchain import Package, Toolchain

_HELPER: Final = Path("/usr/lib/apt/apt-helper")
_LOCK_SECONDS: Final = 1800.0
_DOWNLOAD_SECONDS: Final = 1800.0


def fetch_packages(toolchain: Toolchain, packages: Sequence[Package], directory: Path) -> tuple[Path, ...]:
    """Return the paths of `packages` of a toolchain below `directory`, downloading those that are missing.

    An existing file is used if its hash is the pinned one, and replaced otherwise. apt downloads from the
    archives of its own configuration, one after the other. It needs neither package lists nor root, because
    hashes are pinned.

    Raises `SourceError` if no archive has a package, or if `directory` is not writable.
    """
    place = directory / toolchain.name
    try:
        if _absent(packages, place):
            place.mkdir(parents=True, exist_ok=True)
            # Parallel test workers may need the same toolchain at once: one downloads it, the others wait.
            with FileLock(place / ".lock", timeout=_LOCK_SECONDS):
                _download(toolchain, packages, place)
    except Timeout as error:
        raise SourceError(
            f"Another process has been downloading the toolchain {toolchain.name} into {place} for "
            f"{_LOCK_SECONDS:g} s; end that process and run again."
        ) from error
    except OSError as error:
        raise SourceError(
            f"The toolchain {toolchain.name} cannot be stored in {place}: {error.strerror or error}; free "
            "some space there, or make the directory writable."
        ) from error
    return tuple(place / package.file for package in packages)


def _download(toolchain: Toolchain, packages: Sequence[Package], place: Path) -> None:
    """Ask one archive after the other for what is missing; download beside the targets, and rename."""
    if not _HELPER.is_file():
        raise SourceError(
            f"The toolchain {toolchain.name} comes from Debian's archive, and this machine has no apt to "
            f"fetch it; copy {place} from a machine that has it, or use --rtopt-toolchain {HOST}."
        )
    partial = place / ".partial"
    said = ""
    for root in apt.archive_roots():
        absent = _absent(packages, place)
        if not absent:
            return
        # This process holds the lock, so partial files are the rest of a killed process.
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        # Quoted as apt itself does it: some mirrors take a plus sign for a blank.
        pairs = [(f"{root}/{quote(package.path)}", str(partial / package.file)) for package in absent]
        command = [str(_HELPER), "--quiet=2", "download-file", *(word for pair in pairs for word in pair)]
        said += process.run(command, timeout=_DOWNLOAD_SECONDS).error_text
        for package in absent:
            file = partial / package.file
            if file.is_file() and sha256_of(file) == package.sha256:
                # For an archive on this machine, apt makes a link to its file.
                Path(shutil.copyfile(file, partial / "copy")).replace(place / package.file)
        shutil.rmtree(partial)
    if absent := _absent(packages, place):
        names = ", ".join(f"{package.name} {package.version}" for package in absent)
        reasons = "\n".join(dict.fromkeys(line for line in said.splitlines() if line.startswith("E:")))
        raise SourceError(
            f"No archive of this machine's apt has these packages of the toolchain {toolchain.name} with "
            f"their pinned hashes: {names}; a point release of Debian replaces packages, so update "
            "pytest-rtopt (or run `make lock-toolchain` in its repository), or use "
            f"--rtopt-toolchain {HOST}.\n{reasons}"
        )


def _absent(packages: Sequence[Package], place: Path) -> list[Package]:
    files = {package: place / package.file for package in packages}
    return [
        package for package, file in files.items() if not file.is_file() or sha256_of(file) != package.sha256
    ]
