"""ELF files that say more of themselves than they can hold; each once took minutes, or gigabytes."""

from __future__ import annotations

import random
import struct
import time
import zlib
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.base.process import check
from pytest_rtopt.evidence.elf.functions import base_name
from pytest_rtopt.evidence.elf.image import linker_of, read_elf
from tests.support.evidence_builds import compile_c

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECTION = struct.Struct("<IIQQQQIIQQ")
SYMBOL = struct.Struct("<IBBHQQ")
ADDRESS, OFFSET, SIZE, ENTRY_SIZE, FLAGS = 3, 4, 5, 9, 2


class Patched:
    """A program whose section headers are changed one by one."""

    def __init__(self, content: bytes) -> None:
        self.content = bytearray(content)
        self.table = struct.unpack_from("<Q", content, 40)[0]
        self.count = struct.unpack_from("<H", content, 60)[0]
        strings = self.header(struct.unpack_from("<H", content, 62)[0])[OFFSET]
        self.numbers = {}
        for number in range(self.count):
            start = strings + self.header(number)[0]
            self.numbers[content[start : content.index(b"\0", start)].decode()] = number

    def header(self, number: int) -> tuple[int, ...]:
        return SECTION.unpack_from(self.content, self.table + SECTION.size * number)

    def put(self, name: str, **fields: int) -> None:
        """Change fields of a section's header, which are named by the constants above in lower case."""
        values = list(self.header(self.numbers[name]))
        for field, value in fields.items():
            values[globals()[field.upper()]] = value
        SECTION.pack_into(self.content, self.table + SECTION.size * self.numbers[name], *values)

    def replace(self, name: str, data: bytes, **fields: int) -> None:
        """Let the section `name` be `data`, which is put at the end of the file."""
        self.put(name, offset=len(self.content), size=len(data), **fields)
        self.content += data


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return compile_c(tmp_path_factory.mktemp("limits") / "program", "-frecord-gcc-switches").read_bytes()


def refusal(patched: Patched, directory: Path, read: Callable[[Path], object] = read_elf) -> str:
    """Return the error that the file gives, which has to come at once."""
    file = directory / "patched"
    file.write_bytes(patched.content)
    started = time.process_time()
    with pytest.raises(EvidenceError) as caught:
        read(file)
    assert time.process_time() - started < 3
    return str(caught.value)


def symbols(patched: Patched, count: int, size: int) -> bytes:
    """Return a symbol table of functions that begin at every byte of the code and have `size` bytes."""
    number = patched.numbers[".text"]
    header = patched.header(number)
    return b"".join(
        SYMBOL.pack(1, 0x12, 0, number, header[ADDRESS] + index % header[SIZE], size)
        for index in range(count)
    )


def test_functions_that_are_all_the_code_each(content: bytes, tmp_path: Path) -> None:
    """They once were all decoded: the square of their number."""
    patched = Patched(content)
    patched.replace(".symtab", symbols(patched, 200, 1 << 40))
    assert "its functions have" in refusal(patched, tmp_path)


def test_functions_that_share_an_end_are_read(content: bytes, tmp_path: Path) -> None:
    """As in assembly, where an entry leads into the middle of another function."""
    patched = Patched(content)
    patched.replace(".symtab", symbols(patched, 3, 60))
    (tmp_path / "patched").write_bytes(patched.content)
    assert [function.size for function in read_elf(tmp_path / "patched").functions] == [60, 60, 60]


def test_code_sections_that_are_all_the_file_each(content: bytes, tmp_path: Path) -> None:
    """Twenty thousand headers of one section once made twenty thousand copies of it."""
    patched = Patched(content)
    old = bytes(patched.content[patched.table : patched.table + SECTION.size * patched.count])
    more = SECTION.pack(1, 1, 6, 4096, 0, len(content), 0, 0, 1, 0)
    struct.pack_into("<Q", patched.content, 40, len(patched.content))
    struct.pack_into("<H", patched.content, 60, patched.count + 20_000)
    patched.content += old + more * 20_000
    assert f"it claims to have {patched.count + 20_000} sections" in refusal(patched, tmp_path)
    struct.pack_into("<H", patched.content, 60, patched.count + 9_000)
    assert "overlaps others or ends beyond the file" in refusal(patched, tmp_path)


