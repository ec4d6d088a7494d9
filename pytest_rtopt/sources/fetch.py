"""Bring a pinned source into a directory: whole and with the right hash, or not at all."""

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

    A file that is already there is used only if its hash is the pinned one, and is replaced otherwise.
    `download` puts what an origin has into an empty directory and returns the file's path; it raises
    `RtoptError` where it cannot.

    Raises `SourceError` if no origin gave the file, if one gave a file with another hash, or if `directory`
    cannot be written.
    """
    target = directory / source.file_name
    try:
        if _is_pinned(target, source):
            return target
        directory.mkdir(parents=True, exist_ok=True)
        # Parallel test workers want the same source at the same moment; one downloads, the others find it.
        with FileLock(directory / f".{source.file_name}.lock", timeout=_LOCK_SECONDS):
            if not _is_pinned(target, source):
                _download_to(target, source, download or _download)
    except Timeout as error:
        raise SourceError(
            f"Another process has been fetching {source.name} into {directory} for {_LOCK_SECONDS:g} s; "
            f"end it and run again."
        ) from error
    except OSError as error:
        raise SourceError(
            f"{source.name} cannot be stored as {target}: {error.strerror or error}; "
            "make room there or make it writable."
        ) from error
    return target


def _download_to(target: Path, source: Source, download: Callable[[Origin, Path], Path]) -> None:
    """Try the origins in order, beside `target` so that the finished file is renamed into place."""
    partial = target.with_name(f".{target.name}.partial")
    reasons = []
    for origin in source.origins:
        # Under the lock this can only be what a killed process left.
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
        reasons.append(f"  {target}: is there, but its SHA-256 is {_sha256(target)}.")
    raise SourceError(
        f"{source.name} could not be had from any of its origins; put a file with SHA-256 {source.sha256} at "
        f"{target} by hand, or mend one of them:\n" + "\n".join(reasons)
    )


class _OtherHashError(SourceError):
    """Not a reason to try the next origin: bytes that were changed are something that somebody must see."""


def _check_hash(file: Path, source: Source, origin: Origin) -> None:
    actual = _sha256(file)
    if actual != source.sha256:
        raise _OtherHashError(
            f"{source.name} from {origin} has another hash than the pinned one and was thrown away; find out "
            f"which of them is wrong before you go on:\n  pinned {source.sha256}\n  actual {actual}"
        )


def _is_pinned(file: Path, source: Source) -> bool:
    return file.is_file() and _sha256(file) == source.sha256


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _download(origin: Origin, directory: Path) -> Path:
    if isinstance(origin, AptSource):
        return apt.download(origin, directory)
    if isinstance(origin, PipWheel):
        return pip.download(origin, directory)
    return upstream.download(origin, directory)
