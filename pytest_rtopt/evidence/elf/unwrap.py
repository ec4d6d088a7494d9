"""Finds the ELF file that runs in the end, behind symbolic links and wrapper programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.image import is_elf
from pytest_rtopt.evidence.elf.libraries import needs_of

_MAX_WRAPPERS: Final = 5
_SCRIPT_BYTES: Final = 1 << 16
# `makeBinaryWrapper` of nixpkgs compiles its wrappers. A wrapper holds the command that made it as text.
_COMPILED_WRAPPER: Final = re.compile(rb"makeCWrapper '(/[^']+)'")
_WRAPPER_BYTES: Final = 1 << 20
_PATH: Final = re.compile(rb"/[^\s\"'$;]+")


def real_binary(out: Path, candidates: tuple[str, ...]) -> Path:
    """Return the ELF file behind the first of `candidates` (paths below `out`) that exists.

    If that program loads another candidate as a shared library, the library is returned, because the program
    then contains only `main`. A library that the program does not load is ignored.

    Raises `EvidenceError` if no candidate exists, or if the first one leads to no ELF file.
    """
    existing = [candidate for candidate in candidates if (out / candidate).exists()]
    if not existing:
        raise EvidenceError(
            f"{out} holds none of {', '.join(candidates)}; is it the runtime that its name promises?"
        )
    program = _unwrapped(out / existing[0])
    loaded = needs_of(program).libraries if len(existing) > 1 else ()
    for candidate in existing[1:]:
        if Path(candidate).name in loaded:
            return _unwrapped(out / candidate)
    return program


def _unwrapped(path: Path) -> Path:
    """Follow wrappers from `path` to the ELF file that they start in the end."""
    visited = [path.resolve()]
    while True:
        current = visited[-1]
        compiled = is_elf(current)
        following = _started_by_binary(current) if compiled else _started_by_script(current, path.name)
        if compiled and following is None:
            return current
        if following is None or following in visited or len(visited) > _MAX_WRAPPERS:
            raise EvidenceError(
                f"{path} is no program and starts none that could be found; build the package again."
            )
        visited.append(following)


def _started_by_binary(program: Path) -> Path | None:
    """Return the program that a compiled wrapper starts; `None` if `program` is not such a wrapper."""
    if program.stat().st_size > _WRAPPER_BYTES:
        return None
    command = _COMPILED_WRAPPER.search(_read(program, _WRAPPER_BYTES))
    if command is None:
        return None
    started = _file(Path(command[1].decode(errors="replace")))
    if started is None:
        raise EvidenceError(
            f"{program} is a wrapper of a program that does not exist; build the package again."
        )
    return started


def _started_by_script(script: Path, name: str) -> Path | None:
    """Return the program called `name` that a script mentions by its absolute path."""
    if not script.is_file():
        return None
    mentioned = [Path(path.decode(errors="replace")) for path in _PATH.findall(_read(script, _SCRIPT_BYTES))]
    named = [path for path in mentioned if path.name.strip(".").removesuffix("-wrapped") == name]
    existing = [path for path in map(_file, named) if path is not None]
    return existing[-1] if existing else None


def _file(path: Path) -> Path | None:
    """Return the regular file at `path`, with links resolved; `None` if there is none."""
    try:
        return path.resolve() if path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        # The name is too long or has a NUL, a directory may not be searched, or links form a circle.
        return None


def _read(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise EvidenceError(
            f"{path} cannot be read: {error.strerror}; check that it exists and is readable."
        ) from error
