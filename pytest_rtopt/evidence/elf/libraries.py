"""Finds the shared libraries in a runtime's own output: those that it needs, and its declared plugins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from elftools.elf.dynamic import DynamicSection, DynamicTag
from elftools.elf.elffile import ELFFile

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.image import DAMAGE, elf_files, is_elf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ORIGIN = ("$ORIGIN", "${ORIGIN}")


class Needs(NamedTuple):
    """Instructions of an ELF file for the loader: needed libraries, and directories to search first."""

    libraries: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()


def own_libraries(
    out: Path, programs: Iterable[Path], plugins: tuple[str, ...], needs: Callable[[Path], Needs]
) -> tuple[Path, ...]:
    """Return the libraries at or below `out` that `programs` load, sorted, without the programs themselves.

    These are the libraries that the programs need (DT_NEEDED, found by DT_RUNPATH or DT_RPATH), directly or
    indirectly, and the files that match `plugins`, which are patterns of paths below `out`. Libraries in
    other store paths are left out. `needs` is `needs_of`, or a cache of it.

    Raises `EvidenceError` for a file that is unreadable or damaged.
    """
    root = out.resolve()
    started = [path.resolve() for path in programs]
    loaded = [path for pattern in plugins for path in elf_files_matching(root, pattern)]
    pending = [*started, *loaded]
    visited = set(pending)
    while pending:
        file = pending.pop()
        for library in _needed_below(root, file.parent, needs(file)):
            if library not in visited:
                visited.add(library)
                pending.append(library)
    return tuple(sorted(visited - set(started)))


def elf_files_matching(root: Path, pattern: str) -> tuple[Path, ...]:
    """Return the ELF files at or below each match of `pattern` in `root`; links are not followed."""
    return tuple(file for place in sorted(root.glob(pattern)) if place.exists() for file in elf_files(place))


def needs_of(path: Path) -> Needs:
    """Return the loader's instructions in an ELF file; they are empty for a static program.

    Raises `EvidenceError` if the file is unreadable or damaged.
    """
    try:
        with path.open("rb") as file:
            section = ELFFile(file).get_section_by_name(".dynamic")
            if not isinstance(section, DynamicSection):
                return Needs()
            tags = list(section.iter_tags())
            # The loader ignores DT_RPATH if there is a DT_RUNPATH.
            found = _texts(tags, "runpath") or _texts(tags, "rpath")
            directories = tuple(part for text in found for part in text.split(":") if part)
            return Needs(_texts(tags, "needed"), directories)
    except DAMAGE as error:
        reason = str(error) or type(error).__name__
        raise EvidenceError(f"{path} is a damaged ELF file ({reason}); build it again.") from error


def _texts(tags: Iterable[DynamicTag], kind: str) -> tuple[str, ...]:
    """Return the texts of the entries of one kind; pyelftools names their attribute after the kind."""
    name = f"DT_{kind.upper()}"
    return tuple(getattr(tag, kind) for tag in tags if tag.entry.d_tag == name)


def _needed_below(root: Path, origin: Path, needs: Needs) -> list[Path]:
    found = []
    for name in needs.libraries:
        for directory in needs.directories:
            library = Path(_expanded(directory, origin), name).resolve()
            if is_elf(library):
                # The loader takes the first match, even if it is in another store path.
                if library.is_relative_to(root):
                    found.append(library)
                break
    return found


def _expanded(directory: str, origin: Path) -> str:
    for word in _ORIGIN:
        directory = directory.replace(word, str(origin))
    return directory
