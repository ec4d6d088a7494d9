"""Calls of compilers in the lines of a build log.

Two forms are read. With NIX_DEBUG=1 the wrappers of nixpkgs print every call with the flags that they add
(`wrapper_reports`). Without it, the log has the command lines that make, ninja, libtool, cargo, `go build -x`
and others echo. What the wrapper adds to those is known from the derivation only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.flags.command_line import read_command_line
from pytest_rtopt.evidence.log.words import commands_of
from pytest_rtopt.evidence.log.wrapper_reports import ReportReader

if TYPE_CHECKING:
    from collections.abc import Sequence

_C: Final = re.compile(r"(?:\S*/)?(?:[a-z0-9_]+-)*(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-\d+(?:\.\d+)*)?$")
_RUST: Final = re.compile(r"(?:\S*/)?rustc$")
_GO: Final = re.compile(r"\S*/pkg/tool/\w+/compile$")
_SOURCES: Final = (".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".m", ".mm")
_ASSEMBLER_SOURCES: Final = (".s", ".S", ".asm", ".sx")
_NO_CODE: Final = frozenset(("-E", "-M", "-MM", "-fsyntax-only"))
# Every command line of a compiler has one of these pieces. Most lines of a log have none.
_PIECES: Final = ("cc", "++", "clang", "rustc", "/compile")
# What builds that hide their commands print instead: kbuild, gyp, ninja, CMake, Meson.
_QUIET: Final = re.compile(
    r"^\s*(?:\[[^\]]*\]\s*)?"
    r"(?:CC|CXX|C\+\+|Building C(?:XX)? object|Compiling C(?:\+\+)? object)(?:\(\w+\))?\s+\S+$"
)
_CARGO: Final = re.compile(r"^\s*Running `(.*)`$")
_LIBTOOL: Final = re.compile(r"^libtool: (?:compile|link):\s+")
_THROUGH_LIBTOOL: Final = "--mode=compile"
_MOST_CONTINUED: Final = 1000


# An absolute path of a compiler is not the wrapper, unless a directory on it is named after one.
_BARE_COMPILER: Final = re.compile(r"/(?!.*-wrapper[^/]*/)")


@dataclass(frozen=True)
class CompilerCall:
    """One call of a compiler driver: its words in the order that counts, and whether it compiled a source.

    `complete` says that the wrapper printed what it adds, so that `flags` is the whole command line.
    Assembling and preprocessing do not count as compiling: no flag for code generation has an effect there.
    `language` is that of the compiler: "c" for C and its relatives, "rust", "go". For Rust, `-C x` is one
    flag: `-Cx`.
    """

    program: str
    flags: tuple[str, ...]
    compiles: bool
    complete: bool
    language: str = "c"

    @property
    def options(self) -> tuple[str, ...]:
        """The compiler's own options: of C without words for other tools, as `-Wl,-O1` and `-o name`."""
        return read_command_line(self.flags).compiling if self.language == "c" else self.flags

    def last(self, prefix: str) -> str | None:
        """Return the last option that begins with `prefix`: the one that wins."""
        return next((option for option in reversed(self.options) if option.startswith(prefix)), None)

    @property
    def is_bare(self) -> bool:
        """Whether the compiler was called past the wrapper, which then adds and reports nothing."""
        return _BARE_COMPILER.match(self.program) is not None

    @property
    def is_cxx(self) -> bool:
        """Whether the driver is that of C++, as the wrapper decides it."""
        return self.program.rstrip("-.0123456789").endswith("++")

    @property
    def has_response_file(self) -> bool:
        """Whether more options come from a file, which no log shows: `@file`, `-specs=file`."""
        if self.language == "c":
            return bool(read_command_line(self.flags).files)
        return any(flag.startswith("@") for flag in self.flags)


@dataclass(frozen=True)
class Calls:
    """What the lines of a log show: calls in order, and what they do not show.

    `quiet` is the number of compilations of which the build printed a name and no command. `mixed` is the
    number of the wrapper's reports that parallel jobs wrote into each other.
    """

    calls: tuple[CompilerCall, ...]
    quiet: int
    mixed: int


