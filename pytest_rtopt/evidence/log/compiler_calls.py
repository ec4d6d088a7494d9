"""Calls of compilers, read off the lines of a build log.

Two forms are read. With NIX_DEBUG=1 the wrappers of nixpkgs print, for every call, the flags that they add
("extra flags before to", "original flags to", "extra flags after to", one flag on a line, indented by two
blanks, quoted by the shell's `%q`). Without it, the command lines that make, ninja, libtool, cargo, `go build
-x` and others echo are all there is, and what the wrapper adds is known from the derivation only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.log.words import commands_of, split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

_C: Final = re.compile(r"(?:\S*/)?(?:[a-z0-9_]+-)*(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-\d+(?:\.\d+)*)?$")
_RUST: Final = re.compile(r"(?:\S*/)?rustc$")
_GO: Final = re.compile(r"\S*/pkg/tool/\w+/compile$")
_HEADER: Final = re.compile(r"^(extra flags before|original flags|extra flags after) to (\S+):$")
_SOURCES: Final = (".c", ".cc", ".cpp", ".cxx", ".c++", ".C", ".m", ".mm")
_NO_CODE: Final = frozenset(("-E", "-M", "-MM", "-fsyntax-only"))
# Pieces of which every command line that is looked for has one; most lines of a log have none.
_PIECES: Final = ("cc", "++", "clang", "rustc", "/compile")
# What a build that hides its commands prints in their place: kbuild, gyp, ninja, CMake, Meson.
_QUIET: Final = re.compile(
    r"^\s*(?:\[[^\]]*\]\s*)?"
    r"(?:CC|CXX|C\+\+|Building C(?:XX)? object|Compiling C(?:\+\+)? object)(?:\(\w+\))?\s+\S+$"
)
_CARGO: Final = re.compile(r"^\s*Running `(.*)`$")
_LIBTOOL: Final = re.compile(r"^libtool: (?:compile|link):\s+")
_THROUGH_LIBTOOL: Final = "--mode=compile"
_MOST_CONTINUED: Final = 1000


# The compiler by its absolute path is not the wrapper, unless the path is that of one in the store.
_BARE_COMPILER: Final = re.compile(r"/(?!.*-wrapper[^/]*/)")


@dataclass(frozen=True)
class CompilerCall:
    """One call of a compiler driver: its flags in the order that counts, and whether it compiled a source.

    `complete` says that the wrapper printed what it adds, so that `flags` is the whole command line.
    Assembling and preprocessing are not compiling: no flag of code generation does anything there.
    `language` is that of the compiler: "c" for C and its relatives, "rust", "go". For Rust, `-C x` is one
    flag: `-Cx`.
    """

    program: str
    flags: tuple[str, ...]
    compiles: bool
    complete: bool
    language: str = "c"

    def last(self, prefix: str) -> str | None:
        """Return the last flag that begins with `prefix`: the one that wins."""
        named = [flag for flag in self.flags if flag.startswith(prefix)]
        return named[-1] if named else None

    @property
    def is_bare(self) -> bool:
        """Whether it is no wrapper that was called, which adds nothing then and reports nothing."""
        return _BARE_COMPILER.match(self.program) is not None

    @property
    def is_cxx(self) -> bool:
        """Whether the driver is that of C++, as the wrapper decides it."""
        return self.program.rstrip("-.0123456789").endswith("++")

    @property
    def has_response_file(self) -> bool:
        """Whether more flags stand in a file, which no log shows."""
        return any(flag.startswith("@") for flag in self.flags)


@dataclass(frozen=True)
class Calls:
    """What the lines of a log show: calls in order, and what stayed hidden.

    `quiet` is the number of compilations of which the build printed a name and no command, `mixed` that of
    wrapper's reports that parallel jobs wrote into each other.
    """

    calls: tuple[CompilerCall, ...]
    quiet: int
    mixed: int


def read_calls(lines: Sequence[str]) -> Calls:
    """Read the calls off the lines of a log, in one pass; whatever is no compiler's is passed over."""
    reader = _Reader()
    position = 0
    while position < len(lines):
        position = reader.read(lines, position)
    reader.end_block()
    own = any(call.by_libtool for call in reader.echoed)
    echoed = [call.call for call in reader.echoed if not (own and call.through_libtool)]
    return Calls((*reader.wrapped, *echoed), reader.quiet, reader.mixed)


