"""What the text of a phase, a hook or a variable asks for: the flags that it adds, by variable.

A script also names flags that it does not ask for. They stand in comments, in patterns that `sed` looks for,
and in the first argument of `substituteInPlace --replace`. The syntax is that of the POSIX shell, of POSIX
`sed`, and of `substitute` in nixpkgs' stdenv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.flags.command_line import read_command_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTINUED: Final = re.compile(r"\\\n[ \t]*")
_QUOTED: Final = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.", re.DOTALL)
_COMMENT: Final = re.compile(r"(?:^|(?<=[\s;]))#.*$")
_EDITOR: Final = re.compile(r"(?<![\w-])g?sed\b|(?<![\w-])perl[ \t]+-")
# `s/pattern/replacement/` with any of the usual delimiters.
_SUBSTITUTION: Final = re.compile(r"s([/|,#@:!%~^+_])((?:\\.|(?!\1)[^\\])*)\1((?:\\.|(?!\1)[^\\])*)\1")
_DELETION: Final = re.compile(r"/(?:\\.|[^/\\])*/[ \t]*d\b")
_ADDRESS: Final = re.compile(r"(?<![\w.}])/(?:\\.|[^/\\\s])*/(?=[ \t]*[!{sacip])")
_WORD: Final = r"(?:'[^']*'|\"(?:[^\"\\]|\\.)*\"|[^\s\"']\S*)"
_REPLACE: Final = re.compile(rf"--(?:replace(?:-fail|-warn|-quiet)?)[ \t]+({_WORD})[ \t]+({_WORD})")
# `${name//pattern/replacement}` and `${name/pattern/replacement}` of Bash.
_EXPANSION: Final = re.compile(r"\$\{\w+//?((?:\\.|[^/}\\])*)(?:/([^}]*))?\}")
_FLAG: Final = re.compile(r"(?<![\w-])-[\w+][^\s\"'\\/|,;]*")
_PIECE: Final = re.compile(r"(?:'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.|[^\s\"'\\]|[\"'\\])+")
_PLAIN: Final = re.compile(r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"|\\(.)")
_ASSIGNMENT: Final = re.compile(r"[\"'(]*([A-Za-z_]\w*)\+?=[\"'(]*")
# CMake and Meson take the flags of compilers in definitions of their own.
_DEFINITION: Final = re.compile(r"-D([A-Za-z_]\w*(?:FLAGS\w*|_args))(?::[A-Z]+)?=")


# Options of rustc, GCC and cargo whose argument looks like an assignment.
_TAKES_ASSIGNMENT: Final = (["-C"], ["--codegen"], ["-Z"], ["--param"], ["--config"], ["-D"])


@dataclass(frozen=True)
class Fragment:
    """Words that stand together: those given to the variable `name`, or loose ones where it is empty.

    `words` are without those that a compiler driver hands on to another tool, and without arguments such as
    the name behind `-o`. `line` is the line that they stand in.
    """

    name: str
    words: tuple[str, ...]
    line: str


def requested_text(text: str) -> str:
    """Return the text of a script without what it names and does not ask for."""
    lines = (_requested(_without_comment(line)) for line in _CONTINUED.sub(" ", text).split("\n"))
    return "\n".join(line for line in lines if line.strip())


def fragments(name: str, text: str) -> Iterator[Fragment]:
    """Return the words of `text`, the value of the attribute `name`, by the variables that get them."""
    for line in text.split("\n"):
        words: list[str] = []
        owner = name
        for piece in _PIECE.findall(line):
            # `lto=fat` behind `-C` is no variable.
            assigned, plain = (None, piece) if words[-1:] in _TAKES_ASSIGNMENT else _assigned(piece)
            if assigned is not None:
                yield _fragment(owner, words, line)
                owner, words = assigned, []
            if plain == "=" and words:
                # Nix and Makefiles put blanks around it.
                assigned = words.pop()
                yield _fragment(owner, words, line)
                owner, words = assigned, []
            else:
                words += plain.split()
        yield _fragment(owner, words, line)


def _fragment(name: str, words: list[str], line: str) -> Fragment:
    plain = [word.strip("\"'();,") for word in words]
    # cargo's `--config KEY=VALUE` may hold flags; Clang's names a file.
    read = tuple(
        word
        for word, following in zip_longest(plain, plain[1:], fillvalue="")
        if word != "--config" or "=" not in following
    )
    own = read_command_line(read).own
    return Fragment(name, own, line)


def _assigned(piece: str) -> tuple[str | None, str]:
    """Return the innermost variable that a word of the shell assigns, and the rest of the word."""
    name, rest = None, piece
    while (found := _ASSIGNMENT.match(rest) or _DEFINITION.match(rest)) is not None:
        name, rest = found[1], rest[found.end() :]
    return name, _PLAIN.sub(lambda found: found[1] or found[2] or found[3] or "", rest)


def _without_comment(line: str) -> str:
    if "#" not in line:
        return line
    # Quoted text is blanked, so that what looks like a comment in it is none.
    blank = _QUOTED.sub(lambda found: "x" * len(found[0]), line)
    comment = _COMMENT.search(blank)
    return line if comment is None else line[: comment.start()]


def _requested(line: str) -> str:
    line = _REPLACE.sub(lambda found: _new_words(found[1], found[2]), line)
    line = _EXPANSION.sub(lambda found: _new_words(found[1], found[2] or ""), line)
    if _EDITOR.search(line) is None:
        return line
    line = _ADDRESS.sub(" ", _DELETION.sub(" ", line))
    return _SUBSTITUTION.sub(lambda found: f" {_new_words(found[2], found[3])} ", line)


def _new_words(pattern: str, replacement: str) -> str:
    """Return a replacement without the flags that were in the text that it replaces."""
    known = set(_FLAG.findall(pattern.replace("\\", "")))
    return _FLAG.sub(lambda found: "" if found[0] in known else found[0], replacement)
