"""Reads one ELF file: its code, its functions, and traces of its compiler."""

from __future__ import annotations

import io
import os
import re
import struct
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elftools.common.exceptions import DWARFError, ELFError
from elftools.construct import ConstructError
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.functions import (
    Function,
    FunctionSource,
    Section,
    from_symbols,
    from_unwind_table,
    symbols_of,
)
from pytest_rtopt.evidence.elf.limits import check_sections, content_of
from pytest_rtopt.evidence.elf.relocations import DispatchPoints, dispatch_points

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_rtopt.evidence.elf.functions import Symbol

_MAGIC = b"\x7fELF"
_PROFILING_SYMBOL = re.compile(r"__gcov_|__gcov\.|__llvm_gcov|__llvm_prf|__llvm_profile|__prof[cdn]_")

_LINKER_MARKS = {"mold": b"mold ", "lld": b"linker: lld"}

# The suffix of a function's part that GCC and LLVM move away, because they do not expect it to run.
_COLD_SUFFIX = re.compile(r"\.cold(?:\.\d+)?$")

# The exceptions that pyelftools raises for damaged files; it checks few of the sizes and offsets in a file.
DAMAGE = (
    ELFError,
    DWARFError,
    ConstructError,
    struct.error,
    zlib.error,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class ElfImage:
    """The content of one ELF file.

    - `machine`: `x86-64`, or the ELF name of another machine.
    - `functions`: sorted by place; no two of them begin at the same place.
    - `profiling_symbols`: symbols of code that GCC or LLVM instrumented for a profile.
    - `cold_functions`: the number of functions with a cold part that was split off.
    - `cold_shares`: the share of the cold part, for functions of which it is more than half.
    - `switches`: the bytes of `.GCC.command.line`.
    - `imports`: the names that the loader must find in other files.
    - `dispatch`: the places at which code checks the CPU.

    If `function_source` is not the symbol table, then `profiling_symbols`, `cold_functions` and `cold_shares`
    are empty because they are unknown.
    """

    path: Path
    machine: str
    executable: tuple[Section, ...]
    functions: tuple[Function, ...]
    function_source: FunctionSource
    profiling_symbols: tuple[str, ...]
    cold_functions: int
    switches: bytes = field(repr=False)
    imports: frozenset[str] = frozenset()
    dispatch: DispatchPoints = field(default_factory=DispatchPoints, repr=False)
    cold_shares: Mapping[str, float] = field(default_factory=dict)


def is_elf(path: Path) -> bool:
    """Return whether `path` is a regular file, not a link to one, with the magic bytes of ELF."""
    if path.is_symlink() or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise _unreadable(path, error) from error


def elf_files(root: Path) -> tuple[Path, ...]:
    """Return the ELF files at or below `root`, sorted; symbolic links are not followed.

    Raises `EvidenceError` if `root` or something below it is missing or cannot be read.
    """
    if not os.path.lexists(root):
        raise EvidenceError(f"{root} does not exist, so its machine code cannot be read; build it first.")

    def refuse(error: OSError) -> None:
        raise _unreadable(error.filename, error) from error

    if not root.is_dir():
        return (root,) if is_elf(root) else ()
    found = []
    for directory, _, names in os.walk(root, onerror=refuse):
        found += [path for path in (root.joinpath(directory, name) for name in names) if is_elf(path)]
    return tuple(sorted(found))


def read_elf(path: Path) -> ElfImage:
    """Read an ELF file.

    Raises `EvidenceError` if it cannot be read, is not an ELF file, or is truncated or damaged.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    if not content.startswith(_MAGIC):
        raise EvidenceError(f"{path} is not an ELF file; name a program, a library or an object file.")
    try:
        return _parse(path, ELFFile(io.BytesIO(content)))
    except DAMAGE as error:
        reason = str(error) or type(error).__name__
        raise EvidenceError(f"{path} is a damaged ELF file ({reason}); build it again.") from error


def _unreadable(path: Path | str, error: OSError) -> EvidenceError:
    return EvidenceError(f"{path} cannot be read: {error.strerror}; check that it exists and is readable.")


def _parse(path: Path, elf: ELFFile) -> ElfImage:
    check_sections(elf)
    sections, places = _executable(elf)
    symbols = tuple(symbols_of(elf, ".symtab"))
    functions, source = _functions(elf, symbols, sections, places)
    names = {symbol.name for symbol in symbols}
    return ElfImage(
        path=path,
        machine=elf.get_machine_arch().replace("x64", "x86-64"),
        executable=sections,
        functions=functions,
        function_source=source,
        profiling_symbols=tuple(sorted(name for name in names if _PROFILING_SYMBOL.match(name))),
        # Only functions with code count, because a bare symbol of such a name is easy to make.
        cold_functions=len({cold.base for cold in functions if _COLD_SUFFIX.search(cold.name)}),
        cold_shares=_cold_shares(functions),
        switches=_content(elf, ".GCC.command.line"),
        imports=_imports(elf),
        dispatch=dispatch_points(elf, symbols),
    )


def _cold_shares(functions: tuple[Function, ...]) -> dict[str, float]:
    whole, cold = Counter[str](), Counter[str]()
    for function in functions:
        whole[function.base] += function.size
        if _COLD_SUFFIX.search(function.name):
            cold[function.base] += function.size
    return {name: size / whole[name] for name, size in cold.items() if 2 * size > whole[name]}


def linker_of(path: Path) -> str:
    """Return the linker of a file: "mold", "lld" or "gold" by its note, and "bfd" (GNU ld) without a note.

    Raises `EvidenceError` as `read_elf` does.
    """
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            check_sections(elf)
            comment = _content(elf, ".comment").lower()
            signed = [name for name, mark in _LINKER_MARKS.items() if mark in comment]
            gold = elf.get_section_by_name(".note.gnu.gold-version") is not None
    except OSError as error:
        raise _unreadable(path, error) from error
    except DAMAGE as error:
        raise EvidenceError(f"{path} is a damaged ELF file ({error}); build it again.") from error
    return signed[0] if signed else ("gold" if gold else "bfd")


def _imports(elf: ELFFile) -> frozenset[str]:
    undefined = (symbol.name for symbol in symbols_of(elf, ".dynsym") if symbol.is_undefined)
    return frozenset(filter(None, undefined))


def _functions(
    elf: ELFFile, symbols: tuple[Symbol, ...], sections: tuple[Section, ...], places: dict[int, int]
) -> tuple[tuple[Function, ...], FunctionSource]:
    if symbols:
        return from_symbols(symbols, sections, places), FunctionSource.SYMBOLS
    exported = from_symbols(symbols_of(elf, ".dynsym"), sections, places)
    functions = from_unwind_table(elf, sections, exported)
    # Go has its own table of functions; in a Go program the unwind table covers only the linked C code.
    if 2 * sum(function.size for function in functions) < sum(len(section.data) for section in sections):
        return (), FunctionSource.NONE
    return functions, FunctionSource.UNWIND


def _executable(elf: ELFFile) -> tuple[tuple[Section, ...], dict[int, int]]:
    """Return the executable sections, and a map from their number in the file to their index here."""
    sections: list[Section] = []
    places: dict[int, int] = {}
    for number, section in enumerate(elf.iter_sections()):
        # In separate debug files, code sections have headers but no content.
        if not section["sh_flags"] & SH_FLAGS.SHF_EXECINSTR or section["sh_type"] == "SHT_NOBITS":
            continue
        data = section.data()
        if len(data) != section.data_size:
            raise ELFError(f"section {section.name} ends beyond the file")
        places[number] = len(sections)
        sections.append(Section(section.name, section["sh_addr"], data))
    return tuple(sections), places


def _content(elf: ELFFile, name: str) -> bytes:
    return content_of(elf.get_section_by_name(name))
