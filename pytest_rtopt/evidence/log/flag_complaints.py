"""Which of some flags a failed build's log names in an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_rtopt.nix.events import without_colour

if TYPE_CHECKING:
    from collections.abc import Iterable

# As GCC, Clang, binutils, rustc, the go command and configure scripts write it. `-Werror` is none.
_COMPLAINT: Final = re.compile(
    r"(?<![\w-])(?:error:|unrecogni[sz]ed|unknown|invalid|bad value|unsupported|not supported"
    r"|not a recogni[sz]ed processor)"
)
_WARNING: Final = re.compile(r"(?<![\w-])warning:", re.IGNORECASE)
_LONGEST_LINE: Final = 4000
# GCC's are typographic in some languages.
_QUOTES: Final = "'\"`\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"


def flags_in_errors(flags: Iterable[str], log: str) -> tuple[str, ...]:
    """Return those of `flags` that a line with an error names as a whole or by a part.

    GCC splits them: "bad value 'nonsense' for '-march=' switch". The linker names what it got of `-Wl,…`,
    rustc what stands behind `-C`, and Go its variable: "invalid GOAMD64".
    """
    lines = [
        line[:_LONGEST_LINE]
        for line in without_colour(log).splitlines()
        if _COMPLAINT.search(line) and _WARNING.search(line) is None
    ]
    return tuple(
        flag for flag in flags if any(pattern.search(line) for pattern in _names(flag) for line in lines)
    )


def _names(flag: str) -> list[re.Pattern[str]]:
    name, _, value = flag.partition("=")
    patterns = [rf"(?<![\w-]){re.escape(flag)}(?![\w-])"]
    if not flag.startswith("-"):
        patterns.append(rf"\b{re.escape(name)}\b")
    quoted = [value, name[2:].strip() if name.startswith("-C") else ""]
    if name.startswith("-W"):
        quoted += flag.split(",")[1:]
    patterns += [rf"[{_QUOTES}]{re.escape(part)}[{_QUOTES}]" for part in quoted if part]
    return [re.compile(pattern) for pattern in patterns]
