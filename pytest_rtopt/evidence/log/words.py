"""Splits lines of a build log into commands and words.

The standard library's `shlex` is not used, because it reads character by character. A log of 20 MB with
quotation marks in every line would take it half a minute.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTING: Final = re.compile(r"[\"'\\]")
# A quotation mark without a partner is an ordinary character: such a line only looks like a command.
_WORD: Final = re.compile(r"(?:[^\s\"'\\]+|'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.|[\"'\\])+")
_QUOTED: Final = re.compile(r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"|\\(.)")
_ESCAPED: Final = re.compile(r"\\([$`\"\\])")
_OPERATORS: Final = frozenset(("&&", "||", ";", "|", "&", "(", ")", "{", "}", "then", "do", "else"))
_OPERATOR: Final = re.compile(r"[;&|(]")
# "[12/345] ", "[ 12%] ", and the "+ " of `set -x` before a command.
_PROGRESS: Final = re.compile(r"^\s*(?:\[\s*\d+(?:/\d+|%)[^\]]*\]|\++)\s+")
_ASSIGNMENT: Final = re.compile(r"^[A-Za-z_]\w*\+?=")
# Words that run the command after them.
_LAUNCHERS: Final = frozenset(
    ("ccache", "sccache", "distcc", "icecc", "env", "time", "nice", "exec", "command", "if", "!", "@", "-")
)


def split_words(line: str) -> list[str]:
    """Return the words of a line as a shell splits it, without quotation marks. Takes linear time."""
    if _QUOTING.search(line) is None:
        return line.split()
    return [_plain(word) for word in _WORD.findall(line)]


def commands_of(line: str) -> Iterator[list[str]]:
    """Yield the words of each command in a line, without progress, assignments and launchers before it."""
    progress = _PROGRESS.match(line)
    text = line[progress.end() :] if progress else line
    quoted = _QUOTING.search(text) is not None
    words = _WORD.findall(text) if quoted else text.split()
    for command in _separated(words) if _OPERATOR.search(text) else [words]:
        start = 0
        while start < len(command) and (
            command[start] in _LAUNCHERS or _ASSIGNMENT.match(command[start]) is not None
        ):
            start += 1
        if start < len(command):
            yield [_plain(word) for word in command[start:]] if quoted else command[start:]


def _separated(words: list[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in words:
        if word in _OPERATORS:
            yield command
            command = []
        elif word.endswith(";"):
            yield [*command, word.rstrip(";")]
            command = []
        else:
            command.append(word.lstrip("(") if not command else word)
    yield command


def _plain(word: str) -> str:
    return _QUOTED.sub(_unquoted, word) if _QUOTING.search(word) else word


def _unquoted(found: re.Match[str]) -> str:
    if found[1] is not None:
        return found[1]
    return _ESCAPED.sub(r"\1", found[2]) if found[2] is not None else found[3]
