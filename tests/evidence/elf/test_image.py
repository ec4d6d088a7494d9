"""Reading ELF files, whole and damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.base.process import check
from pytest_rtopt.evidence.elf.functions import FunctionSource
from pytest_rtopt.evidence.elf.image import elf_files, is_elf, linker_of, read_elf
from pytest_rtopt.evidence.elf.switches import parse_switches
from tests.support.evidence_builds import PROGRAM, compile_c, train_c

if TYPE_CHECKING:
    from pathlib import Path

# A branch that a profile shows never to be taken is split off as `work.cold`.
TRAINED = r"""
#include <stdio.h>
#include <stdlib.h>
__attribute__((noinline)) int work(int x) {
  if (x < 0) { puts("negative"); fprintf(stderr, "%d", x); abort(); }
  return x * 3;
}
int main(void) {
  int sum = 0;
  for (int i = 0; i < 1000; i++) sum += work(i);
  return sum == 0;
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_c(tmp_path_factory.mktemp("elf") / "program", "-frecord-gcc-switches", "-march=x86-64-v2")


@pytest.fixture(scope="module")
def content(program: Path) -> bytes:
    return program.read_bytes()


def test_a_program_tells_its_functions_and_switches(program: Path) -> None:
    image = read_elf(program)
    assert image.machine == "x86-64"
    assert image.function_source is FunctionSource.SYMBOLS
    functions = {function.name: function for function in image.functions}
    assert functions.keys() >= {"dot", "shift", "plain", "add_avx2", "main", "_start"}
    plain = functions["plain"]
    code = image.executable[plain.section].data[plain.offset : plain.offset + plain.size]
    assert code.endswith(b"\x8d\x47\x01\xc3")  # lea eax, [rdi+1]; ret
    assert parse_switches(image.switches).march() == {"x86-64-v2"}
    assert image.profiling_symbols == ()


def test_functions_of_a_stripped_program_come_from_the_unwind_table(program: Path, tmp_path: Path) -> None:
    stripped = tmp_path / "stripped"
    check(["strip", "-s", "-o", str(stripped), str(program)], timeout=60)
    image = read_elf(stripped)
    assert image.function_source is FunctionSource.UNWIND
    whole = {(f.offset, f.size) for f in read_elf(program).functions if f.name in ("dot", "shift", "main")}
    assert whole <= {(function.offset, function.size) for function in image.functions}
    assert {function.name for function in image.functions} == {""}
    assert parse_switches(image.switches).march() == {"x86-64-v2"}


def test_without_symbols_and_unwind_table_no_function_is_made_up(tmp_path: Path) -> None:
    source = "void _start(void) { for (;;) { } }"
    flags = ("-nostdlib", "-static", "-fno-asynchronous-unwind-tables", "-s")
    image = read_elf(compile_c(tmp_path / "bare", *flags, source=source))
    assert image.functions == ()
    assert image.function_source is FunctionSource.NONE


def test_functions_of_an_object_file_are_found_in_sections_of_their_own(tmp_path: Path) -> None:
    image = read_elf(compile_c(tmp_path / "object.o", "-c", "-ffunction-sections"))
    named = {function.name: image.executable[function.section].name for function in image.functions}
    assert named["dot"] == ".text.dot"
    assert named["shift"] == ".text.shift"


def test_instrumentation_is_seen_and_gone_when_the_profile_is_used(tmp_path: Path) -> None:
    training, trained = map(read_elf, train_c(tmp_path, TRAINED))
    assert training.profiling_symbols != ()
    assert trained.profiling_symbols == ()
    assert trained.cold_functions == 1


@pytest.mark.parametrize("unused", [1, 40])
def test_a_function_of_which_most_is_cold_is_told_apart(tmp_path: Path, unused: int) -> None:
    """CPython's loop had 340 bytes where code that runs is, and 83,476 where code is that hardly does."""
    used, rest = (
        " ".join(f"seen[{number}] += n / {number + 3};" for number in range(lines))
        for lines in (41 - unused, unused)
    )
    source = (
        f"static volatile int seen[40]; __attribute__((noipa)) int loop(int n) {{ {used} "
        f"if (n < 9) return seen[0]; {rest} return 1; }} "
        "int main(int argc, char **argv) { (void)argv; return loop(argc) == 100; }"
    )
    _, trained = train_c(tmp_path, source)
    image = read_elf(trained)
    assert image.cold_functions == 1
    assert set(image.cold_shares) == ({"loop"} if unused == 40 else set())
    assert all(0.5 < share < 1 for share in image.cold_shares.values())


def test_a_symbol_without_code_is_no_cold_part(tmp_path: Path) -> None:
    """Names that the linker was told to define once passed for parts of functions, and so for a profile."""
    names = (f"-Wl,--defsym=f{number}.cold=0" for number in range(20))
    assert read_elf(compile_c(tmp_path / "named", *names)).cold_functions == 0


def test_only_regular_elf_files_are_listed(program: Path, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "b").write_bytes(program.read_bytes())
    (tmp_path / "a").write_bytes(program.read_bytes())
    (tmp_path / "link").symlink_to(program)
    (tmp_path / "directory-link").symlink_to(tmp_path / "lib")
    (tmp_path / "script").write_text("#!/bin/sh\n")
    (tmp_path / "short").write_bytes(b"\x7fE")
    assert elf_files(tmp_path) == (tmp_path / "a", tmp_path / "lib" / "b")
    assert elf_files(tmp_path / "a") == (tmp_path / "a",)
    assert elf_files(tmp_path / "script") == ()
    assert not is_elf(tmp_path / "absent")


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="absent does not exist"):
        elf_files(tmp_path / "absent")
    with pytest.raises(EvidenceError, match="absent cannot be read"):
        read_elf(tmp_path / "absent")