@pytest.mark.parametrize("table", [".symtab", ".dynsym"])
def test_names_without_an_end(table: str, content: bytes, tmp_path: Path) -> None:
    """Each name once was all the rest of the file."""
    patched = Patched(content)
    strings = {".symtab": ".strtab", ".dynsym": ".dynstr"}[table]
    patched.replace(strings, b"A" * (1 << 20) + b"\0")
    patched.replace(table, symbols(patched, 1000, 1))
    assert f"the names in {table} are longer than the file" in refusal(patched, tmp_path)


@pytest.mark.parametrize("read", [read_elf, linker_of])
def test_section_names_without_an_end(read: Callable[[Path], object], content: bytes, tmp_path: Path) -> None:
    patched = Patched(content)
    patched.replace(".shstrtab", b"A" * (1 << 20) + b"\0")
    assert "the names of its sections are longer than the file" in refusal(patched, tmp_path, read)


def test_symbols_that_overlap_each_other(content: bytes, tmp_path: Path) -> None:
    """Entries of one byte once made a symbol of every byte."""
    patched = Patched(content)
    patched.put(".symtab", entry_size=1)
    assert "the entries of .symtab have 1 bytes instead of 24" in refusal(patched, tmp_path)


@pytest.mark.parametrize("said", [1 << 31, 0])
@pytest.mark.parametrize(
    ("name", "read", "words"),
    [
        (".text", read_elf, "is compressed code"),
        (".GCC.command.line", read_elf, "claims to unpack to {} bytes"),
        (".comment", linker_of, "claims to unpack to {} bytes"),
    ],
)
def test_a_section_that_unpacks_to_gigabytes(  # noqa: PLR0913, PLR0917  # cases and fixtures
    said: int, name: str, read: Callable[[Path], object], words: str, content: bytes, tmp_path: Path
) -> None:
    """One that said 0 bytes was unpacked without any limit: that is what 0 means to zlib."""
    patched = Patched(content)
    header = struct.pack("<IIQQ", 1, 0, said, 1)
    flags = patched.header(patched.numbers[name])[FLAGS] | 0x800
    patched.replace(name, header + zlib.compress(bytes(1 << 20)), flags=flags)
    assert words.format(said) in refusal(patched, tmp_path, read)


@pytest.mark.parametrize("zipped", ["zlib", "zlib-gnu"])
def test_debug_information_is_not_unpacked(zipped: str, tmp_path: Path) -> None:
    """The unwind table once was read together with all of `.debug_*`, which nobody asked for."""
    program = compile_c(tmp_path / "program", "-g", f"-gz={zipped}")
    check(["objcopy", "--strip-symbol=main", "--wildcard", "--strip-symbol=*", str(program)], timeout=60)
    patched = Patched(program.read_bytes())
    (name,) = (name for name in patched.numbers if name in (".debug_info", ".zdebug_info"))
    start = patched.header(patched.numbers[name])[OFFSET] + 24
    patched.content[start : start + 20] = b"\xff" * 20
    (tmp_path / "patched").write_bytes(patched.content)
    assert read_elf(tmp_path / "patched").functions


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([(20, 100)], "refers to a common part that does not exist"),
        ([(20, 4)] * 3, "refers to a common part that does not exist"),
        ([(0xFFFFFFFF, 0)], "more than 4 GB"),
    ],
)
def test_an_unwind_table_whose_parts_refer_to_anything(
    parts: list[tuple[int, int]], words: str, content: bytes, tmp_path: Path
) -> None:
    """A table whose every function has a common part of its own took the square of its length."""
    bare = tmp_path / "bare"
    bare.write_bytes(content)
    check(["strip", "-s", str(bare)], timeout=60)
    patched = Patched(bare.read_bytes())
    patched.replace(".eh_frame", b"".join(struct.pack("<II16x", *part) for part in parts))
    assert words in refusal(patched, tmp_path)


@pytest.mark.parametrize("name", ["f" + ".cold" * 200_000 + "x", "_R" + "Cs" * 500_000, "f" + ".part.1" * 99])
def test_long_names_take_little_time(name: str) -> None:
    """The suffixes of passes, and the hashes of crates, once were looked for at every beginning."""
    started = time.process_time()
    assert base_name(name) in (name, "f")
    assert time.process_time() - started < 1


@pytest.mark.parametrize("seed", range(8))
def test_names_of_every_length_lose_their_suffixes(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # repeatable, and no secret
    name = "f" * chance.choice((1, 10, 995, 1000, 5000))
    suffixes = "".join(chance.choices((".cold", ".part.7", ".isra.0", ".lto_priv.3"), k=chance.randint(1, 9)))
    assert base_name(name + suffixes) == name
