"""ELF files, and ways to damage them that random changes of bytes would seldom find."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.process import check
from tests.support.evidence_builds import compile_c

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping
    from pathlib import Path

BOMB: Final = "bomb.zlib"
"""The name of a file beside the corpus with zeros that are compressed a thousandfold."""

_BOMB_BYTES: Final = 1500 << 20
_LIBRARY: Final = "extern _Thread_local int state; int shared(int x) { return x + state; }"
_SECTION: Final = struct.Struct("<IIQQQQIIQQ")
_SECTION_FIELDS: Final = (
    "name",
    "type",
    "flags",
    "addr",
    "offset",
    "size",
    "link",
    "info",
    "align",
    "entsize",
)
_SYMBOL: Final = struct.Struct("<IBBHQQ")
_EXECUTED, _COMPRESSED = 0x6, 0x800
# The offset and the size of each field of the file header.
_FILE_HEADER: Final = {
    "class": (4, 1),
    "data": (5, 1),
    "type": (16, 2),
    "machine": (18, 2),
    "phoff": (32, 8),
    "shoff": (40, 8),
    "shentsize": (58, 2),
    "shnum": (60, 2),
    "shstrndx": (62, 2),
}
_NUMBERS: Final = (
    *(0, 1, 2, 7, 8, 23, 24, 25, 63, 64, 65, 255, 256, 4095, 65535, 1 << 16, 1 << 20, 1 << 24),
    *((1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 40, 1 << 62, (1 << 63) - 1, (1 << 64) - 1),
)


def corpus(directory: Path) -> None:
    """Compile small files of every supported kind into `directory`, and write `BOMB` there."""
    plain = compile_c(directory / "plain", "-frecord-gcc-switches", "-march=x86-64-v2")
    check(["strip", "-s", "-o", str(directory / "stripped"), str(plain)], timeout=60)
    compile_c(directory / "lto", "-flto", "-frecord-gcc-switches")
    compile_c(directory / "debug", "-g", "-gz=zlib")
    compile_c(directory / "debug-old", "-g", "-gz=zlib-gnu")
    compile_c(directory / "object.o", "-c", "-ffunction-sections", "-fprofile-generate")
    compile_c(directory / "library.so", "-shared", "-fPIC", source=_LIBRARY)
    compile_c(directory / "gold", "-fuse-ld=gold")
    compile_c(directory / "static", "-static-pie")
    for source in directory.glob("*.c"):
        source.unlink()
    (directory / BOMB).write_bytes(zeros(_BOMB_BYTES >> 20))


def zeros(megabytes: int) -> bytes:
    """Return so many zeros as zlib compresses them, without compressing more than the first million.

    A block that was flushed in full stands by itself, so that it may be repeated.
    """
    packing = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packing.compress(bytes(1 << 20)) + packing.flush(zlib.Z_FULL_FLUSH)
    # Adler-32 of zeros: the first sum stays 1, so the second sum is the number of bytes.
    checksum = (megabytes << 20) % 65521 << 16 | 1
    return b"\x78\xda" + megabytes * block + packing.flush() + checksum.to_bytes(4, "big")


@dataclass
class _Mutant:
    """A file to damage: its bytes, and the section headers of the undamaged file."""

    content: bytearray
    sections: dict[str, int]
    bomb: bytes

    def get(self, section: str, field: str) -> int:
        number = _SECTION_FIELDS.index(field)
        return int(_SECTION.unpack_from(self.content, self.sections[section])[number])

    def put(self, section: str, **fields: int) -> None:
        at = self.sections[section]
        header = dict(zip(_SECTION_FIELDS, _SECTION.unpack_from(self.content, at), strict=True))
        _SECTION.pack_into(self.content, at, *(header | fields).values())

    def span(self, section: str) -> range:
        start = self.get(section, "offset")
        return range(start, min(start + self.get(section, "size"), len(self.content)))

    def table(self) -> str | None:
        return next((name for name in (".symtab", ".dynsym") if name in self.sections), None)

    def append(self, data: bytes) -> int:
        at = len(self.content)
        self.content += data
        return at


def mutated(chance: random.Random, whole: Mapping[str, bytes], bomb: bytes) -> bytes:
    """Return one of the `whole` files with one to four kinds of damage."""
    # The static program is a hundred times as large as the others, so it is used in 0.5 % of cases.
    names = sorted(whole)
    weights = [1 if len(whole[name]) > 1 << 18 else 20 for name in names]
    content = whole[chance.choices(names, weights)[0]]
    mutant = _Mutant(bytearray(content), _sections(content), bomb)
    for damage in chance.choices(_STRUCTURAL, k=chance.choice((0, 1, 1, 2))):
        damage(chance, mutant)
    result = mutant.content
    for blind in chance.choices(_BLIND, k=chance.choice((0, 0, 1, 2))):
        blind(chance, result)
    if chance.random() < 0.03:
        other = whole[chance.choice(names)]
        cut = chance.randrange(min(len(result), len(other), 1 << 16) + 1)
        result = result[:cut] + other[cut : cut + (1 << 18)]
    return bytes(result)


def flip(chance: random.Random, content: bytearray) -> None:
    """Change up to sixteen bytes."""
    for _ in range(chance.randint(1, 16) if content else 0):
        content[chance.randrange(len(content))] = chance.randrange(256)


def truncate(chance: random.Random, content: bytearray) -> None:
    """Cut the end off."""
    del content[chance.randint(0, len(content)) :]


def repeat(chance: random.Random, content: bytearray) -> None:
    """Insert a copy of a block at a random place."""
    start, to = (chance.randint(0, len(content)) for _ in range(2))
    content[to:to] = content[start : start + chance.choice((1, 8, 64, 1000))] * chance.choice((1, 2, 50))


def delete(chance: random.Random, content: bytearray) -> None:
    """Remove a block."""
    start = chance.randint(0, len(content))
    del content[start : start + chance.choice((1, 8, 64, 4096))]


def _sections(content: bytes) -> dict[str, int]:
    """Return the offsets of the section headers by the name of the section."""
    table, count = struct.unpack_from("<Q", content, 40)[0], struct.unpack_from("<H", content, 60)[0]
    places = [table + number * _SECTION.size for number in range(count)]
    names = places[struct.unpack_from("<H", content, 62)[0]]
    strings = _SECTION.unpack_from(content, names)[4]
    found = {}
    for place in places:
        start = strings + _SECTION.unpack_from(content, place)[0]
        found[content[start : content.index(b"\0", start)].decode()] = place
    return found


def _file_header(chance: random.Random, mutant: _Mutant) -> None:
    at, size = _FILE_HEADER[chance.choice(sorted(_FILE_HEADER))]
    value = chance.choice(_NUMBERS) % (1 << 8 * size)
    mutant.content[at : at + size] = value.to_bytes(size, "little")


def _section_header(chance: random.Random, mutant: _Mutant) -> None:
    field = chance.choice(_SECTION_FIELDS)
    name = chance.choice(sorted(mutant.sections))
    wide = field in ("flags", "addr", "offset", "size", "align", "entsize")
    near = mutant.get(name, field) + chance.choice((-8, -1, 1, 8, 64))
    value = chance.choice((*_NUMBERS, near, len(mutant.content), chance.randrange(40)))
    mutant.put(name, **{field: value % (1 << (64 if wide else 32))})


def _symbols(chance: random.Random, mutant: _Mutant) -> None:
    """Give some or all symbols impossible sizes, places and names."""
    table = mutant.table()
    if table is None:
        return
    entries = range(mutant.span(table).start, mutant.span(table).stop - _SYMBOL.size, _SYMBOL.size)
    few = chance.choices(entries, k=3) if chance.random() < 0.5 and entries else entries
    field, number = chance.randrange(6), chance.choice(_NUMBERS)
    for at in few:
        values = list(_SYMBOL.unpack_from(mutant.content, at))
        values[field] = number % (1 << 8 * (4, 1, 1, 2, 8, 8)[field])
        _SYMBOL.pack_into(mutant.content, at, *values)


def _many_symbols(chance: random.Random, mutant: _Mutant) -> None:
    """Replace the symbol table by many functions that overlap, share a name, or have long names."""
    table = mutant.table()
    code = next((name for name in (".text", ".text.dot") if name in mutant.sections), None)
    if table is None or code is None:
        return
    number = sorted(mutant.sections.values()).index(mutant.sections[code])
    address, size = mutant.get(code, "addr"), mutant.get(code, "size")
    count = chance.choice((10, 1000, 10_000))
    long = chance.choice((1, size, 1 << 62))
    entries = b"".join(
        _SYMBOL.pack(chance.randrange(64), 0x12, 0, number, address + index % max(1, size), long)
        for index in range(count)
    )
    mutant.put(table, offset=mutant.append(entries), size=len(entries))
    if chance.random() < 0.5:
        names = chance.choice((b".cold", b".part.1", b"Cs", b"A", b"_R")) * chance.choice((10, 5000, 100_000))
        prefix = chance.choice((b"", b"_R", b"_ZN"))
        strings = ".strtab" if table == ".symtab" else ".dynstr"
        mutant.put(strings, offset=mutant.append(b"\0" + prefix + names + b"x\0"), size=len(names) + 3)


def _unended_strings(chance: random.Random, mutant: _Mutant) -> None:
    """Remove the ends of names, so that each name extends to the end of the table or of the file."""
    name = chance.choice([name for name in (".strtab", ".shstrtab", ".dynstr") if name in mutant.sections])
    if chance.random() < 0.5:
        mutant.put(name, offset=mutant.append(b"A" * chance.choice((1 << 10, 1 << 20))))
    else:
        span = mutant.span(name)
        mutant.content[span.start : span.stop] = b"A" * len(span)


def _unwind_table(chance: random.Random, mutant: _Mutant) -> None:
    """Damage lengths and pointers of the unwind table, or replace it by an invented one."""
    if ".eh_frame" not in mutant.sections:
        return
    span = mutant.span(".eh_frame")
    if chance.random() < 0.5 and len(span) > 8:
        for _ in range(chance.randint(1, 8)):
            at = span.start + 4 * chance.randrange(len(span) // 4 - 1)
            value = chance.choice((*_NUMBERS, at - span.start, chance.randrange(400))) % (1 << 32)
            struct.pack_into("<I", mutant.content, at, value)
        return
    # One entry for all of the code, or many entries with a common part each.
    common = struct.pack("<IIB3sBBBB", 20, 0, 1, b"zR\0", 1, 0x78, 16, 1) + b"\x1b" + bytes(7)
    entries = b""
    for _ in range(chance.choice((1, 50, 4000))):
        back = chance.choice((len(entries) + len(common) + 4, 4, 24, chance.randrange(64)))
        entries += struct.pack("<IIiIB", 20, back, chance.randrange(-4096, 4096), 1 << 30, 0) + bytes(7)
    data = common + entries
    mutant.put(".eh_frame", offset=mutant.append(data), size=len(data), type=1)


def _compressed(chance: random.Random, mutant: _Mutant) -> None:
    """Mark a section as compressed; it may unpack to gigabytes."""
    read = (".GCC.command.line", ".comment", ".eh_frame", ".text", ".symtab", ".debug_info")
    name = chance.choice([name for name in read if name in mutant.sections] or sorted(mutant.sections))
    claimed = chance.choice((*_NUMBERS, _BOMB_BYTES, 100))
    data = chance.choice((mutant.bomb, zlib.compress(b"x" * 100), b"nothing compressed"))
    header = struct.pack("<IIQQ", chance.choice((1, 1, 1, 2, 77)), 0, claimed, 1)
    at = mutant.append(header + data)
    flags = mutant.get(name, "flags") | _COMPRESSED
    mutant.put(name, offset=at, size=len(header) + len(data), flags=flags)


def _many_sections(chance: random.Random, mutant: _Mutant) -> None:
    """Replace the section headers by many headers of code as large as the file, or by copies."""
    old = [bytes(mutant.content[at : at + _SECTION.size]) for at in sorted(mutant.sections.values())]
    whole = _SECTION.pack(1, 1, _EXECUTED, 0x1000, 0, len(mutant.content), 0, 0, 1, 0)
    more = [chance.choice((whole, chance.choice(old)))] * chance.choice((1, 100, 20_000))
    at = mutant.append(b"".join((*old, *more)))
    struct.pack_into("<Q", mutant.content, 40, at)
    count = len(old) + len(more)
    if chance.random() < 0.3:
        # A number that is too large for its field is in the first header.
        struct.pack_into("<Q", mutant.content, at + 32, chance.choice((count, 1 << 40)))
        count = 0
    struct.pack_into("<H", mutant.content, 60, count)


_STRUCTURAL: Final[tuple[Callable[[random.Random, _Mutant], None], ...]] = (
    *(_file_header, _section_header, _section_header, _symbols, _many_symbols),
    *(_unended_strings, _unwind_table, _unwind_table, _compressed, _many_sections),
)
_BLIND: Final = (flip, flip, truncate, repeat, delete)
