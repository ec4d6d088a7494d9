"""Limits on sizes and counts that an ELF file states; they are checked before data of that size is read.

pyelftools trusts these numbers. A file of a few kilobytes can claim that each of a thousand sections is the
whole file, that every name is a megabyte long, or that a section unpacks to gigabytes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from elftools.common.exceptions import ELFError
from elftools.elf.constants import SH_FLAGS

if TYPE_CHECKING:
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import Section, SymbolTableSection

# The limits are far above the maxima of 96 programs and libraries of a Debian system, chosen at random. Their
# names take up to 0.13 times the file (names can share their ends, so their sum may exceed the file), their
# unwind tables 0.4 MB, their functions 1.11 times the code (some functions begin inside others), and they
# have up to 39 sections.
_MAX_NAMES: Final = 16
_MAX_UNPACKED: Final = 64 << 20
_MAX_SHARED: Final = 8
# Object files with one section per function have some thousands.
_MAX_SECTIONS: Final = 10_000
_COMMON_PART: Final = 0
_WIDE_LENGTH: Final = 0xFFFFFFFF


def check_sections(elf: ELFFile) -> None:
    """Raise `ELFError` if the names or the code of all sections are larger than the file allows."""
    if elf.num_sections() > _MAX_SECTIONS:
        raise ELFError(f"it claims to have {elf.num_sections()} sections")
    named = code = 0
    for section in elf.iter_sections():
        named += len(section.name)
        if named > _MAX_NAMES * elf.stream_len:
            raise ELFError("the names of its sections are longer than the file")
        if not section["sh_flags"] & SH_FLAGS.SHF_EXECINSTR or section["sh_type"] == "SHT_NOBITS":
            continue
        if section.compressed:
            raise ELFError(f"section {section.name} is compressed code, which cannot run")
        code += section["sh_size"]
        if code > elf.stream_len:
            raise ELFError(f"section {section.name} overlaps others or ends beyond the file")


def content_of(section: Section | None) -> bytes:
    """Return the unpacked content of a section, which is empty for `None`.

    Raises `ELFError` if the unpacked content would be larger than any compiler writes.
    """
    if section is None or section["sh_type"] == "SHT_NOBITS":
        return b""
    # A size of 0 means "unlimited" to zlib.
    if section.compressed and not 0 < section.data_size <= _MAX_UNPACKED:
        raise ELFError(f"section {section.name} claims to unpack to {section.data_size} bytes")
    return bytes(section.data())


def check_symbol_table(table: SymbolTableSection) -> None:
    """Raise `ELFError` if the entries of a symbol table do not have the size that the format requires."""
    size = table.structs.Elf_Sym.sizeof()
    if table["sh_entsize"] != size:
        raise ELFError(f"the entries of {table.name} have {table['sh_entsize']} bytes instead of {size}")


def check_names(length: int, table: SymbolTableSection) -> None:
    """Raise `ELFError` if all names together, `length` bytes, are too long for the file."""
    if length > _MAX_NAMES * table.elffile.stream_len:
        raise ELFError(f"the names in {table.name} are longer than the file")


def check_overlap(functions: int, code: int) -> None:
    """Raise `ELFError` if all functions together, in bytes, are too long for the bytes of code."""
    if functions > _MAX_SHARED * code:
        raise ELFError(f"its functions have {functions} bytes together, but its code has {code}")


def check_unwind_table(table: bytes) -> None:
    """Raise `ELFError` unless each entry of `.eh_frame` refers to a common part that precedes it.

    Otherwise every function could have a common part that extends to the end of the table, and reading the
    table would take quadratic time.
    """
    common: set[int] = set()
    at = 0
    while at + 8 <= len(table):
        length, reference = struct.unpack_from("<II", table, at)
        if length == _WIDE_LENGTH:
            raise ELFError("the unwind table has an entry of more than 4 GB")
        if length and reference == _COMMON_PART:
            common.add(at)
        elif length and at + 4 - reference not in common:
            raise ELFError("the unwind table refers to a common part that does not exist")
        at += 4 + length