def test_another_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text(PROGRAM)
    with pytest.raises(EvidenceError, match="script is not an ELF file"):
        read_elf(script)


def test_a_code_section_that_ends_beyond_the_file_is_an_error(content: bytes, tmp_path: Path) -> None:
    damaged = bytearray(content)
    table = int.from_bytes(content[0x28:0x30], "little")  # e_shoff
    count = int.from_bytes(content[0x3C:0x3E], "little")  # e_shnum
    for number in range(count):
        header = table + 64 * number
        if damaged[header + 8] & 0x4:  # SHF_EXECINSTR
            damaged[header + 0x20 : header + 0x28] = (1 << 40).to_bytes(8, "little")  # sh_size
    (tmp_path / "damaged").write_bytes(damaged)
    with pytest.raises(EvidenceError, match=r"damaged is a damaged ELF file .*beyond the file"):
        read_elf(tmp_path / "damaged")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(content: bytes, tmp_path: Path, data: st.DataObject) -> None:
    damaged = bytearray(content)
    headers = int.from_bytes(content[0x28:0x30], "little")
    # Most bytes are code, which cannot hurt; the file header and the section headers are where it matters.
    place = st.one_of(
        st.integers(0, 63), st.integers(headers, len(content) - 1), st.integers(0, len(content) - 1)
    )
    for at, value in data.draw(st.lists(st.tuples(place, st.integers(0, 255)), max_size=8)):
        damaged[at] = value
    length = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    file = tmp_path / "mutant"
    file.write_bytes(damaged[:length])
    try:
        image = read_elf(file)
    except EvidenceError as error:
        assert str(file) in str(error)  # noqa: PT017  # both outcomes are right; only their form is checked
    else:
        for function in image.functions:
            assert 0 < function.size <= len(image.executable[function.section].data) - function.offset


def test_what_a_library_imports_is_read(tmp_path: Path) -> None:
    source = "extern _Thread_local int state; int read(void) { return state; }"
    dynamic = compile_c(tmp_path / "called.so", "-shared", "-fPIC", source=source)
    static = compile_c(tmp_path / "direct.so", "-shared", "-fPIC", "-ftls-model=initial-exec", source=source)
    assert "__tls_get_addr" in read_elf(dynamic).imports
    assert "__tls_get_addr" not in read_elf(static).imports
    assert "state" in read_elf(static).imports


@pytest.mark.parametrize("linker", ["bfd", "gold"])
def test_the_linker_is_told(linker: str, tmp_path: Path) -> None:
    program = compile_c(tmp_path / "program", f"-fuse-ld={linker}")
    assert linker_of(program) == linker


def test_the_linker_of_what_is_no_program_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text")
    with pytest.raises(EvidenceError, match="damaged"):
        linker_of(tmp_path / "text")
    with pytest.raises(EvidenceError, match="cannot be read"):
        linker_of(tmp_path / "nothing")
