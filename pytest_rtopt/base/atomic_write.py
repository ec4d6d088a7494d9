"""Atomic file writes: a reader sees either the old content or the new content, never a mixture."""

from __future__ import annotations

import errno
import os
import secrets
import tempfile
from typing import TYPE_CHECKING

from pytest_rtopt.base.errors import ReportError

if TYPE_CHECKING:
    from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write `content` to `path` and create missing directories; a run that is killed leaves the old file.

    A symbolic link is followed and kept, and an existing file keeps its permissions.

    Raises `ReportError` if the file cannot be written.
    """
    try:
        target = path.resolve()
        _check_is_file(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, content)
    except (OSError, RuntimeError) as error:
        raise _cannot_write(path, error) from error


def check_replaceable(path: Path) -> None:
    """Raise the `ReportError` that `replace_file` would raise, before a long run and not at its end."""
    try:
        target = path.resolve()
        _check_is_file(target)
        existing = next(parent for parent in target.parents if parent.exists())
        with tempfile.TemporaryFile(dir=existing):
            pass
    except (OSError, RuntimeError) as error:
        raise _cannot_write(path, error) from error


def _check_is_file(target: Path) -> None:
    """Refuse directories and devices: a rename would replace a device such as /dev/null with a file."""
    if target.exists() and not target.is_file():
        raise FileExistsError(errno.EEXIST, "is a directory or a device")


def _cannot_write(path: Path, error: OSError | RuntimeError) -> ReportError:
    # RuntimeError: a loop of symbolic links, before Python 3.13
    cause = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return ReportError(f"{path} cannot be written ({cause}): name a file in a writable directory.")


def _replace(target: Path, content: bytes) -> None:
    # The temporary file lies beside the target, because a rename is atomic only within one file system.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    # `tempfile` is not used here, because only the owner may read the files that it makes.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            if target.exists():
                os.fchmod(stream.fileno(), target.stat().st_mode & 0o7777)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(target.parent)


def _sync_directory(directory: Path) -> None:
    """Make the rename itself survive a power failure."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
