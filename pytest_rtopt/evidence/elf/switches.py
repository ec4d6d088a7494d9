"""Parses the compiler's record of its options: `.GCC.command.line`, written with `-frecord-gcc-switches`.

The format was found by looking at programs built with GCC 12:

- The section has one NUL-terminated line for each distinct command line. The linker merges equal lines, so a
  line may stand for many units, and units are not named. `strip -s` and `strip -S` keep the section.
- It records options that select code (`-march`, `-O`, `-f…`), but not `-D`, `-I` or `-Wl`. Without `-march`
  it records the default (`-march=x86-64`). For `-march=native` it records the options that this means.
- With `-flto` it records only the options of the link step, and only if `-frecord-gcc-switches` is given
  there. The recorded `-march` is that of the link step, although the `-march` of the objects determines the
  code.

GCC 10 and earlier wrote each option as a string of its own, so the options of different units are mixed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_rtopt.evidence.flags.command_line import read_command_line

# "GNU C17 12.2.0 -march=…", "GNU C++17 …", "GNU GIMPLE …", "GNU Fortran2008 …", "GNU AS …".
_PRODUCER = re.compile(r"(?P<language>GNU \S+) (?P<version>\d\S*)(?: |$)")
_MARCH = "-march="
_LTO_LANGUAGE = "GNU GIMPLE"


@dataclass(frozen=True)
class CommandLine:
    """One recorded command line; `language` and `version` are empty if they were not recorded."""

    language: str
    version: str
    switches: tuple[str, ...]

    @property
    def options(self) -> tuple[str, ...]:
        """The compiler's own options among the switches, without arguments such as the name behind `-o`.

        Clang records the whole command line that its driver got.
        """
        return read_command_line(self.switches).options

    @property
    def is_link_time(self) -> bool:
        """Whether it belongs to link-time code generation, where the `-march` of the objects counts."""
        return self.language == _LTO_LANGUAGE

    @property
    def march(self) -> str | None:
        """The architecture of the last `-march`, which overrides the others."""
        named = next((option for option in reversed(self.options) if option.startswith(_MARCH)), None)
        return None if named is None else named.removeprefix(_MARCH)


@dataclass(frozen=True)
class RecordedSwitches:
    """The distinct command lines of a program's compilations, in the order of the file."""

    lines: tuple[CommandLine, ...]

    def march(self) -> frozenset[str]:
        """Return the architectures for which units were compiled.

        Lines of link-time code generation are left out, because their architecture is not that of the code.
        """
        return frozenset(
            line.march for line in self.lines if line.march is not None and not line.is_link_time
        )


def parse_switches(section: bytes) -> RecordedSwitches:
    """Parse the content of `.GCC.command.line`, which may be empty.

    Lines of other compilers are kept with an empty language. Clang, for example, records its whole command
    line, which begins with its path.
    """
    lines: list[CommandLine] = []
    loose: list[str] = []
    for text in (record.decode(errors="replace") for record in section.split(b"\0") if record):
        producer = _PRODUCER.match(text)
        if producer is not None:
            switches = tuple(text[producer.end() :].split())
            lines.append(CommandLine(producer["language"], producer["version"], switches))
        elif text.startswith("-") and " " not in text:
            loose.append(text)
        else:
            lines.append(CommandLine("", "", tuple(text.split())))
    if loose:
        lines.append(CommandLine("", "", tuple(loose)))
    return RecordedSwitches(tuple(lines))
