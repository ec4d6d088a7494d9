"""Finds the bounds and the names of the functions in an ELF file.

The symbol table has both. If it was removed (`strip -s`), the unwind table gives the bounds, which compilers
of C, C++ and Rust write for x86-64. Then only exported functions have names.
"""

from __future__ import annotations

import bisect
import io
import itertools
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np
from elftools.dwarf.callframe import FDE, CallFrameInfo
from elftools.dwarf.structs import DWARFStructs
from elftools.elf.sections import SymbolTableSection

from pytest_rtopt.evidence.elf.limits import (
    check_names,
    check_overlap,
    check_symbol_table,
    check_unwind_table,
    content_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elftools.elf.elffile import ELFFile

# Suffixes that GCC and LLVM append to the names of parts, copies and renamed versions of a function.
# Suffixes of multiversioned functions (`.avx2`, `.arch_haswell`) are kept, because these are other functions.
_CLONE_SUFFIX = re.compile(
    r"(?:\.(?:(?:cold|localalias)(?:\.\d+)?|(?:part|constprop|isra|lto_priv|clone|llvm|warm|__uniq)\.\d+))+$"
)
# Names of Rust contain a hash of the compiler's options: `17h<16 digits>E` in the legacy mangling scheme, and
# the disambiguator of crates in scheme v0 (RFC 2603).
_RUST_HASH = re.compile(r"17h[0-9a-f]{16}E$")
_RUST_CRATE = re.compile(r"(?<=C)s[0-9A-Za-z]{0,11}_")
# A name may be of any length, and the search for suffixes takes quadratic time.
_LONGEST_SUFFIXES = 1000


class FunctionSource(StrEnum):
    """The source of the functions' bounds."""

    SYMBOLS = "symbol table"
    UNWIND = "unwind table"
    NONE = "nowhere: sections are decoded from their beginning"


@dataclass(frozen=True)
class Section:
    """An executable section; `address` is its load address, which is 0 in an object file."""

    name: str
    address: int
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Function:
    """A function's code: `size` bytes at `offset` of the executable section with index `section`.

    `name` is empty if the file does not contain it. `base` is the name without the compiler's suffixes.
    """

    name: str
    base: str
    section: int
    offset: int
    size: int


def base_name(symbol: str) -> str:
    """Return the name of the function to which `symbol` belongs, as a whole, a part or a copy.

    `parse.constprop.0`, `parse.cold` and `parse.lto_priv.3` all give `parse`; hashes are removed from names
    of Rust.
    """
    split = max(0, len(symbol) - _LONGEST_SUFFIXES)
    name = symbol[:split] + _CLONE_SUFFIX.sub("", symbol[split:]) or symbol
    if name.startswith("_ZN"):
        return _RUST_HASH.sub("E", name)
    return _RUST_CRATE.sub("", name) if name.startswith("_R") else name


@dataclass(frozen=True)
class Symbol:
    """An entry of a symbol table; `section` is the number of a section in the file, `value` an address.

    If `is_resolver` is set, `value` is the code that chooses the function of this name (STT_GNU_IFUNC). If
    `is_undefined` is set, the symbol is in another file. If `is_file` is set, the name is the source file of
    the symbols that follow.
    """

    name: str
    is_function: bool
    section: int | None
    value: int
    size: int
    is_resolver: bool = False
    is_undefined: bool = False
    is_file: bool = False


# The layout of symbol tables in the ELF specification, by class. NumPy reads them, because pyelftools needs
# ten seconds for the hundred thousand entries of a large program.
_ENTRIES: Final = {
    64: [("name", "u4"), ("info", "u1"), ("other", "u1"), ("section", "u2"), ("value", "u8"), ("size", "u8")],
    32: [("name", "u4"), ("value", "u4"), ("size", "u4"), ("info", "u1"), ("other", "u1"), ("section", "u2")],
}
_TYPE_BITS: Final = 0xF
_FUNCTION: Final = 2
_FILE: Final = 4
_RESOLVER: Final = 10
# Section numbers from here on, and the number 0, have special meanings.
_RESERVED: Final = 0xFF00


def symbols_of(elf: ELFFile, table: str) -> Iterator[Symbol]:
    """Read the symbol table in the section `table`; yields nothing if there is none."""
    section = elf.get_section_by_name(table)
    if not isinstance(section, SymbolTableSection) or section["sh_type"] == "SHT_NOBITS":
        return
    check_symbol_table(section)
    layout = np.dtype(_ENTRIES[elf.elfclass]).newbyteorder("<" if elf.little_endian else ">")
    content, names = content_of(section), content_of(section.stringtable)
    entries = np.frombuffer(content, layout, len(content) // layout.itemsize)
    named = 0
    for start, info, number, value, size in zip(
        *(entries[column].tolist() for column in ("name", "info", "section", "value", "size")), strict=True
    ):
        kind = info & _TYPE_BITS
        name = names[start : max(start, names.find(b"\0", start))]
        named += len(name)
        check_names(named, section)
        yield Symbol(
            name=name.decode(errors="replace"),
            is_function=kind in (_FUNCTION, _RESOLVER),
            section=number if 0 < number < _RESERVED else None,
            value=value,
            size=size,
            is_resolver=kind == _RESOLVER,
            is_undefined=number == 0,
            is_file=kind == _FILE,
        )


def from_symbols(
    symbols: Iterable[Symbol], sections: tuple[Section, ...], places: dict[int, int]
) -> tuple[Function, ...]:
    """Return one function for each start address.

    If several symbols share an address, the longest one is used, and the first by name among equals. `places`
    maps the number of each executable section in the file to its index in `sections`.
    """
    best: dict[tuple[int, int], tuple[int, bool, str]] = {}
    for symbol in symbols:
        place = None if symbol.section is None else places.get(symbol.section)
        if place is None or not symbol.is_function:
            continue
        offset = symbol.value - sections[place].address
        if 0 <= offset < len(sections[place].data):
            # A resolver's own symbol is preferred to the symbol of the function that it chooses.
            candidate = (-symbol.size, symbol.is_resolver, symbol.name)
            best[place, offset] = min(best.get((place, offset), candidate), candidate)
    return _bounded({place: (name, -size) for place, (size, _, name) in best.items()}, sections)


def from_unwind_table(
    elf: ELFFile, sections: tuple[Section, ...], exported: tuple[Function, ...]
) -> tuple[Function, ...]:
    """Return the functions in `.eh_frame`; those that the file exports have names."""
    found = {(function.section, function.offset): (function.name, function.size) for function in exported}
    starts = sorted((section.address, index) for index, section in enumerate(sections) if section.address)
    for start, size in _frames(elf):
        at = bisect.bisect_right(starts, (start, len(sections))) - 1
        if at >= 0:
            address, index = starts[at]
            name, known = found.get((index, start - address), ("", 0))
            if start - address < len(sections[index].data):
                found[index, start - address] = (name, max(size, known))
    return _bounded(found, sections)


def _frames(elf: ELFFile) -> Iterator[tuple[int, int]]:
    section = elf.get_section_by_name(".eh_frame")
    table = content_of(section)
    if section is None or not table:
        return
    check_unwind_table(table)
    # `get_dwarf_info` is not used, because it also reads and unpacks all debug information.
    structs = DWARFStructs(little_endian=elf.little_endian, dwarf_format=32, address_size=elf.elfclass // 8)
    frames = CallFrameInfo(io.BytesIO(table), len(table), section["sh_addr"], structs, for_eh_frame=True)
    for entry in frames.get_entries():
        if isinstance(entry, FDE):
            yield entry.header.initial_location, entry.header.address_range


def _bounded(
    found: dict[tuple[int, int], tuple[str, int]], sections: tuple[Section, ...]
) -> tuple[Function, ...]:
    """Return the functions in order of their address, cut off at the end of their section.

    Hand-written assembly often states no size. Such a function ends where the next one begins.
    """
    functions = []
    ordered = sorted(found.items())
    for ((index, offset), (name, size)), following in itertools.zip_longest(ordered, ordered[1:]):
        end = len(sections[index].data)
        if size:
            end = min(end, offset + size)
        elif following is not None and following[0][0] == index:
            end = following[0][1]
        functions.append(Function(name, base_name(name), index, offset, end - offset))
    check_overlap(
        sum(function.size for function in functions), sum(len(section.data) for section in sections)
    )
    return tuple(functions)
