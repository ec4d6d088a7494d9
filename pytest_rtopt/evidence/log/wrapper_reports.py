"""What the compiler wrappers of nixpkgs print of each call with NIX_DEBUG=1, and which reports are mixed.

A report has three parts: "extra flags before to PROGRAM:", "original flags to PROGRAM:" and "extra flags
after to PROGRAM:". Each part lists one flag on a line, indented by two blanks and quoted by the shell's `%q`
(nixpkgs, `cc-wrapper/cc-wrapper.sh`).

Parallel jobs write to one log without a lock, so lines of two reports can alternate, and no line names its
report. A mixed report would show flags that no compiler got, or miss those that one did get. It is counted
and left out.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from pytest_rtopt.evidence.flags.command_line import read_command_line
from pytest_rtopt.evidence.log.words import split_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HEADER: Final = re.compile(r"^(extra flags before|original flags|extra flags after) to (\S+):$")
_PARTS: Final = ("extra flags before", "original flags", "extra flags after")
_AFTER: Final = 2
_NO_LINK: Final = frozenset(("-c", "-S", "-E", "-M", "-MM", "-fsyntax-only"))
# Reports that alternate are complete after as many reports as there are jobs. What is still open then was
# never finished: its job was killed.
_MOST_JOBS: Final = 256
# A log with more killed jobs than this is damaged. Looking for the end of each would take too long.
_MOST_UNFINISHED: Final = 100

_Added: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Report:
    """One call as the wrapper printed it: the program, and the flags of each part."""

    program: str
    before: tuple[str, ...]
    original: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def flags(self) -> tuple[str, ...]:
        """The whole command line. The shell's `%q` prints an empty word where there is no flag."""
        return tuple(flag for flag in (*self.before, *self.original, *self.after) if flag)

    @property
    def added(self) -> _Added:
        """What the wrapper added, before and behind the original flags."""
        return self.before, self.after

    @property
    def kind(self) -> tuple[str, bool]:
        """What decides which variables the wrapper reads: its program, and whether the call may link."""
        return self.program, _NO_LINK.isdisjoint(read_command_line(self.original).options)


@dataclass
class _Part:
    """One part of a report; it is `torn` if more flags followed a line of something else."""

    place: int
    program: str
    words: list[str] = field(default_factory=list)
    closed: bool = False
    torn: bool = False


@dataclass
class ReportReader:
    """Collects the parts of reports from the lines of a log."""

    _parts: list[_Part] = field(default_factory=list)
    _words: dict[str, str | None] = field(default_factory=dict)

    def read(self, line: str) -> bool:
        """Read the next line; return whether it belongs to a report."""
        if self._parts and line.startswith("  "):
            return self._read_flag(line)
        header = _HEADER.match(line) if line.endswith(":") else None
        if header is not None:
            self._parts.append(_Part(_PARTS.index(header[1]), header[2]))
            return True
        # Between the parts of a report, the line is another job's. Behind the last part, the compiler runs.
        if self._parts and self._parts[-1].place == _AFTER:
            self._parts[-1].closed = True
        return False

    def reports(self) -> tuple[tuple[Report, ...], int]:
        """Return the reports that are whole, in their order, and the number of those that are mixed."""
        taken: list[Report | None] = []
        unfinished = position = 0
        while position < len(self._parts):
            report = _whole(self._parts[position : position + 3])
            if report is not None:
                taken.append(report if not self._parts[position + 2].torn else None)
                position += 3
                continue
            end = _balanced(self._parts, position) if unfinished < _MOST_UNFINISHED else None
            if end is None:
                unfinished += 1
                position = _next_report(self._parts, position)
            else:
                taken += [None] * ((end - position) // 3)
                position = end
        lagging = _lagging(taken)
        whole = [report for index, report in enumerate(taken) if report is not None and index not in lagging]
        return tuple(whole), len(taken) - len(whole) + unfinished

    def _read_flag(self, line: str) -> bool:
        word, part = self._word(line), self._parts[-1]
        if word is None:
            return False
        if not part.closed:
            part.words.append(word)
            return True
        # Compilers indent parts of their messages, too, which do not look like flags.
        part.torn = part.torn or word.startswith("-")
        return False

    def _word(self, line: str) -> str | None:
        """Return the one word of a line, as the wrapper prints flags; `None` where there are several."""
        if line not in self._words:
            words = split_words(line)
            self._words[line] = words[0] if len(words) == 1 else None
        return self._words[line]


def _whole(parts: Sequence[_Part]) -> Report | None:
    """Return the report that three parts are; `None` if they do not follow each other as those of one."""
    if [part.place for part in parts] != [0, 1, 2] or len({part.program for part in parts}) > 1:
        return None
    before, original, after = (tuple(part.words) for part in parts)
    return Report(parts[0].program, before, original, after)


def _balanced(parts: Sequence[_Part], start: int) -> int | None:
    """Return the first place behind `start` before which every report has all of its parts."""
    missing: Counter[tuple[str, int]] = Counter()
    for position in range(start, min(len(parts), start + 3 * _MOST_JOBS)):
        part = parts[position]
        # The first part of a report opens the other two.
        for place in (1, 2) if part.place == 0 else (part.place,):
            key = (part.program, place)
            missing[key] += 1 if part.place == 0 else -1
            if missing[key] < 0:
                return None
            if not missing[key]:
                del missing[key]
        if not missing:
            return position + 1
    return None


def _next_report(parts: Sequence[_Part], start: int) -> int:
    """Return the place of the first part behind `start` with which a report begins."""
    return next((n for n in range(start + 1, len(parts)) if parts[n].place == 0), len(parts))


def _lagging(taken: Sequence[Report | None]) -> set[int]:
    """Return the places of reports whose last flags seem to stand in the report behind them.

    The headers of such reports are in order. But the last part of the first one is cut short, and the second
    one has more flags than the wrapper adds to such a call. A hook that adds flags between two calls looks
    the same, so the two calls beside it may be left out as well.
    """
    found: set[int] = set()
    usual = Counter((report.kind, report.added) for report in taken if report is not None)
    for index, (first, second) in enumerate(pairwise(taken)):
        if first is not None and second is not None and _lags(first, second, usual):
            found |= {index, index + 1}
    return found


def _lags(first: Report, second: Report, usual: Counter[tuple[tuple[str, bool], _Added]]) -> bool:
    if first.kind == second.kind:
        return _has_more(second.added, first.added)
    # The wrapper adds other flags to calls of another kind. The other calls of a kind show what it should be.
    return any(
        (
            kind == first.kind
            and 2 * usual[kind, first.added] < count
            and added[1][: len(first.after)] == first.after
            and _is_within(added[1][len(first.after) :], second.flags)
        )
        or (kind == second.kind and 2 * usual[kind, second.added] < count and _has_more(second.added, added))
        for (kind, added), count in usual.items()
    )


def _has_more(added: _Added, usual: _Added) -> bool:
    """Say whether `added` has the flags of `usual` in their order, and others."""
    return added != usual and all(_is_within(*parts) for parts in zip(usual, added, strict=True))


def _is_within(words: Iterable[str], others: Iterable[str]) -> bool:
    """Say whether `words` occur among `others` in their order."""
    remaining = iter(others)
    return all(word in remaining for word in words)
