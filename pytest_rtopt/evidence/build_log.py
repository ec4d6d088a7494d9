"""What a build log shows of the compiler: calls, flags, and warnings that mean "silently not optimized".

Two forms are read. With NIX_DEBUG=1 the wrappers of nixpkgs print, for every call, the flags that they add
("extra flags before to", "original flags to", "extra flags after to", one flag on a line, indented by two
blanks, quoted by the shell's `%q`). Without it, the command lines that make and others echo are all there is,
and what the wrapper adds is known from the derivation only.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import Final

_COMPILER: Final = re.compile(r"(?:\S*/)?(?:[a-z0-9_]+-)*(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-\d+)?$")
_QUOTING: Final = frozenset("\"'\\")
_LONGEST_QUOTED: Final = 10_000
_HEADER: Final = re.compile(r"^(extra flags before|original flags|extra flags after) to (\S+):$")
_SOURCE: Final = re.compile(r"\.(?:c|cc|cpp|cxx|C|m|S|s)$")
# What compilers colour their messages with: some do so in builds, too.
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[mK]")
_WARNINGS: Final = (
    re.compile(r"Skipping impure flag \S+"),
    re.compile(r"unrecognized (?:command.line )?options?:?.*"),
    re.compile(r"profile count data file not found"),
    re.compile(r"profile data may be (?:corrupted|out of date)"),
    re.compile(r"\[-W(?:error=)?coverage-mismatch\]"),
    re.compile(r"not a recognized processor.*"),
    re.compile(r"no profile data"),
)


@dataclass(frozen=True)
class CompilerCall:
    """One call of a compiler driver: its flags in the order that counts, and whether it compiled a source.

    `complete` says that the wrapper printed what it adds, so that `flags` is the whole command line.
    """

    program: str
    flags: tuple[str, ...]
    compiles: bool
    complete: bool

    def last(self, prefix: str) -> str | None:
        """Return the last flag that begins with `prefix`: the one that wins."""
        named = [flag for flag in self.flags if flag.startswith(prefix)]
        return named[-1] if named else None


@dataclass(frozen=True)
class BuildLog:
    """A parsed build log: the compiler calls in order, and the suspicious warnings with their number."""

    calls: tuple[CompilerCall, ...]
    warnings: tuple[tuple[str, int], ...]
    text: str

    @property
    def compilations(self) -> tuple[CompilerCall, ...]:
        """The calls that compiled a source file; complete ones only, where there are any."""
        complete = tuple(call for call in self.calls if call.compiles and call.complete)
        return complete or tuple(call for call in self.calls if call.compiles)

    @property
    def is_complete(self) -> bool:
        """Whether the wrapper printed its flags."""
        return any(call.complete for call in self.calls)


def parse_log(text: str) -> BuildLog:
    """Parse the text of a build log; lines that are nothing of the compiler's are passed over."""
    lines = _COLOUR.sub("", text).splitlines()
    warnings: dict[str, int] = {}
    for line in lines:
        for pattern in _WARNINGS:
            if found := pattern.search(line):
                warnings[found[0]] = warnings.get(found[0], 0) + 1
    return BuildLog((*_wrapped(lines), *_echoed(lines)), tuple(sorted(warnings.items())), text)


def _wrapped(lines: list[str]) -> list[CompilerCall]:
    """Read the wrappers' own blocks; each call ends with its block of flags that come after."""
    calls: list[CompilerCall] = []
    flags: list[str] = []
    kind, program = "", ""
    for line in [*lines, ""]:
        if kind and line.startswith("  ") and line.strip():
            flags += _words(line)
            continue
        if kind == "extra flags after" and _COMPILER.match(program):
            calls.append(_call(program, flags, complete=True))
        header = _HEADER.match(line)
        if header is None:
            kind = ""
            continue
        kind, program = header[1], header[2]
        if kind == "extra flags before":
            flags = []
    return calls


def _echoed(lines: list[str]) -> list[CompilerCall]:
    calls = []
    for line in lines:
        first = line.split(maxsplit=1)[:1]
        if first and not line[0].isspace() and _COMPILER.match(first[0]):
            words = _words(line)
            if len(words) > 1:
                calls.append(_call(words[0], words[1:], complete=False))
    return calls


def _call(program: str, flags: list[str], *, complete: bool) -> CompilerCall:
    compiles = "-c" in flags or any(_SOURCE.search(flag) for flag in flags if not flag.startswith("-"))
    return CompilerCall(program, tuple(flags), compiles and "-E" not in flags, complete)


def _words(line: str) -> list[str]:
    # The standard library's splitter takes quadratic time, and most lines have nothing quoted.
    if len(line) > _LONGEST_QUOTED or not _QUOTING & set(line):
        return line.split()
    try:
        return shlex.split(line)
    except ValueError:
        # An unfinished quotation: a line of something else that looks like a command.
        return line.split()
