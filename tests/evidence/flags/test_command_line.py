"""What each word of a command line is, checked against what the compiler itself makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base import process
from pytest_rtopt.evidence.flags.command_line import CommandLine, read_command_line
from pytest_rtopt.evidence.log.effective_flags import LEVEL, MARCH, TUNING

if TYPE_CHECKING:
    from pathlib import Path


def read(line: str) -> CommandLine:
    """Read a command line whose words have no blanks."""
    return read_command_line(tuple(line.split()))


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        ("-Wl,-O1,--as-needed", "linker", ("-O1", "--as-needed")),
        ("-Xlinker -O2 -Xlinker --gc-sections", "linker", ("-O2", "--gc-sections")),
        ("-z relro -u main -T script", "linker", ("-z", "relro", "-u", "main", "-T", "script")),
        ("-Wa,-march=skylake", "assembler", ("-march=skylake",)),
        ("-Xassembler -O2", "assembler", ("-O2",)),
        ("-Wp,-DX,-O2", "preprocessor", ("-DX", "-O2")),
        ("-Xpreprocessor -O2", "preprocessor", ("-O2",)),
        ("-Xclang -O3 -mllvm -inline-threshold=9", "frontend", ("-O3", "-inline-threshold=9")),
        ("-Xarch_x86_64 -O3", "frontend", ("-O3",)),
        ("-o -O3 -DX=-O1 -D Y=-O2", "arguments", (("-o", "-O3"), ("-D", "X=-O1"), ("-D", "Y=-O2"))),
        ("-include -march=x --param a=b", "arguments", (("-include", "-march=x"), ("--param", "a=b"))),
        ("@flags.rsp -specs=a --config b", "files", ("@flags.rsp", "a", "b")),
        ("a.c b.o - -- -O3", "inputs", ("a.c", "b.o", "-", "-O3")),
    ],
)
def test_a_word_for_another_tool_is_no_option_of_the_compiler(
    line: str, field: str, words: tuple[object, ...]
) -> None:
    found = read(line)
    assert getattr(found, field) == words
    assert found.options == ()


def test_a_quoted_definition_is_one_word() -> None:
    found = read_command_line(("-DCONFIG=-O3 -march=skylake", "-O2"))
    assert found.options == ("-O2",)
    assert found.arguments == (("-D", "CONFIG=-O3 -march=skylake"),)


# Command lines that look like another level, architecture or tuning than the one that GCC takes from them.
TRICKY = (
    "-O",
    "-O -O2",
    "-O2 -O",
    "-O3 -Og",
    "-Ofast -O1",
    "-O9",
    "-O03",
    "-O33",
    "-Oz",
    "-Og -Oz",
    "--optimize",
    "--optimize=3",
    "-O2 --optimize=1",
    "-O1 -Wa,-O3",
    "-O1 -Wa,-O3,-march=skylake",
    "-O1 -Xassembler -O3",
    "-O1 -Wp,-O3",
    "-Wp,-O3",
    "-Wp,-O3,-march=skylake",
    "-Xpreprocessor -O3",
    "-Xpreprocessor -march=skylake -march=haswell",
    "-O1 -o -O3",
    "-o -c -O3",
    "-O1 -D -O3",
    "-O1 -DX=-O3",
    "-O1 -U -O3",
    "-O1 -I -O3",
    "-O1 -I-O3",
    "-O1 -L -march=skylake",
    "-O1 -B -O3",
    "-O1 -A -O3",
    "-O1 -include -O3",
    "-O1 -imacros -O3",
    "-O1 -isystem -O3",
    "-O1 -idirafter -O3",
    "-O1 -iquote -O3",
    "-O1 -isysroot -O3",
    "-O1 -iprefix -O3",
    "-O1 -iwithprefix -O3",
    "-O1 -iwithprefixbefore -O3",
    "-O1 -imultilib -O3",
    "-O1 -MF -O3",
    "-O1 -MT -O3",
    "-O1 -MQ -O3",
    "-O1 -MD -O3",
    "-O1 -MMD -O3",
    "-O1 -x -O3",
    "-O1 -aux-info -O3",
    "-O1 -dumpbase -O3",
    "-O1 -dumpbase-ext -O3",
    "-O1 -dumpdir -O3",
    "-O1 --param max-inline-insns-single=9 -O3",
    "-O1 --param=max-inline-insns-single=9 -O3",
    "-O1 -z -O3",
    "-O1 -u -O3",
    "-O1 -T -O3",
    "-O1 -Tbss -O3",
    "-O1 -Tdata -O3",
    "-O1 -Ttext -O3",
    "-O1 -e -O3",
    "-O1 -h -O3",
    "-O1 -R -O3",
    "-O1 -F -O3",
    "-O1 --sysroot -O3",
    "-O1 --sysroot=/ -O3",
    "-O1 --output -O3",
    "-O1 --language -O3",
    "-O1 --include -O3",
    "-O1 --imacros -O3",
    "-O1 --define-macro -O3",
    "-O1 --undefine-macro -O3",
    "-O1 --include-directory -O3",
    "-O1 --library-directory -O3",
    "-O1 --assert -O3",
    "-O1 --entry -O3",
    "-O1 --force-link -O3",
    "-O1 --prefix -O3",
    "-O1 -undef -O3",
    "-O1 -W -O3",
    "-O1 -N -O3",
    "-O1 -n -O3",
    "-march=skylake -march=haswell",
    "-march=haswell -Wa,-march=skylake",
    "-march=haswell -DX=-march=skylake",
    "-march=haswell -D -march=skylake",
    "-march=haswell -MF -march=skylake",
    "-march=haswell -o -march=skylake",
    "-march=haswell -mtune=skylake",
    "-march=haswell -DX=-mtune=skylake",
    "-mcpu=skylake -march=haswell",
)
LEVELS = ("", "-O1", "-O2", "-O3", "-Os", "-Oz", "-Og", "-Ofast")


def gcc_settings(kind: str, words: tuple[str, ...], place: Path) -> str:
    """Return what GCC prints of its options under `words`, those of one kind."""
    surroundings = process.Surroundings(cwd=place)
    argv = ("gcc", "-Q", f"--help={kind}", *words)
    return process.run(argv, timeout=60, surroundings=surroundings).text


@pytest.mark.parametrize("line", TRICKY)
def test_gcc_takes_the_level_that_is_read(line: str, tmp_path: Path) -> None:
    words = tuple(line.split())
    level = LEVEL.pick(read_command_line(words).compiling)
    expected = gcc_settings("optimizers", () if level is None else (level,), tmp_path)
    # What `--param` was given is listed by its name.
    assert without_parameters(gcc_settings("optimizers", words, tmp_path)) == without_parameters(expected)


def without_parameters(text: str) -> list[str]:
    """Return the lines of GCC's list but for those of its parameters."""
    return [line for line in text.splitlines() if "--param" not in line]


