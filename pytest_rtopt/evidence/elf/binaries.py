"""The ELF file that really runs, behind symbolic links and the wrappers that packages put around programs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.image import is_elf
from pytest_rtopt.evidence.elf.libraries import needs_of

_MOST_WRAPPERS: Final = 5
_SCRIPT_BYTES: Final = 1 << 16
# `makeBinaryWrapper` of nixpkgs compiles its wrappers, and leaves the command that made them as text inside.
_COMPILED_WRAPPER: Final = re.compile(rb"makeCWrapper '(/[^']+)'")
_WRAPPER_BYTES: Final = 1 << 20
_PATH: Final = re.compile(rb"/[^\s\"'$;]+")


def real_binary(out: Path, candidates: tuple[str, ...]) -> Path:
    """Return the ELF file behind the first of `candidates` (paths below `out`) that exists.

    Where that is a program that loads another of them, a shared library, the library is it: the program then
    has nothing but `main`. A library that lies beside a program and is not loaded runs nothing.

    Raises `EvidenceError` if none exists or what stands there leads to no ELF file.
    """
    existing = [candidate for candidate in candidates if (out / candidate).exists()]
    if not existing:
        raise EvidenceError(
            f"{out} holds none of {', '.join(candidates)}; is it the runtime that its name promises?"
        )
    found = _behind(out / existing[0])
    loaded = needs_of(found).libraries if len(existing) > 1 else ()
    for candidate in existing[1:]:
        if Path(candidate).name in loaded:
            return _behind(out / candidate)
    return found


def _behind(path: Path) -> Path:
    seen = [path.resolve()]
    while True:
        compiled = is_elf(seen[-1])
        following = _behind_compiled(seen[-1]) if compiled else _wrapped(seen[-1], path.name)
        if compiled and following is None:
            return seen[-1]
        if following is None or following in seen or len(seen) > _MOST_WRAPPERS:
            raise EvidenceError(f"{path} is no program and starts none that could be found; build it again.")
        seen.append(following)


def _behind_compiled(program: Path) -> Path | None:
    """Return the program that a compiled wrapper starts; `None` where `program` is no such wrapper."""
    if program.stat().st_size > _WRAPPER_BYTES:
        return None
    made = _COMPILED_WRAPPER.search(_read(program, _WRAPPER_BYTES))
    if made is None:
        return None
    started = _file(Path(made[1].decode(errors="replace")))
    if started is None:
        raise EvidenceError(f"{program} is a wrapper of a program that is not there; build it again.")
    return started


def _wrapped(script: Path, name: str) -> Path | None:
    """Return the program of the same name that a script mentions by its absolute path."""
    if not script.is_file():
        return None
    mentioned = [
        Path(found.decode(errors="replace")) for found in _PATH.findall(_read(script, _SCRIPT_BYTES))
    ]
    named = [path for path in mentioned if path.name.strip(".").removesuffix("-wrapped") == name]
    existing = [path for path in map(_file, named) if path is not None]
    return existing[-1] if existing else None


def _file(path: Path) -> Path | None:
    """Return the regular file behind `path`; `None` where a script's text is no path to one."""
    try:
        return path.resolve() if path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        # A name that is too long, one with a NUL, a directory that may not be searched, links in a circle.
        return None


def _read(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise EvidenceError(
            f"{path} cannot be read: {error.strerror}; see that it exists and is readable."
        ) from error
