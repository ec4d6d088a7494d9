"""The compiler's own record of its options: `.GCC.command.line`, written under `-frecord-gcc-switches`.

What the section holds was read off programs built with GCC 12:

- one NUL-terminated line for each distinct command line; the linker merges equal lines, so that a line may
  stand for many units and units are not named; `strip -s` and `strip -S` keep the section;
- options that select code (`-march`, `-O`, `-f…`), not `-D`, `-I` or `-Wl`; without `-march`, the default
  (`-march=x86-64`) is written out; `-march=native` is written as what it stood for;
- with `-flto`, only the options of the link step: nothing unless `-frecord-gcc-switches` is given there, and
  then the `-march` of the link step even if the objects, whose `-march` decides about the code, had another.

GCC 10 and earlier wrote each option as a string of its own; these cannot be told apart by unit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# "GNU C17 12.2.0 -march=…", "GNU C++17 …", "GNU GIMPLE …", "GNU Fortran2008 …", "GNU AS …".
_PRODUCER = re.compile(r"(?P<language>GNU \S+) (?P<version>\d\S*)(?: |$)")
_LTO_LANGUAGE = "GNU GIMPLE"


@dataclass(frozen=True)
class CommandLine:
    """One recorded command line; `language` and `version` are empty where they were not recorded."""

    language: str
    version: str
    switches: tuple[str, ...]

    @property
    def is_link_time(self) -> bool:
        """Whether it is of link-time code generation, which has its `-march` from the objects."""
        return self.language == _LTO_LANGUAGE

    @property
    def march(self) -> str | None:
        """The architecture that decides: the last `-march`."""
        named = [switch.removeprefix("-march=") for switch in self.switches if switch.startswith("-march=")]
        return named[-1] if named else None


@dataclass(frozen=True)
class RecordedSwitches:
    """The distinct command lines that a program was compiled with, in the order of the file."""

    lines: tuple[CommandLine, ...]

    def march(self) -> frozenset[str]:
        """Return the architectures that units were compiled for.

        Lines of link-time code generation are left out: what they record is not what the code was made for.
        """
        return frozenset(
            line.march for line in self.lines if line.march is not None and not line.is_link_time
        )


def parse_switches(section: bytes) -> RecordedSwitches:
    """Parse the content of `.GCC.command.line`; an empty one gives no lines.

    Lines that no GCC wrote (Clang records its whole command line there, beginning with its path) are taken as
    they are, with an empty language.
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
