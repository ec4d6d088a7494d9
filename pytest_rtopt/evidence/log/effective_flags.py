"""Which of several flags on one command line wins, and in how many compilations of a log.

The last flag of a group wins, in GCC 12 and in Clang 16; the test of this file asks the compiler. There are
two exceptions. Without `-mtune`, `-march` sets the tuning as well. From GCC 12 on, `-Ofast` implies
`-fno-semantic-interposition` unless the command line names either form (`default_options_table` in GCC's
`opts.cc`, since commit 458d2c689963). GCC 11.3 does not do so: with `-Ofast`,
`gcc-11 -Q --help=common` shows `-fsemantic-interposition` as enabled, and functions call each other through
the PLT. Clang's `-Ofast` does not do so either.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.flags.command_line import read_command_line
from pytest_rtopt.hardware.microarch import default_mtune, known_marches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pytest_rtopt.evidence.derivation.exported import AddedFlags
    from pytest_rtopt.evidence.log.build_log import BuildLog
    from pytest_rtopt.evidence.log.compiler_calls import CompilerCall

_LEVEL: Final = re.compile(r"-O(\d*|s|z|g|fast)$")
_HIGHEST_LEVEL: Final = 3
OFAST: Final = "-Ofast"


@dataclass(frozen=True)
class Option:
    """A group of flags of which one wins; `pick` returns that one of a call's options, or `None`."""

    name: str
    pick: Callable[[Sequence[str]], str | None]


def _last(flags: Sequence[str], *prefixes: str) -> str | None:
    return next((flag for flag in reversed(flags) if flag.startswith(prefixes)), None)


def _level(flags: Sequence[str]) -> str | None:
    for flag in reversed(flags):
        if found := _LEVEL.match(flag):
            # A level above the highest is the highest. `-O` alone is the first.
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


def _interposition_named(flags: Sequence[str]) -> str | None:
    return _last(flags, "-fsemantic-interposition", "-fno-semantic-interposition")


def _interposition(flags: Sequence[str]) -> str | None:
    named = _interposition_named(flags)
    if named is None and _level(flags) == OFAST:
        return "-fno-semantic-interposition"
    return named


def _matching(pattern: str) -> Callable[[Sequence[str]], str | None]:
    matches = re.compile(pattern).match
    return lambda flags: next((flag for flag in reversed(flags) if matches(flag)), None)


MARCH: Final = Option("-march", lambda flags: _last(flags, "-march="))
LEVEL: Final = Option("-O", _level)
TUNING: Final = Option("-mtune", _tuning)
INTERPOSITION: Final = Option("-f[no-]semantic-interposition", _interposition_named)
INTERPOSITION_GCC_12: Final = Option(INTERPOSITION.name, _interposition)
INTERPOSITION_UNKNOWN: Final = Option(
    INTERPOSITION.name,
    lambda flags: _interposition_named(flags) or (OFAST if _level(flags) == OFAST else None),
)
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
    """What wins in the compilations of a log: each flag of one group with the number of its calls.

    `None` counts the calls that show no flag of the group. `elsewhere` is the number of those among them that
    take more flags from a file, which the log does not show.
    """

    option: str
    counts: Counter[str | None]
    elsewhere: int

    @property
    def calls(self) -> int:
        """The number of compilations."""
        return self.counts.total()

    def in_words(self) -> str:
        """Return the flags and how many calls each one wins, the most frequent first."""
        named = [f"{flag or f'no {self.option}'} in {count}" for flag, count in self.counts.most_common()]
        return ", ".join(named)


def effective(call: CompilerCall, added: AddedFlags) -> Sequence[str]:
    """Return the options that compile, with what the wrapper adds by `added` where it did not print that."""
    if call.complete or call.is_bare:
        return call.options
    after = (*added.after, *(added.after_cxx if call.is_cxx else ()))
    return read_command_line((*added.before, *call.flags, *after)).compiling


def effective_flags(log: BuildLog | None, added: AddedFlags, option: Option) -> EffectiveFlags:
    """Return what wins in the compilations of C in `log`; without a log there are no calls."""
    counts: Counter[str | None] = Counter()
    elsewhere = 0
    for call in () if log is None else log.compilations:
        flag = option.pick(effective(call, added))
        counts[flag] += 1
        elsewhere += flag is None and call.has_response_file
    return EffectiveFlags(option.name, counts, elsewhere)
