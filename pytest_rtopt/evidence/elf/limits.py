"""What no honest ELF file exceeds; checked before anything is read at the length that a file states.

pyelftools believes what a file says of itself. A few kilobytes can say that each of a thousand sections is
the whole file, that every name goes on for a megabyte, or that a section unpacks to gigabytes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from elftools.common.exceptions import ELFError
from elftools.elf.constants import SH_FLAGS

if TYPE_CHECKING:
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import Section, SymbolTableSection

# Each far above what 96 programs and libraries of a Debian system have at most, drawn at random: names of
# 0.13 times the file (linkers let them share their ends, so that together they may be longer than it), an
# unwind table of 0.4 MB, functions of 1.11 times the code (entries into the middle of others), 39 sections.
_MOST_NAMES: Final = 16
_MOST_UNPACKED: Final = 64 << 20
_MOST_SHARED: Final = 8
# Objects with a section for each function have some thousands.
_MOST_SECTIONS: Final = 10_000
_COMMON_PART: Final = 0
_WIDE_LENGTH: Final = 0xFFFFFFFF


def check_sections(elf: ELFFile) -> None:
    """Raise `ELFError` unless names and code of all sections can be what the file holds."""
    if elf.num_sections() > _MOST_SECTIONS:
        raise ELFError(f"it says that it has {elf.num_sections()} sections")
    named = code = 0
    for section in elf.iter_sections():
        named += len(section.name)
        if named > _MOST_NAMES * elf.stream_len:
            raise ELFError("the names of its sections are longer than the file")
        if not section["sh_flags"] & SH_FLAGS.SHF_EXECINSTR or section["sh_type"] == "SHT_NOBITS":
            continue
        if section.compressed:
            raise ELFError(f"section {section.name} is code and compressed, which nothing could run")
        code += section["sh_size"]
        if code > elf.stream_len:
            raise ELFError(f"section {section.name} overlaps others or ends beyond the file")


def content_of(section: Section | None) -> bytes:
    """Return what a section holds, unpacked; nothing where there is none.

    Raises `ELFError` where it would unpack to more than any compiler writes.
    """
    if section is None or section["sh_type"] == "SHT_NOBITS":
        return b""
    # To zlib, a size of 0 means any.
    if section.compressed and not 0 < section.data_size <= _MOST_UNPACKED:
        raise ELFError(f"section {section.name} says that it unpacks to {section.data_size} bytes")
    return bytes(section.data())


def check_symbol_table(table: SymbolTableSection) -> None:
    """Raise `ELFError` where the entries of a symbol table have another size than the format gives them."""
    size = table.structs.Elf_Sym.sizeof()
    if table["sh_entsize"] != size:
        raise ELFError(f"the entries of {table.name} have {table['sh_entsize']} bytes and not {size}")


def check_names(length: int, table: SymbolTableSection) -> None:
    """Raise `ELFError` where names of so many bytes together are too many for the file."""
    if length > _MOST_NAMES * table.elffile.stream_len:
        raise ELFError(f"the names in {table.name} are longer than the file")


def check_shared(functions: int, code: int) -> None:
    """Raise `ELFError` where functions of so many bytes together are too many for the bytes of code."""
    if functions > _MOST_SHARED * code:
        raise ELFError(f"its functions have {functions} bytes together, and its code has {code}")


def check_unwind_table(table: bytes) -> None:
    """Raise `ELFError` unless each part of `.eh_frame` refers to a common part that stands before it.

    Without this, every function may have a common part of its own that goes on to the end of the table, and
    reading it takes the square of its length.
    """
    common: set[int] = set()
    at = 0
    while at + 8 <= len(table):
        length, reference = struct.unpack_from("<II", table, at)
        if length == _WIDE_LENGTH:
            raise ELFError("the unwind table has a part of more than 4 GB")
        if length and reference == _COMMON_PART:
            common.add(at)
        elif length and at + 4 - reference not in common:
            raise ELFError("the unwind table refers to a common part that is none")
        at += 4 + length
