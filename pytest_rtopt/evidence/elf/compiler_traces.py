"""Reads traces of compilers in a program: the compilers, the names of units, and profile counters.

The format was found by looking at programs of GCC 12, Clang 16 with LLD, rustc 1.95 and Go 1.26. The test of
this module compiles some of these programs, and `tests/data/traces` holds the others:

- `.comment` has one line for each compiler and linker that took part. GCC's line is in every program, because
  the start-up code of the C library has it. Go writes no `.comment` and has `.go.buildinfo` instead.
- A symbol of type FILE names each unit. Code from link-time optimization has no source names: GCC removes
  all of them, and rustc's fat LTO leaves one unit of dozens. `strip -S` removes them, too.
- LLVM's profile counters have sections of their own (`__llvm_prf_cnts`), which `strip` keeps. GCC's counters
  have symbols only.
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
# The version is the last word; the words in parentheses are the distributor's.
_GCC_VERSION: Final = re.compile(r"GCC: .*?(\d+)\.\d+[.\d]*[^()]*$")
_GO_SECTION: Final = ".go.buildinfo"
_COUNTERS: Final = "__llvm_prf_"
# Units of the start-up code, and units without a name.
_START_UP: Final = re.compile(r"(?:|crtstuff\.c|.*crt[1in]\.o|<artificial>|<unknown>)$")
# ThinLTO renames functions that other units call. rustc does so in every optimized build.
_PROMOTED: Final = re.compile(r"\.llvm\.\d+$")


@dataclass(frozen=True)
class Traces:
    """Traces of compilers in one file.

    - `compilers`: some of "gcc", "clang", "rustc" and "go".
    - `made_by`: the lines of `.comment`, which hold the compilers' versions.
    - `units`: the source files that symbols name; `None` if no symbol names a file, as in a stripped program.
    - `counters`: the sections with profile counters of LLVM.
    """

    compilers: frozenset[str] = frozenset()
    made_by: tuple[str, ...] = ()
    units: frozenset[str] | None = None
    counters: tuple[str, ...] = ()

    @property
    def gcc_versions(self) -> frozenset[int]:
        """The major versions of GCC, including that of the start-up code."""
        found = map(_GCC_VERSION.match, self.made_by)
        return frozenset(int(version[1]) for version in found if version is not None)


def read_traces(path: Path) -> Traces:
    """Read the compilers' traces in an ELF file; raises `EvidenceError` if it is unreadable or damaged."""
    try:
        with path.open("rb") as file:
            return _traces(ELFFile(file))
    except OSError as error:
        raise EvidenceError(
            f"{path} cannot be read: {error.strerror}; check that it exists and is readable."
        ) from error
    except DAMAGE as error:
        reason = str(error) or type(error).__name__
        raise EvidenceError(f"{path} is a damaged ELF file ({reason}); build it again.") from error


def promoted(functions: frozenset[str]) -> tuple[str, ...]:
    """Return the functions that ThinLTO renamed, sorted."""
    return tuple(sorted(name for name in functions if _PROMOTED.search(name)))


def parse_comment(section: bytes) -> tuple[str, ...]:
    """Return the distinct lines of `.comment` in their order."""
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
