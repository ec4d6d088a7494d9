"""What compilers leave in a program beside its code: who made it, of which units, and counters of a profile.

Read off programs of GCC 12, Clang 16 with LLD, rustc 1.95 and Go 1.26. The test of this file compiles some of
them anew; `tests/data/traces` has the others:

- `.comment` has a line of every compiler and linker that took part; GCC's is in every program, since the
  start-up code of the C library has it. Go writes none, and has `.go.buildinfo`.
- A symbol of type FILE names each unit. Code that was generated at link time has none of a source: with GCC
  the names are gone, with rustc's fat LTO one unit is left of dozens. `strip -S` takes them all away.
- LLVM's counters have sections of their own (`__llvm_prf_cnts`), which no `strip` takes away; GCC's have
  symbols alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from elftools.elf.elffile import ELFFile

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.functions import symbols_of
from pytest_rtopt.evidence.elf.image import DAMAGE
from pytest_rtopt.evidence.elf.limits import check_sections, content_of

if TYPE_CHECKING:
    from pathlib import Path

_COMPILER: Final = re.compile(r"(GCC): |\b(clang) version |^(rustc) version ")
_GO_SECTION: Final = ".go.buildinfo"
_COUNTERS: Final = "__llvm_prf_"
# The start-up code's own units, and what has no name at all.
_START_UP: Final = re.compile(r"(?:|crtstuff\.c|.*crt[1in]\.o|<artificial>|<unknown>)$")
# ThinLTO gives functions that other units call a name of their own. rustc does so in every optimized build.
_PROMOTED: Final = re.compile(r"\.llvm\.\d+$")


@dataclass(frozen=True)
class Traces:
    """Compilers ("gcc", "clang", "rustc", "go") and their versions' lines, units, and sections with counters.

    `units` are the source files that symbols name; `None` where no symbol names any file, as in every program
    that was stripped.
    """

    compilers: frozenset[str] = frozenset()
    made_by: tuple[str, ...] = ()
    units: frozenset[str] | None = None
    counters: tuple[str, ...] = ()


def read_traces(path: Path) -> Traces:
    """Read the traces in an ELF file.

    Raises `EvidenceError` if it cannot be read, or is damaged.
    """
    try:
        with path.open("rb") as file:
            return _traces(ELFFile(file))
    except OSError as error:
        raise EvidenceError(
            f"{path} cannot be read: {error.strerror}; see that it exists and is readable."
        ) from error
    except DAMAGE as error:
        reason = str(error) or type(error).__name__
        raise EvidenceError(f"{path} is a damaged ELF file ({reason}); build it again.") from error


def promoted(functions: frozenset[str]) -> tuple[str, ...]:
    """Return the functions that ThinLTO renamed, sorted."""
    return tuple(sorted(name for name in functions if _PROMOTED.search(name)))


def parse_comment(section: bytes) -> tuple[str, ...]:
    """Return the lines of `.comment`, each once, in their order."""
    lines = (record.decode(errors="replace").strip() for record in section.split(b"\0"))
    return tuple(dict.fromkeys(line for line in lines if line))


def _traces(elf: ELFFile) -> Traces:
    check_sections(elf)
    sections = {section.name: section for section in elf.iter_sections()}
    made_by = parse_comment(content_of(sections.get(".comment")))
    found = [match for line in made_by if (match := _COMPILER.search(line))]
    compilers = {name.lower() for match in found for name in match.groups() if name}
    if _GO_SECTION in sections:
        compilers.add("go")
    return Traces(
        compilers=frozenset(compilers),
        made_by=made_by,
        units=_units(elf),
        counters=tuple(sorted(name for name in sections if name.startswith(_COUNTERS))),
    )


def _units(elf: ELFFile) -> frozenset[str] | None:
    files = {symbol.name for symbol in symbols_of(elf, ".symtab") if symbol.is_file}
    return frozenset(name for name in files if not _START_UP.match(name)) if files else None
