"""Which of several flags on one command line counts, and in how many compilations of a log.

As GCC 12 and Clang 16 decide it: the last of a group wins. The test of this file asks the compiler itself.
Two things are more than that: `-Ofast` brings `-fno-semantic-interposition` unless it is named, and without
`-mtune`, `-march` tunes as well.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.hardware.microarch import default_mtune, known_marches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_rtopt.evidence.derivation.exported import AddedFlags
    from pytest_rtopt.evidence.log.build_log import BuildLog
    from pytest_rtopt.evidence.log.compiler_calls import CompilerCall

_LEVEL: Final = re.compile(r"-O(\d*|s|z|g|fast)$")
_HIGHEST_LEVEL: Final = 3


@dataclass(frozen=True)
class Option:
    """A group of flags that exclude each other, and how the one that counts is found among a call's flags."""

    name: str
    pick: Callable[[Sequence[str]], str | None]


def _last(flags: Sequence[str], *prefixes: str) -> str | None:
    return next((flag for flag in reversed(flags) if flag.startswith(prefixes)), None)


def _level(flags: Sequence[str]) -> str | None:
    for flag in reversed(flags):
        if found := _LEVEL.match(flag):
            # What is above the highest level is that, and `-O` alone is the first.
            number = found[1]
            if number.isdigit():
                return f"-O{min(int(number[:2]), _HIGHEST_LEVEL)}"
            return f"-O{number or 1}"
    return None


def _tuning(flags: Sequence[str]) -> str | None:
    # -mcpu is the old name of -mtune.
    named = _last(flags, "-mtune=", "-mcpu=")
    if named is not None:
        return f"-mtune={named.partition('=')[2]}"
    march = _last(flags, "-march=")
    if march is None:
        return None
    name = march.removeprefix("-march=")
    return f"-mtune={default_mtune(name) if name in known_marches() else name}"


def _interposition(flags: Sequence[str]) -> str | None:
    named = _last(flags, "-fsemantic-interposition", "-fno-semantic-interposition")
    if named is None and _level(flags) == "-Ofast":
        return "-fno-semantic-interposition"
    return named


def _matching(pattern: str) -> Callable[[Sequence[str]], str | None]:
    matches = re.compile(pattern).match
    return lambda flags: next((flag for flag in reversed(flags) if matches(flag)), None)


MARCH: Final = Option("-march", lambda flags: _last(flags, "-march="))
LEVEL: Final = Option("-O", _level)
TUNING: Final = Option("-mtune", _tuning)
INTERPOSITION: Final = Option("-f[no-]semantic-interposition", _interposition)
LTO: Final = Option("-flto", _matching(r"-flto(?:=.*)?$|-fno-lto$"))
FAT_OBJECTS: Final = Option("-ffat-lto-objects", _matching(r"-ffat-lto-objects$"))
PROFILE: Final = Option(
    "-fprofile-use",
    _matching(r"-f(?:profile-(?:instr-|sample-)?use|auto-profile)(?:=.*)?$|-fno-profile-use$"),
)
TRAINING: Final = Option(
    "-fprofile-generate", _matching(r"-f(?:cs-)?profile-(?:instr-)?generate(?:=.*)?$|-fprofile-arcs$")
)


@dataclass(frozen=True)
class EffectiveFlags:
    """What counts in the compilations of a log: each flag of one group with the number of calls that it wins.

    `None` stands for calls without any flag of the group that a log would show. `elsewhere` counts those of
    them that take flags from a response file, of which nothing is known.
    """

    option: str
    counts: Counter[str | None]
    elsewhere: int

    @property
    def calls(self) -> int:
        """The number of compilations."""
        return self.counts.total()

    def in_words(self) -> str:
        """Return the flags and their numbers, the most frequent first."""
        named = [f"{flag or f'no {self.option}'} in {count}" for flag, count in self.counts.most_common()]
        return ", ".join(named)


def effective(call: CompilerCall, added: AddedFlags) -> Sequence[str]:
    """Return the whole command line: where the wrapper did not print it, with what it adds by `added`."""
    if call.complete or call.is_bare:
        return call.flags
    return (*added.before, *call.flags, *added.after, *(added.after_cxx if call.is_cxx else ()))


def effective_flags(log: BuildLog | None, added: AddedFlags, option: Option) -> EffectiveFlags:
    """Return what wins in the compilations of C in `log`; no calls without a log."""
    counts: Counter[str | None] = Counter()
    elsewhere = 0
    for call in () if log is None else log.compilations:
        flag = option.pick(effective(call, added))
        counts[flag] += 1
        elsewhere += flag is None and call.has_response_file
    return EffectiveFlags(option.name, counts, elsewhere)
