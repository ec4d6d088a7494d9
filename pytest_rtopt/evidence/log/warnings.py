"""Warnings in a build log that an optimization was dropped, although the build went on.

Each warning has a fixed piece of text that is in every such line. The log is searched for these pieces first,
which is fast. Only lines with a piece are matched with the pattern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Topic(StrEnum):
    """What a warning is about."""

    FLAG = "flag"
    TARGET = "target"
    PROFILE = "profile"
    LTO = "link-time optimization"
    SOURCE = "source"


@dataclass(frozen=True)
class _Warning:
    topic: Topic
    piece: str
    pattern: re.Pattern[str]


def _warning(topic: Topic, piece: str, pattern: str | None = None) -> _Warning:
    return _Warning(topic, piece, re.compile(re.escape(piece) if pattern is None else pattern))


# As GCC 12, Clang 16, rustc and cargo 1.95, Go 1.26, binutils 2.40, configure scripts and nixpkgs' wrappers
# write them. GCC's quotation marks are typographic in some languages.
_WARNINGS: Final = (
    _warning(Topic.FLAG, "Skipping impure flag", r"Skipping impure flag \S+"),
    # GCC and GNU ld say "unrecognized", configure scripts "unrecognized options: --…".
    _warning(Topic.FLAG, "unrecognized ", r"unrecognized (?:command.line )?options?:?.*"),
    _warning(
        Topic.FLAG, "argument unused during", r"argument unused during (?:compilation|linking): '[^']*'"
    ),
    _warning(
        Topic.FLAG,
        "is not supported",
        r"optimization flag '[^']*' is not supported|'-[^']*' is not supported",
    ),
    _warning(Topic.FLAG, "has no effect", r"(?:switch|option) \S+ has no effect.*"),
    _warning(Topic.FLAG, "unknown optimization", r"unknown optimization (?:level|flag).*"),
    _warning(Topic.FLAG, "unused manifest key", r"unused manifest key: [\w.-]*profile\S*"),
    _warning(Topic.FLAG, "profiles for the non root package will be ignored"),
    _warning(Topic.TARGET, "not a recognized", r"not a recognized (?:processor|feature).*"),
    _warning(Topic.TARGET, "ignoring unknown", r"ignoring unknown .*-m(?:cpu|arch|tune).*"),
    _warning(Topic.TARGET, "bad value ", r"bad value \S+ for .?-m(?:arch|tune)=.*"),
    _warning(Topic.TARGET, "invalid GOAMD64", r"invalid GOAMD64.*"),
    _warning(Topic.PROFILE, "profile count data file not found"),
    _warning(Topic.PROFILE, "profile data may be", r"profile data may be (?:corrupted|out of date)"),
    _warning(Topic.PROFILE, "coverage-mismatch]", r"\[-W(?:error=)?coverage-mismatch\]"),
    _warning(Topic.PROFILE, "missing-profile]", r"\[-W(?:error=)?missing-profile\]"),
    _warning(
        Topic.PROFILE, "o profile data", r"[Nn]o profile data(?: available)?(?: for (?:function|file))?"
    ),
    _warning(
        Topic.PROFILE,
        "hash mismatch",
        r"(?:[Ff]unction control flow change detected \()?hash mismatch\)?(?! in fixed)",
    ),
    _warning(Topic.PROFILE, "profile-instr-out-of-date]", r"\[-W(?:error=)?profile-instr-out-of-date\]"),
    _warning(Topic.PROFILE, "profile-instr-unprofiled]", r"\[-W(?:error=)?profile-instr-unprofiled\]"),
    _warning(
        Topic.PROFILE, "profiling:", r"profiling:.*(?:Cannot open|overwriting an existing|merge|checksum).*"
    ),
    _warning(Topic.PROFILE, "gnoring -pgo", r"[Ii]gnoring -pgo.*"),
    _warning(Topic.LTO, "needed to handle lto object", r"plugin needed to handle lto object"),
    _warning(Topic.LTO, "LTO", r"LTO (?:support )?(?:is )?(?:disabled|has not been enabled|not supported).*"),
    _warning(Topic.LTO, "lto-wrapper", r"using serial compilation of \d+ LTRANS jobs"),
    _warning(Topic.LTO, "fat-lto", r"(?:-fno-fat-lto-objects|fat LTO objects?).*not supported.*"),
    _warning(Topic.SOURCE, "hash mismatch in fixed", r"hash mismatch in fixed-output derivation.*"),
)
_LONGEST_LINE: Final = 4000


def find_warnings(text: str) -> tuple[tuple[str, int], ...]:
    """Return the warnings in a log without terminal escapes, each with its number of lines, sorted."""
    counts: dict[str, int] = {}
    for warning in _WARNINGS:
        for line in _lines_with(text, warning.piece):
            # The piece alone is not enough: a printed command line may have a flag of that name.
            if (found := warning.pattern.search(line)) is not None:
                counts[found[0]] = counts.get(found[0], 0) + 1
    return tuple(sorted(counts.items()))


def about(warnings: tuple[tuple[str, int], ...], topic: Topic) -> tuple[tuple[str, int], ...]:
    """Return the warnings about `topic`."""
    patterns = [warning.pattern for warning in _WARNINGS if warning.topic is topic]
    return tuple(
        (text, count) for text, count in warnings if any(pattern.search(text) for pattern in patterns)
    )


def _lines_with(text: str, piece: str) -> list[str]:
    found = []
    place = text.find(piece)
    while place >= 0:
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        begin = text.rfind("\n", 0, place) + 1
        # A dump of data can be one very long line. The text around the piece is enough.
        found.append(text[max(begin, place - _LONGEST_LINE) : min(end, place + _LONGEST_LINE)])
        place = text.find(piece, end)
    return found