def read_calls(lines: Sequence[str]) -> Calls:
    """Read the calls in the lines of a log, in one pass; all other lines are ignored."""
    reader = _Reader()
    position = 0
    while position < len(lines):
        position = reader.read(lines, position)
    reports, mixed = reader.reports.reports()
    wrapped = [reader.call(report.program, report.flags, complete=True) for report in reports]
    own = any(call.by_libtool for call in reader.echoed)
    echoed = [call.call for call in reader.echoed if not (own and call.through_libtool)]
    return Calls((*(call for call in wrapped if call is not None), *echoed), reader.quiet, mixed)


@dataclass(frozen=True)
class _Echoed:
    call: CompilerCall
    by_libtool: bool
    through_libtool: bool


@dataclass
class _Reader:
    """What was found so far."""

    reports: ReportReader = field(default_factory=ReportReader)
    echoed: list[_Echoed] = field(default_factory=list)
    quiet: int = 0
    known: dict[str, str] = field(default_factory=dict)

    def read(self, lines: Sequence[str], position: int) -> int:
        """Read the line at `position` and return where to go on."""
        line = lines[position]
        if self.reports.read(line):
            return position + 1
        if any(piece in line for piece in _PIECES):
            return self._read_command(lines, position)
        self.quiet += _QUIET.match(line) is not None
        return position + 1

    def call(self, program: str, words: Sequence[str], *, complete: bool) -> CompilerCall | None:
        """Return the call of a compiler that a program and its words are; `None` for another program."""
        flags = tuple(self._same(word) for word in words)
        if _C.match(program):
            return CompilerCall(self._same(program), flags, _compiles_c(flags), complete)
        if _RUST.match(program):
            flags = _joined_codegen(flags)
            compiles = "--crate-name" in flags or any(flag.endswith(".rs") for flag in flags)
            return CompilerCall(self._same(program), flags, compiles, complete, "rust")
        if _GO.match(program):
            compiles = any(flag.endswith(".go") for flag in flags)
            return CompilerCall(self._same(program), flags, compiles, complete, "go")
        return None

    def _read_command(self, lines: Sequence[str], position: int) -> int:
        line, following = _joined(lines, position)
        by_libtool = _LIBTOOL.match(line)
        cargo = None if by_libtool else _CARGO.match(line)
        text = line[by_libtool.end() :] if by_libtool else cargo[1] if cargo else line
        through_libtool = _THROUGH_LIBTOOL in text
        found = False
        for words in commands_of(text):
            start = _after_libtool(words) if through_libtool else 0
            call = self.call(words[start], words[start + 1 :], complete=False)
            # An indented line may be prose; one that compiles is a command.
            if call is not None and call.flags and (call.compiles or not line[0].isspace()):
                self.echoed.append(_Echoed(call, by_libtool is not None, through_libtool))
                found = True
        if not found:
            self.quiet += _QUIET.match(line) is not None
        return following if found else position + 1

    def _same(self, word: str) -> str:
        # A log repeats the same few thousand words a million times.
        return self.known.setdefault(word, word)


def _compiles_c(flags: tuple[str, ...]) -> bool:
    line = read_command_line(flags)
    if not _NO_CODE.isdisjoint(line.options):
        return False
    if any(name.endswith(_SOURCES) for name in line.inputs):
        return True
    # The source may be standard input or have an unusual name, but it is no assembler's.
    return "-c" in line.options and not any(name.endswith(_ASSEMBLER_SOURCES) for name in line.inputs)


def _joined_codegen(flags: tuple[str, ...]) -> tuple[str, ...]:
    joined: list[str] = []
    for flag in flags:
        if joined and joined[-1] in {"-C", "--codegen"}:
            joined[-1] = f"-C{flag}"
        else:
            joined.append(flag.replace("--codegen=", "-C", 1))
    return tuple(joined)


def _after_libtool(words: list[str]) -> int:
    """Return where the compiler stands in the words of a call of libtool."""
    place = next((n for n, word in enumerate(words) if word == _THROUGH_LIBTOOL), -1)
    return place + 1 if 0 <= place < len(words) - 1 else 0


def _joined(lines: Sequence[str], position: int) -> tuple[str, int]:
    """Return the command that begins at `position`, of one line or more, and the position behind it."""
    parts, end = [], position
    while end < len(lines) and end - position < _MOST_CONTINUED:
        line = lines[end]
        end += 1
        # An even number of backslashes is a quoted one.
        if (len(line) - len(line.rstrip("\\"))) % 2 == 0:
            parts.append(line)
            break
        parts.append(line[:-1])
    return " ".join(parts), end
