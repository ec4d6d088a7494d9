"""The string literals and relative paths in the text of a Nix file.

The text is split as Nix's lexer does it, and never evaluated.
https://nix.dev/manual/nix/latest/language/string-literals and `src/libexpr/lexer.l` of Nix.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

HOLE: Final = "\ue000"
"""Stands for each character of an interpolation (`${…}`) in the shown text of a string."""

_DEEPEST: Final = 100
_CODE: Final = re.compile(
    r"(?P<comment>#[^\n]*|/\*.*?(?:\*/|\Z))"
    # An address, a path of NIX_PATH, and one below the home directory are no relative paths.
    r"|(?P<other>[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9%/?:@&=+$,\-_.!~*']+"
    r"|<[\w.+-]+(?:/[\w.+-]+)*>|~(?:/[\w.+-]+)+)"
    # A path may go on with an interpolation.
    r"|(?P<path>[\w.+-]*(?:/[\w.+-]+)+/?|[\w.+-]*(?:/[\w.+-]+)*/(?=\$\{))"
    r"|(?P<word>[A-Za-z_][\w'-]*)"
    r"|(?P<indented>'')|(?P<quote>\")|(?P<open>\$?\{)|(?P<close>\})|(?P<rest>//|.)",
    re.DOTALL | re.ASCII,
)
# What may stand in a string, up to its end or an interpolation. `$$` is no beginning of one.
_CONTENT: Final = {
    '"': re.compile(r"(?:[^\"$\\]|\\.|\$[^{\"\\]|\$(?=[\"\\]))*", re.DOTALL),
    "''": re.compile(r"(?:[^'$]|'(?!')|'''|''\$|''\\.|\$[^{']|\$(?='))*", re.DOTALL),
}
_HOLE_START: Final = "${"


class NixTextError(ValueError):
    """The text ends within a string or an interpolation, or nests too deep to be a person's."""


@dataclass(frozen=True)
class StringLiteral:
    """A string between its marks, from `start` to `end`, as offsets into the text.

    `shown` is as long as that, with `HOLE` for each character of an interpolation.
    """

    start: int
    end: int
    shown: str


@dataclass
class NixSource:
    """The strings of a Nix file in the order of their ends, and where its relative paths start."""

    strings: list[StringLiteral] = field(default_factory=list)
    relative_paths: list[int] = field(default_factory=list)


def read_nix_source(text: str) -> NixSource:
    """Find the strings and relative paths of a Nix file, also within interpolations.

    Raises `NixTextError` for a text that Nix would not take either.
    """
    found = NixSource()
    end = _read_code(text, 0, found, 0)
    if end != len(text):
        raise NixTextError(f"a brace that nothing opened, at offset {end}")
    return found


def _read_code(text: str, place: int, found: NixSource, depth: int) -> int:
    """Read up to the brace that closes this piece of code, and return its offset, or that of the end."""
    if depth > _DEEPEST:
        raise NixTextError(f"more than {_DEEPEST} interpolations in each other")
    braces = 0
    while place < len(text):
        token = _CODE.match(text, place)
        assert token is not None  # noqa: S101  # any character is a token
        place = token.end()
        match token.lastgroup:
            case "quote" | "indented":
                place = _read_string(text, place, token[0], found, depth)
            case "open":
                braces += 1
            case "close":
                if braces == 0:
                    return token.start()
                braces -= 1
            case "path" if not token[0].startswith("/"):
                found.relative_paths.append(token.start())
    return place


def _read_string(text: str, start: int, mark: str, found: NixSource, depth: int) -> int:
    """Read a string up to its end, which is `mark`, and return the offset behind that."""
    place, shown = start, []
    while True:
        piece = _CONTENT[mark].match(text, place)
        assert piece is not None  # noqa: S101  # it matches nothing, too
        shown.append(piece[0])
        place = piece.end()
        if text.startswith(mark, place):
            found.strings.append(StringLiteral(start, place, "".join(shown)))
            return place + len(mark)
        if not text.startswith(_HOLE_START, place):
            raise NixTextError(f"a string without an end, at offset {start}")
        end = _read_code(text, place + len(_HOLE_START), found, depth + 1) + 1
        if end > len(text):
            raise NixTextError(f"an interpolation without an end, at offset {place}")
        shown.append(HOLE * (end - place))
        place = end
