"""Counted once: the census of a store path's file, kept beside the other results of earlier runs."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from pathlib import Path

import filelock

from pytest_rtopt.errors import EvidenceError
from pytest_rtopt.evidence.census import SCHEMA, Census, census
from pytest_rtopt.evidence.elf import read_elf


def cached_census(path: Path, cache_dir: Path) -> Census:
    """Return the census of the ELF file `path`, from `cache_dir` if it was taken before.

    The key is the path alone: what a Nix store path holds never changes, so this is for files of the store.
    A damaged entry is taken anew. Processes that want the same file at the same time wait for one of them.

    Raises `EvidenceError` if the file is no x86-64 ELF file, or if `cache_dir` cannot be written.
    """
    key = hashlib.sha256(f"{SCHEMA}\0{path.absolute()}".encode(errors="surrogateescape")).hexdigest()
    entry = cache_dir / f"{key}.json"
    try:
        known = _load(entry)
        if known is not None:
            return known
        cache_dir.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(entry.with_suffix(".lock")):
            known = _load(entry)
            if known is not None:
                return known
            taken = census(read_elf(path))
            _store(entry, taken)
            return taken
    except OSError as error:
        raise EvidenceError(
            f"{cache_dir} cannot keep a census: {error.strerror}; make it writable or name another directory."
        ) from error


def _load(entry: Path) -> Census | None:
    with contextlib.suppress(FileNotFoundError, ValueError, EvidenceError):
        seal, _, content = entry.read_bytes().partition(b"\n")
        # Numbers that became others would be believed: what is not whole is not looked at.
        return Census.from_json(json.loads(content)) if seal == _seal(content) else None
    return None


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _store(entry: Path, taken: Census) -> None:
    """Write under another name first, so that nobody reads half an entry."""
    with tempfile.TemporaryDirectory(dir=entry.parent) as directory:
        written = Path(directory, entry.name)
        content = json.dumps(taken.as_json(), separators=(",", ":")).encode()
        written.write_bytes(_seal(content) + b"\n" + content)
        written.replace(entry)
