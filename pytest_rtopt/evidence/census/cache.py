"""Read once: what a store path's file says, kept beside the other results of earlier runs."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from pathlib import Path

import filelock

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.census.archive import SCHEMA, read_archive, write_archive
from pytest_rtopt.evidence.census.reading import Reading, read


def cached_reading(path: Path, cache_dir: Path) -> Reading:
    """Return what the ELF file `path` says, from `cache_dir` if it was read before.

    The key is the path alone: what a Nix store path holds never changes, so this is for files of the store.
    A damaged entry is made anew. Processes that want the same file at the same time wait for one of them.

    Raises `EvidenceError` if the file is no x86-64 ELF file, or if `cache_dir` cannot be written.
    """
    key = hashlib.sha256(f"{SCHEMA}\0{path.absolute()}".encode(errors="surrogateescape")).hexdigest()
    entry = cache_dir / f"{key}.npz"
    try:
        known = _load(entry)
        if known is not None:
            return known
        cache_dir.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(entry.with_suffix(".lock")):
            known = _load(entry)
            if known is not None:
                return known
            taken = read(path)
            _store(entry, taken)
            return taken
    except OSError as error:
        raise EvidenceError(
            f"{cache_dir} cannot keep a census: {error.strerror}; make it writable or name another directory."
        ) from error


def _load(entry: Path) -> Reading | None:
    with contextlib.suppress(FileNotFoundError, EvidenceError), entry.open("rb") as file:
        return read_archive(file)
    return None


def _store(entry: Path, taken: Reading) -> None:
    """Write under another name first, so that nobody reads half an entry."""
    with tempfile.TemporaryDirectory(dir=entry.parent) as directory:
        written = Path(directory, entry.name)
        with written.open("wb") as file:
            write_archive(file, taken)
        written.replace(entry)