@pytest.mark.parametrize("line", [line for line in TRICKY if "-m" in line])
def test_gcc_takes_the_architecture_that_is_read(line: str, tmp_path: Path) -> None:
    words = tuple(line.split())
    compiling = read_command_line(words).compiling
    settings = dict(
        pair
        for row in gcc_settings("target", words, tmp_path).splitlines()
        if len(pair := row.split(maxsplit=1)) == 2
    )
    assert MARCH.pick(compiling) in {f"-march={settings['-march=']}", None}
    assert TUNING.pick(compiling) in {f"-mtune={settings['-mtune=']}", None}


def test_the_table_tells_each_level_from_the_others(tmp_path: Path) -> None:
    """Without a difference between the levels, the test above could not fail."""
    told = {level: gcc_settings("optimizers", tuple(level.split()), tmp_path) for level in LEVELS}
    # To GCC 12, -Oz is -Os to all but the choice of instructions.
    assert len(set(told.values())) == len(LEVELS) - (told["-Os"] == told["-Oz"])


@pytest.mark.parametrize(
    ("line", "tool"),
    [
        ("-Wl,-O3 x.o", "collect2"),
        ("-Xlinker -O3 x.o", "collect2"),
        ("-z -O3 x.o", "collect2"),
        ("-Wa,-O3 -c x.c", "as"),
        ("-Xassembler -O3 -c x.c", "as"),
    ],
)
def test_gcc_hands_the_words_on_that_are_read_so(line: str, tool: str, tmp_path: Path) -> None:
    (tmp_path / "x.c").touch()
    (tmp_path / "x.o").touch()
    argv = ("gcc", "-###", *line.split())
    # GCC 12 on other languages' messages prints the same commands.
    shown = process.run(argv, timeout=60, surroundings=process.Surroundings(cwd=tmp_path)).error_text
    with_word = [
        row.split()[0].rpartition("/")[2] for row in shown.splitlines() if row[:1] == " " and "-O3" in row
    ]
    assert with_word == [tool]
    found = read(line)
    assert "-O3" not in found.options
    assert "-O3" in (*found.linker, *found.assembler)


# Pieces of command lines: the words, and what each field has of them.
PIECES = st.sampled_from(
    [
        (("-O3",), {"options": ("-O3",)}),
        (("-march=skylake",), {"options": ("-march=skylake",)}),
        (("-c",), {"options": ("-c",)}),
        (("-o", "-O3"), {"arguments": (("-o", "-O3"),)}),
        (("-DX=-O2",), {"arguments": (("-D", "X=-O2"),)}),
        (("-D", "@x"), {"arguments": (("-D", "@x"),)}),
        (("-Wl,-O1,-O2",), {"linker": ("-O1", "-O2")}),
        (("-Xlinker", "-o"), {"linker": ("-o",)}),
        (("-z", "-Xlinker"), {"linker": ("-z", "-Xlinker")}),
        (("-Xassembler", "--"), {"assembler": ("--",)}),
        (("-Xclang", "-Wl,-O1"), {"frontend": ("-Wl,-O1",)}),
        (("-Wp,-O2",), {"preprocessor": ("-O2",)}),
        (("a.c",), {"inputs": ("a.c",)}),
        (("-",), {"inputs": ("-",)}),
        (("@x",), {"files": ("@x",)}),
        (("-specs=a",), {"files": ("a",), "arguments": (("-specs", "a"),)}),
    ]
)
FIELDS = ("options", "arguments", "inputs", "linker", "assembler", "preprocessor", "frontend", "files")


@given(st.lists(PIECES))
def test_each_word_is_read_once_and_in_its_order(
    pieces: list[tuple[tuple[str, ...], dict[str, tuple[object, ...]]]],
) -> None:
    found = read_command_line(tuple(word for words, _ in pieces for word in words))
    for field in FIELDS:
        assert getattr(found, field) == tuple(part for _, parts in pieces for part in parts.get(field, ()))


@given(st.lists(st.text(alphabet="-OXDWlpm=,@ao1", max_size=6)).map(tuple))
def test_any_words_are_read(words: tuple[str, ...]) -> None:
    found = read_command_line(words)
    assert set(found.inputs) <= set(words)
    assert {option for option in found.options if not option.startswith("-O")} <= set(words)
