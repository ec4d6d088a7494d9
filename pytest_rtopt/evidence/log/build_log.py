"""What a build log shows of the compilers: their calls, and warnings that mean "silently not optimized"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pytest_rtopt.evidence.log.compiler_calls import CompilerCall, read_calls
from pytest_rtopt.evidence.log.warnings import find_warnings

__all__ = ["BuildLog", "CompilerCall", "parse_log"]

# What compilers colour their messages with: some do so in builds, too.
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[mK]")


@dataclass(frozen=True)
class BuildLog:
    """A parsed build log: the compiler calls in order, and the suspicious warnings with their number.

    `quiet` and `mixed` count what the log hides, see `compiler_calls.Calls`.
    """

    calls: tuple[CompilerCall, ...]
    warnings: tuple[tuple[str, int], ...]
    text: str
    quiet: int = 0
    mixed: int = 0

    @property
    def compilations(self) -> tuple[CompilerCall, ...]:
        """The calls that compiled a source of C or its relatives, see `compilations_of`."""
        return self.compilations_of("c")

    def compilations_of(self, language: str) -> tuple[CompilerCall, ...]:
        """Return the calls that compiled a source of `language`, each once.

        Where the wrapper reports, those of its calls that the build printed as well are the same once more;
        of a compiler that was called without it there is no report.
        """
        compiled = tuple(call for call in self.calls if call.compiles and call.language == language)
        if not any(call.complete for call in compiled):
            return compiled
        return tuple(call for call in compiled if call.complete or call.is_bare)

    @property
    def is_complete(self) -> bool:
        """Whether the wrapper printed its flags."""
        return any(call.complete for call in self.calls)

    def may_be_mixed(self, lacking: int) -> bool:
        """Return whether mixed reports leave it open that `lacking` compilations have the flag after all.

        A report that is mixed without being recognized shows flags of another call. That explains a minority
        of the compilations, and no more.
        """
        return 0 < 2 * lacking <= len(self.compilations) + self.mixed and self.mixed > 0

    @property
    def hidden(self) -> str:
        """Sentence suffix describing compilations the log hides; may be empty."""
        words = ""
        if self.quiet:
            words += (
                f"; the log names {self.quiet} compilations without their commands, which V=1, `ninja -v` or "
                "NIX_DEBUG=1 would show"
            )
        if self.mixed:
            words += (
                f"; {self.mixed} of the wrapper's reports are mixed with those of parallel jobs, "
                "which building with `enableParallelBuilding = false` would avoid"
            )
        return words


def parse_log(text: str) -> BuildLog:
    """Parse the text of a build log; lines that are nothing of the compiler's are passed over.

    Takes time in proportion to the text.
    """
    plain = _COLOUR.sub("", text) if "\x1b" in text else text
    found = read_calls(plain.splitlines())
    return BuildLog(found.calls, find_warnings(plain), text, found.quiet, found.mixed)
