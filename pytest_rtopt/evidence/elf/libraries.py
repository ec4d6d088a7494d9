"""The shared libraries that a runtime loads from its own output: needed ones, and its declared plugins."""

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
    """What an ELF file tells the loader: the libraries that it needs, and where to look first."""

    libraries: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()


def own_libraries(
    out: Path, programs: Iterable[Path], plugins: tuple[str, ...], needs: Callable[[Path], Needs]
) -> tuple[Path, ...]:
    """Return the libraries at or below `out` that run with `programs`, sorted; not the programs themselves.

    These are what they need (DT_NEEDED, looked up in DT_RUNPATH or DT_RPATH), what that needs in turn, and
    the files that match `plugins`, patterns of paths below `out`. Libraries of other store paths are not the
    runtime's own. `needs` is `needs_of`, or remembers what that returned.

    Raises `EvidenceError` for a file that cannot be read or is damaged.
    """
    root = out.resolve()
    started = [path.resolve() for path in programs]
    loaded = [path for pattern in plugins for path in elf_files_matching(root, pattern)]
    waiting = [*started, *loaded]
    seen = set(waiting)
    while waiting:
        place = waiting.pop()
        for library in _needed_below(root, place.parent, needs(place)):
            if library not in seen:
                seen.add(library)
                waiting.append(library)
    return tuple(sorted(seen - set(started)))


def elf_files_matching(root: Path, pattern: str) -> tuple[Path, ...]:
    """Return the ELF files at or below what matches `pattern` below `root`, without symbolic links."""
    return tuple(file for place in sorted(root.glob(pattern)) if place.exists() for file in elf_files(place))


def needs_of(path: Path) -> Needs:
    """Return what an ELF file tells the loader; nothing for a static program.

    Raises `EvidenceError` if it cannot be read or is damaged.
    """
    try:
        with path.open("rb") as file:
            section = ELFFile(file).get_section_by_name(".dynamic")
            if not isinstance(section, DynamicSection):
                return Needs()
            tags = list(section.iter_tags())
            # Of DT_RPATH the loader takes no notice where there is DT_RUNPATH.
            found = _texts(tags, "runpath") or _texts(tags, "rpath")
            directories = tuple(part for text in found for part in text.split(":") if part)
            return Needs(_texts(tags, "needed"), directories)
    except DAMAGE as error:
        reason = str(error) or type(error).__name__
        raise EvidenceError(f"{path} is a damaged ELF file ({reason}); build it again.") from error


def _texts(tags: Iterable[DynamicTag], kind: str) -> tuple[str, ...]:
    """Return the texts of the entries of one kind, which pyelftools gives an attribute of that name."""
    wanted = f"DT_{kind.upper()}"
    return tuple(getattr(tag, kind) for tag in tags if tag.entry.d_tag == wanted)


def _needed_below(root: Path, origin: Path, needs: Needs) -> list[Path]:
    found = []
    for name in needs.libraries:
        for directory in needs.directories:
            library = Path(_expanded(directory, origin), name).resolve()
            if is_elf(library):
                # The first that is there is the one that is loaded, be it the runtime's own or not.
                if library.is_relative_to(root):
                    found.append(library)
                break
    return found


def _expanded(directory: str, origin: Path) -> str:
    for word in _ORIGIN:
        directory = directory.replace(word, str(origin))
    return directory
