"""Caches the evidence of files in the Nix store, so that each file is read only once."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from pathlib import Path

import filelock

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.census.archive import SCHEMA, read_archive, write_archive
from pytest_rtopt.evidence.census.file_evidence import FileEvidence, read_file_evidence


def cached_evidence(path: Path, cache_dir: Path) -> FileEvidence:
    """Return the evidence of the ELF file `path`, from `cache_dir` if it was read before.

    `path` must be in the Nix store: the key is the path alone, because the content of a store path never
    changes. A damaged entry is replaced. If several processes need one file, one reads it and the others
    wait.

    Raises `EvidenceError` if the file is not an x86-64 ELF file, or if `cache_dir` is not writable.
    """
    key = hashlib.sha256(f"{SCHEMA}\0{path.absolute()}".encode(errors="surrogateescape")).hexdigest()
    entry = cache_dir / f"{key}.npz"
    try:
        cached = _load(entry)
        if cached is not None:
            return cached
        cache_dir.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(entry.with_suffix(".lock")):
            cached = _load(entry)
            if cached is not None:
                return cached
            evidence = read_file_evidence(path)
            _store(entry, evidence)
            return evidence
    except OSError as error:
        raise EvidenceError(
            f"{cache_dir} cannot store a census: {error.strerror}; make it writable or name another "
            "directory."
        ) from error


def _load(entry: Path) -> FileEvidence | None:
    with contextlib.suppress(FileNotFoundError, EvidenceError), entry.open("rb") as file:
        return read_archive(file)
    return None


def _store(entry: Path, evidence: FileEvidence) -> None:
    """Write to a temporary file and rename it, so that no process reads an incomplete entry."""
    with tempfile.TemporaryDirectory(dir=entry.parent) as directory:
        written = Path(directory, entry.name)
        with written.open("wb") as file:
            write_archive(file, evidence)
        written.replace(entry)
