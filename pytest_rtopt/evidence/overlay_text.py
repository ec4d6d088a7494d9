"""What the text of an overlay says about one attribute.

A derivation shows what became of an overlay. Where an overlay overwrites its own flags, only its text shows
what it asks for. The text is read as tokens and never evaluated, so what is computed elsewhere in the file is
not seen. https://nix.dev/manual/nix/latest/language/syntax
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(
    r"(?P<comment>#[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<string>\"(?:\\.|[^\"\\])*(?:\"|\Z)|''(?:'''|''\$|''\\.|.)*?(?:''(?!['$\\])|\Z))"
    r"|(?P<word>[A-Za-z_][\w'-]*)"
    r"|(?P<open>[({\[])|(?P<close>[)}\]])|(?P<end>;)|(?P<assign>=(?!=))|(?P<rest>.)",
    re.DOTALL,
)
_MOST_BYTES: Final = 1 << 20
# Nobody defines an attribute more often; each definition is read to its end.
_MOST_DEFINITIONS: Final = 20


def definitions_of(attribute: str, text: str) -> tuple[str, ...]:
    """Return the right-hand side of each `attribute = …;` in the text of a Nix file, without its comments.

    A text of more than a megabyte is not read, and no more than 20 definitions.
    """
    if len(text) > _MOST_BYTES:
        return ()
    tokens = [(kind, word) for kind, word in _tokens(text) if kind != "comment"]
    solid = [number for number, (kind, word) in enumerate(tokens) if kind != "rest" or word.strip()]
    found = []
    for place, number in enumerate(solid[:-1]):
        if _names(tokens[number], attribute) and tokens[solid[place + 1]][0] == "assign":
            found.append(_until_semicolon(tokens[solid[place + 1] + 1 :]))
            if len(found) == _MOST_DEFINITIONS:
                break
    return tuple(found)


def without_comments(text: str) -> str:
    """Return the text of a Nix file without its comments; nothing of a text of more than a megabyte."""
    if len(text) > _MOST_BYTES:
        return ""
    return "".join(word for kind, word in _tokens(text) if kind != "comment")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(text):
        yield str(match.lastgroup), match[0]


def _names(token: tuple[str, str], attribute: str) -> bool:
    kind, word = token
    return (kind == "word" and word == attribute) or (kind == "string" and word == f'"{attribute}"')


def _until_semicolon(tokens: list[tuple[str, str]]) -> str:
    depth, words = 0, []
    for kind, word in tokens:
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        if depth < 0 or (depth == 0 and kind == "end"):
            break
        words.append(word)
    return "".join(words)
