"""The text of an overlay with its flags taken out, to tell a wrong flag from a wrong way to apply it.

Only words in strings are taken for flags, by what GCC, rustc, Go and configure scripts call so. What the
overlay takes from another file keeps its flags.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.nix_source import HOLE, NixTextError, read_nix_source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_rtopt.evidence.nix_source import NixSource, StringLiteral

_MOST_CHARACTERS: Final = 1 << 20
# A word ends at a blank, a quote or what the shell takes for itself.
_REST: Final = r"[^\s\"'\\();|&<>]"
# The codegen options that people pass to rustc.
_RUSTC: Final = (
    r"(?:target-cpu|target-feature|opt-level|lto|codegen-units|linker-plugin-lto|link-args?|profile-use"
    r"|embed-bitcode|llvm-args|relocation-model|inline-threshold|panic|debuginfo|strip)"
)
# GCC manual, "Option Summary": -O…, -f…, -m…; "Link Options": -Wl,… and -Xlinker. `-fr` is an option of `rm`.
_FLAG: Final = re.compile(
    rf"(?:(?<=^)|(?<=[\s\"'\\(,/{HOLE}])|(?<=[A-Za-z0-9_]=)|(?<=[A-Za-z0-9_]=[\"']))"
    rf"(?P<flag>-O(?:\d|s|z|g|fast)?(?![\w=.{HOLE}-])"
    rf"|-[fm](?:[A-Za-z0-9]{{3,}}|[A-Za-z0-9]+[-=]){_REST}*"
    rf"|-W[lap],{_REST}+"
    rf"|-(?:Xlinker|Xassembler|Xclang|mllvm)\s+{_REST}+"
    rf"|(?:-C\s*|--codegen[ =])[a-z][\w-]*(?:=(?:{_REST}|,)*)?"
    rf"|{_RUSTC}={_REST}+"
    rf"|--(?:enable|with)-(?:lto|optimizations|pgo)(?:[-=]{_REST}*)?(?!{_REST}))"
    rf"|(?P<setting>\b(?:GOAMD64|CARGO_PROFILE_\w+)=[\"']?)(?P<value>{_REST}+)"
)
# Variables whose whole value is a setting of a compiler, where they are attributes.
_SETTING: Final = re.compile(r"\b(?P<name>GOAMD64|CARGO_PROFILE_[A-Z_]+)\s*=\s*(?:\"|'')\Z")
_LONGEST_SETTING: Final = 100
# What a path literal may consist of.
_PLAIN_DIRECTORY: Final = re.compile(r"(?:/[\w.+-]+)+|/", re.ASCII)


@dataclass(frozen=True)
class FlaglessOverlay:
    """`text` is an overlay without its flags. `flags` are the words that were taken out, each once.

    Lines keep their numbers, so that Nix names the same places.
    """

    text: str
    flags: tuple[str, ...]


def without_flags(text: str, directory: str) -> FlaglessOverlay | None:
    """Return an overlay's text without its flags, as it can be evaluated anywhere.

    `directory` is where the file lies; relative paths are made absolute with it. `None` where that cannot be
    done: the text is no Nix or is longer than a megabyte, or no path literal can name the directory.
    """
    if len(text) > _MOST_CHARACTERS:
        return None
    try:
        source = read_nix_source(text)
    except NixTextError:
        return None
    if source.relative_paths and _PLAIN_DIRECTORY.fullmatch(directory) is None:
        return None
    found = sorted(span for literal in source.strings for span in _flags_in(text, literal))
    outermost = list(_outermost(found))
    names = dict.fromkeys(name for _, _, name in outermost)
    return FlaglessOverlay(_rewritten(text, source, outermost, directory.rstrip("/")), tuple(names))


def message_without_flags(message: str) -> str:
    """Return what a program says without the flags that it quotes."""
    return " ".join(_FLAG.sub(lambda found: found["setting"] or "", message).split())


def _flags_in(text: str, literal: StringLiteral) -> Iterable[tuple[int, int, str]]:
    """Yield the beginning and end of each flag in a string, as offsets into `text`, and its name."""
    setting = _SETTING.search(text, max(0, literal.start - _LONGEST_SETTING), literal.start)
    if setting is not None:
        value = text[literal.start : literal.end]
        if value.strip():
            yield literal.start, literal.end, f"{setting['name']}={value.strip()}"
        return
    for match in _FLAG.finditer(literal.shown):
        group = "flag" if match["flag"] is not None else "value"
        # The end of a command of `sed` is no part of the flag.
        start, end = match.start(group), match.start(group) + len(match[group].rstrip("/,$:#"))
        variable = (match["setting"] or "").rstrip("\"'")
        name = variable + text[literal.start + start : literal.start + end]
        yield literal.start + start, literal.start + end, " ".join(name.split())


def _outermost(spans: Iterable[tuple[int, int, str]]) -> Iterable[tuple[int, int, str]]:
    """Yield the sorted spans without those within others: a flag may be made of flags in an interpolation."""
    last = 0
    for start, end, name in spans:
        if end > last:
            yield start, end, name
            last = end


def _rewritten(text: str, source: NixSource, flags: Iterable[tuple[int, int, str]], directory: str) -> str:
    # Each has its beginning, its end and what comes in its place.
    edits = [(start, end, "\n" * text.count("\n", start, end)) for start, end, _ in flags]
    edits += [(start, start, f"{directory}/") for start in source.relative_paths]
    pieces, place = [], 0
    for start, end, replacement in sorted(edits):
        if start < place:
            # A path within a flag that is gone.
            continue
        pieces += [text[place:start], replacement]
        place = end
    return "".join((*pieces, text[place:]))