@dataclass(frozen=True)
class _Echoed:
    call: CompilerCall
    by_libtool: bool
    through_libtool: bool


@dataclass
class _Reader:
    """Where the reading stands: the block of the wrapper that is open, and the calls so far.

    The blocks of one call follow each other in the order of `_ORDER`. Where they do not, two jobs wrote at
    the same time, and which flag is whose cannot be told: such reports are counted and left out.
    """

    wrapped: list[CompilerCall] = field(default_factory=list)
    echoed: list[_Echoed] = field(default_factory=list)
    quiet: int = 0
    mixed: int = 0
    known: dict[str, str] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    block: str = ""
    program: str = ""
    flags: list[str] = field(default_factory=list)

    def read(self, lines: Sequence[str], position: int) -> int:
        """Read the line at `position` and return where to go on."""
        line = lines[position]
        if self.block and line.startswith("  ") and (word := self._only_word(line)) is not None:
            self.flags.append(word)
            return position + 1
        header = _HEADER.match(line) if line.endswith(":") else None
        if header is not None:
            self._begin_block(header[1], header[2])
            return position + 1
        if self.block == _LAST:
            self.end_block()
        if any(piece in line for piece in _PIECES):
            return self._read_command(lines, position)
        self.quiet += _QUIET.match(line) is not None
        return position + 1

    def _begin_block(self, kind: str, program: str) -> None:
        follows = _ORDER[kind]
        if follows is None:
            self.end_block()
            self.flags = []
        elif (self.block, self.program) != (follows, program):
            self.mixed += 1
            self.block = ""
            return
        self.block, self.program = kind, program

    def end_block(self) -> None:
        """Take the call whose last block ends here, if one is open."""
        if self.block == _LAST:
            call = self._call(self.program, [flag for flag in self.flags if flag], complete=True)
            if call is not None:
                self.wrapped.append(call)
        elif self.block:
            self.mixed += 1
        self.block = ""

    def _read_command(self, lines: Sequence[str], position: int) -> int:
        line, following = _joined(lines, position)
        by_libtool = _LIBTOOL.match(line)
        cargo = None if by_libtool else _CARGO.match(line)
        text = line[by_libtool.end() :] if by_libtool else cargo[1] if cargo else line
        through_libtool = _THROUGH_LIBTOOL in text
        found = False
        for words in commands_of(text):
            start = _after_libtool(words) if through_libtool else 0
            call = self._call(words[start], words[start + 1 :], complete=False)
            # An indented line may be prose; what compiles is a command.
            if call is not None and call.flags and (call.compiles or not line[0].isspace()):
                self.echoed.append(_Echoed(call, by_libtool is not None, through_libtool))
                found = True
        if not found:
            self.quiet += _QUIET.match(line) is not None
        return following if found else position + 1

    def _call(self, program: str, words: list[str], *, complete: bool) -> CompilerCall | None:
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

    def _only_word(self, line: str) -> str | None:
        """Return the one word of a line, as the wrapper prints flags; `None` where there are several."""
        word = self.printed.get(line)
        if word is None:
            words = split_words(line)
            if len(words) != 1:
                return None
            word = self.printed.setdefault(line, self._same(words[0]))
        return word

    def _same(self, word: str) -> str:
        # A log repeats the same few thousand words a million times.
        return self.known.setdefault(word, word)


_LAST: Final = "extra flags after"
# What has to stand before each block; the first block of a call follows nothing.
_ORDER: Final = {
    "extra flags before": None,
    "original flags": "extra flags before",
    _LAST: "original flags",
}


def _compiles_c(flags: tuple[str, ...]) -> bool:
    if not _NO_CODE.isdisjoint(flags):
        return False
    if any(flag.endswith(_SOURCES) for flag in flags if not flag.startswith("-")):
        return True
    # From standard input, or from a file of an unusual name, but not from one of the assembler's.
    return "-c" in flags and not any(flag.endswith((".s", ".S", ".asm", ".sx")) for flag in flags)


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
