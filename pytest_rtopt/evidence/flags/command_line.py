"""What each word of a compiler's command line is: an option, an argument, or a word for another tool.

A driver such as `gcc` or `clang` runs a preprocessor, a compiler, an assembler and a linker. `-Wl,-O1` sets a
level of the linker, and `-o -O1` names a file: neither is an optimization level of the compiler.

The grammar is that of the GCC manual ("Option Summary", "Overall Options", "Preprocessor Options",
"Assembler Options", "Link Options", "Directory Options"). GCC's `common.opt`, `c.opt` and `gcc.cc` list the
options that take a separate argument. Those of Clang are from its "Command Line Argument Reference". The
tests ask GCC itself.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Options that hand the next word to another tool, and the tool.
_HANDS_ON_NEXT: Final = {
    "-Xlinker": "linker",
    "--for-linker": "linker",
    "-Xassembler": "assembler",
    "--for-assembler": "assembler",
    "-Xpreprocessor": "preprocessor",
    "-Xclang": "frontend",
    "-mllvm": "frontend",
    "-Xanalyzer": "frontend",
    # These are the linker's own; GCC passes them on with their argument.
    "-z": "linker",
    "-u": "linker",
    "-T": "linker",
}
# Options that hand on what follows the comma, and the tool.
_HANDS_ON_LIST: Final = {
    "-Wl,": "linker",
    "--for-linker=": "linker",
    "-Wa,": "assembler",
    "--for-assembler=": "assembler",
    "-Wp,": "preprocessor",
    "-Xclang=": "frontend",
}
# Options of Clang whose next word is for one of several machines or tools.
_HANDS_ON_FOR_ONE: Final = re.compile(r"-X(?:arch_\S+|openmp-target(?:=\S+)?|cuda-\S+|thinlto\S*)$")
# Options whose next word is an argument, whatever it looks like.
_TAKES_NEXT: Final = frozenset(
    (
        *("-o", "--output", "-x", "--language", "-e", "--entry", "-h", "-R", "-F", "-J"),
        *("-D", "--define-macro", "-U", "--undefine-macro", "-A", "--assert"),
        *("-I", "--include-directory", "-L", "--library-directory", "-l", "-B", "--prefix"),
        *("-include", "--include", "-imacros", "--imacros", "-include-pch", "-ivfsoverlay"),
        *("-idirafter", "-iframework", "-imultilib", "-iprefix", "-iquote", "-isysroot"),
        *("-isystem", "-isystem-after", "-cxx-isystem", "-iwithprefix", "-iwithprefixbefore"),
        *("-MF", "-MQ", "-MT", "-aux-info", "-dumpbase", "--dumpbase", "-dumpbase-ext", "-dumpdir"),
        *("--param", "-specs", "--specs", "--sysroot", "-wrapper", "--config", "--force-link"),
        *("-Tbss", "-Tdata", "-Ttext", "-target", "--target", "-arch", "-framework", "-working-directory"),
        *("--serialize-diagnostics", "-serialize-diagnostics"),
    )
)
# Options whose argument may follow without a blank, and may look like a flag.
_TAKES_JOINED: Final = ("-D", "-U", "-A", "-I", "-L", "-l")
# Options that read more options from a file.
_READS_FILE: Final = ("-specs", "--specs", "--config")
_OPTIMIZE: Final = "--optimize"
# What GCC's driver passes to the compiler on x86-64 even where nobody names it.
_DRIVER_STATES: Final = ("-march=", "-mtune=", "-mcpu=")


@dataclass(frozen=True)
class CommandLine:
    """The words of a command line by what they are; each field keeps the order of the command line.

    `options` are the driver's own and take no free argument: `-O2`, `-march=skylake`, `-c`. `arguments` are
    options with the argument that they take: `("-o", "name")`, `("-D", "X=-O1")`. `inputs` are files to
    compile or link. `own` are options and inputs in their common order. `linker`, `assembler`, `preprocessor`
    and `frontend` (Clang's `-Xclang` and `-mllvm`) are the words that the driver hands on. `files` are those
    that more options come from: `@file`, `-specs=file`.
    """

    options: tuple[str, ...]
    arguments: tuple[tuple[str, str], ...] = ()
    inputs: tuple[str, ...] = ()
    linker: tuple[str, ...] = ()
    assembler: tuple[str, ...] = ()
    preprocessor: tuple[str, ...] = ()
    frontend: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    @property
    def compiling(self) -> tuple[str, ...]:
        """The options that compile, in the order in which they count.

        GCC's preprocessor is a part of its compiler, `cc1`, which gets the words of `-Wp,` and
        `-Xpreprocessor` before the driver's own: `gcc -Wp,-O3` does compile with -O3, and `gcc -Wp,-O3 -O1`
        with -O1. An architecture there counts for nothing, since the driver writes its own behind it.
        """
        if not self.preprocessor:
            return self.options
        counting = [word for word in self.preprocessor if not word.startswith(_DRIVER_STATES)]
        return (*counting, *self.options)


@dataclass
class _Words:
    """The words that were read so far, by the names of the fields of `CommandLine`."""

    own: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    arguments: list[tuple[str, str]] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    handed_on: dict[str, list[str]] = field(default_factory=dict)

    def hand_on(self, tool: str, words: Iterable[str]) -> None:
        """Add words for `tool`."""
        self.handed_on.setdefault(tool, []).extend(words)

    def take(self, option: str, argument: str) -> None:
        """Add an option with its argument."""
        if option in _READS_FILE:
            self.files.append(argument)
        self.arguments.append((option, argument))

    def option(self, word: str) -> None:
        """Add an option without an argument."""
        self.options.append(word)
        self.own.append(word)

    def input(self, word: str) -> None:
        """Add a file to compile or link."""
        self.inputs.append(word)
        self.own.append(word)

    def result(self) -> CommandLine:
        """Return all that was read."""
        named = {tool: tuple(words) for tool, words in self.handed_on.items()}
        return CommandLine(
            options=tuple(self.options),
            arguments=tuple(self.arguments),
            inputs=tuple(self.inputs),
            files=tuple(self.files),
            own=tuple(self.own),
            **named,
        )


# The same words are asked about once for each group of options; a large log has some thousand command lines.
@functools.lru_cache(maxsize=8192)
def read_command_line(words: tuple[str, ...]) -> CommandLine:
    """Tell the words behind the compiler's name apart. They are without the shell's quotes.

    An option at the end that lacks its argument is one of the driver's own.
    """
    read = _Words()
    remaining = iter(words)
    for word in remaining:
        if word[:1] != "-" or word == "-":
            if word[:1] == "@":
                read.files.append(word)
            else:
                read.input(word)
        elif word == "--":
            # Clang's end of options.
            for name in remaining:
                read.input(name)
        elif word in _TAKES_NEXT or word in _HANDS_ON_NEXT or word.startswith("-X"):
            _with_next(read, word, remaining)
        else:
            _joined(read, word)
    return read.result()


def _with_next(read: _Words, word: str, remaining: Iterable[str]) -> None:
    """Read an option whose argument is the next word."""
    tool = _HANDS_ON_NEXT.get(word)
    if tool is None and _HANDS_ON_FOR_ONE.match(word) is not None:
        tool = "frontend"
    if tool is None and word not in _TAKES_NEXT:
        _joined(read, word)
        return
    argument = next(iter(remaining), None)
    if argument is None:
        read.option(word)
    elif tool is None:
        read.take(word, argument)
    else:
        # `-z relro` is two words of the linker's, `-Xlinker --gc-sections` is one.
        read.hand_on(tool, (argument,) if word.startswith(("-X", "--", "-mllvm")) else (word, argument))


def _joined(read: _Words, word: str) -> None:
    """Read an option that is one word."""
    for prefix, tool in _HANDS_ON_LIST.items():
        if word.startswith(prefix):
            read.hand_on(tool, [part for part in word[len(prefix) :].split(",") if part])
            return
    if word.startswith(_TAKES_JOINED):
        read.take(word[:2], word[2:])
        return
    name, equals, value = word.partition("=")
    if equals and name in _READS_FILE:
        read.take(name, value)
    elif name == _OPTIMIZE:
        # GCC's long form of -O.
        read.option(f"-O{value}")
    else:
        read.option(word)
