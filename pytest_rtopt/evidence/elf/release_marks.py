"""Reads what tells upstream's release of rustc from a distribution's build of the same source.

Upstream links jemalloc into rustc, whose program then exports `malloc`, and optimizes librustc_driver and
libLLVM with BOLT after linking, which leaves the section `.note.bolt_info`
(https://github.com/rust-lang/rust/pull/116352 and https://github.com/rust-lang/rust/pull/94381).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from elftools.elf.elffile import ELFFile

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.functions import symbols_of
from pytest_rtopt.evidence.elf.image import DAMAGE
from pytest_rtopt.evidence.elf.libraries import needs_of, own_libraries
from pytest_rtopt.evidence.elf.limits import check_sections

if TYPE_CHECKING:
    from pathlib import Path

_BOLT: Final = ".note.bolt_info"
_ALLOCATOR: Final = "malloc"


@dataclass(frozen=True)
class ReleaseMarks:
    """The marks of a release in a compiler.

    `exports_malloc` says whether the program brings an allocator of its own. `bolted` are the names of the
    libraries that it loads from its own directory and that BOLT optimized.
    """

    exports_malloc: bool
    bolted: tuple[str, ...]


def read_release_marks(program: Path) -> ReleaseMarks:
    """Read the marks of a compiler and of the libraries that belong to it.

    These are below the directory that its `bin` is in. Raises `EvidenceError` if a file is unreadable or
    damaged.
    """
    _, exports = _sections_and_exports(program)
    libraries = own_libraries(program.parent.parent, [program], (), needs_of)
    bolted = (library.name for library in libraries if _BOLT in _sections_and_exports(library)[0])
    return ReleaseMarks(_ALLOCATOR in exports, tuple(bolted))


def _sections_and_exports(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of a file's sections, and those that it exports to the loader."""
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            check_sections(elf)
            sections = frozenset(section.name for section in elf.iter_sections())
            symbols = symbols_of(elf, ".dynsym")
            return sections, frozenset(symbol.name for symbol in symbols if not symbol.is_undefined)
    except OSError as error:
        raise EvidenceError(
            f"{path} cannot be read: {error.strerror}; check that it exists and is readable."
        ) from error
    except DAMAGE as error:
        reason = str(error) or type(error).__name__
        raise EvidenceError(f"{path} is a damaged ELF file ({reason}); build it again.") from error
