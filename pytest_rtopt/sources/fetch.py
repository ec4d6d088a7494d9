"""Download a pinned source into a directory; only a complete file with the right hash is kept."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from pytest_rtopt.base.errors import RtoptError, SourceError
from pytest_rtopt.sources import apt, pip, upstream
from pytest_rtopt.sources.pins import AptSource, PipWheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_rtopt.sources.pins import Origin, Source

_LOCK_SECONDS = 1800.0


def fetch(source: Source, directory: Path, download: Callable[[Origin, Path], Path] | None = None) -> Path:
    """Return the path of `source` in `directory`, downloading it from the first origin that has it.

    An existing file is used if its hash is the pinned one, and replaced otherwise. `download` writes the file
    of an origin into an empty directory and returns its path; it raises `RtoptError` on failure.

    Raises `SourceError` if no origin has the file, if an origin delivers a file with another hash, or if
    `directory` is not writable.
    """
    target = directory / source.file_name
    try:
        if _is_pinned(target, source):
            return target
        directory.mkdir(parents=True, exist_ok=True)
        # Parallel test workers may need the same source at once: one downloads it, the others wait.
        with FileLock(directory / f".{source.file_name}.lock", timeout=_LOCK_SECONDS):
            if not _is_pinned(target, source):
                _download_to(target, source, download or _download)
    except Timeout as error:
        raise SourceError(
            f"Another process has been downloading {source.name} into {directory} for {_LOCK_SECONDS:g} s; "
            f"end that process and run again."
        ) from error
    except OSError as error:
        raise SourceError(
            f"{source.name} cannot be stored as {target}: {error.strerror or error}; "
            "free some space there, or make the directory writable."
        ) from error
    return target


def _download_to(target: Path, source: Source, download: Callable[[Origin, Path], Path]) -> None:
    """Try the origins in order; download beside `target`, so that a rename completes the work."""
    partial = target.with_name(f".{target.name}.partial")
    reasons = []
    for origin in source.origins:
        # This process holds the lock, so a partial file is the rest of a killed process.
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            file = download(origin, partial)
            _check_hash(file, source, origin)
            file.replace(target)
        except _OtherHashError:
            raise
        except RtoptError as error:
            reasons.append(f"  {origin}: {error}")
        else:
            return
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    if target.is_file():
        reasons.append(f"  {target}: the file exists, but its SHA-256 is {sha256_of(target)}.")
    raise SourceError(
        f"{source.name} could not be fetched from any of its origins; fix one of them, or put a file with "
        f"SHA-256 {source.sha256} at {target}:\n" + "\n".join(reasons)
    )


class _OtherHashError(SourceError):
    """An origin delivered another hash; the user must see that, so the next origin is not tried."""


def _check_hash(file: Path, source: Source, origin: Origin) -> None:
    actual = sha256_of(file)
    if actual != source.sha256:
        raise _OtherHashError(
            f"{source.name} from {origin} was deleted, because its hash is not the pinned one; find out "
            f"which of them is wrong before you continue:\n  pinned {source.sha256}\n  actual {actual}"
        )


def _is_pinned(file: Path, source: Source) -> bool:
    return file.is_file() and sha256_of(file) == source.sha256


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _download(origin: Origin, directory: Path) -> Path:
    if isinstance(origin, AptSource):
        return apt.download(origin, directory)
    if isinstance(origin, PipWheel):
        return pip.download(origin, directory)
    return upstream.download(origin, directory)
