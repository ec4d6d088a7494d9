"""Finds the flags that an overlay adds, and decides whether anything reads them.

The sources for which program reads which variable: `cc-wrapper/add-flags.sh` and
`bintools-wrapper/add-flags.sh` of nixpkgs, its wrapper of rustc, the book of cargo (`build.rustflags`), and
`go help environment`. If a build system may read a variable, its name refutes nothing; the build log decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.derivation.exported import UNEXPORTED, is_argument, is_script, why_ignored
from pytest_rtopt.evidence.derivation.overlay_diff import overlay_additions
from pytest_rtopt.evidence.flags.script_text import fragments, requested_text

if TYPE_CHECKING:
    from pytest_rtopt.nix.derivation import Derivation

# Flags that change code; other flags, such as -D, -I or -W, are ignored here.
_C_FLAG: Final = re.compile(
    r"-(?:m(?:arch|tune|cpu)=\S+|m(?:avx|sse|bmi|fma|abm|popcnt|lzcnt)\S*|O(?:\d|s|z|g|fast)?"
    r"|f(?:lto|profile-|auto-profile|no-semantic-interposition|no-plt|unroll-|ipa-|tree-|vect|fast-math"
    r"|omit-frame-pointer|graphite|whole-program|devirtualize|split-|tls-model)\S*)$"
)
_RUST_FLAG: Final = re.compile(
    r"(?:-C|--codegen=)?(?:target-cpu|target-feature|opt-level|lto|codegen-units)=\S+$"
)
_LINKER_CHOICE: Final = re.compile(r"-fuse-ld=\S+$")
# Flags of the linker. `-z` is left out, because compilers pass it on.
_LINKER_FLAG: Final = re.compile(
    r"--(?:gc-sections|as-needed|icf=\S+|sort-common)$|-(?:Bsymbolic\S*|rpath\S*)$"
)
# Variables whose words are read when linking; the linker has its own optimization levels.
_WHEN_LINKING: Final = re.compile(r"LD\w*FLAGS")
_LEVEL: Final = re.compile(r"-O\d?$")
_C_READ: Final = frozenset(("NIX_CFLAGS_COMPILE", "NIX_CFLAGS_COMPILE_BEFORE"))
_LINK_READ: Final = frozenset(("NIX_CFLAGS_LINK", "NIX_CXXSTDLIB_LINK"))
_LD_READ: Final = frozenset(("NIX_LDFLAGS", "NIX_LDFLAGS_BEFORE", "NIX_LDFLAGS_AFTER", "NIX_LDFLAGS_HARDEN"))
_CGO: Final = re.compile(r"CGO_\w*FLAGS$")
_RUST_READ: Final = re.compile(r"(?:NIX_|CARGO_(?:ENCODED_|BUILD_|TARGET_\w+_)?)?RUSTFLAGS$")
_FOR_A_TARGET: Final = re.compile(r"CARGO_(?:BUILD|TARGET_\w+)_RUSTFLAGS$")
_RUST_MEANT: Final = re.compile(r"RUST\w*FLAGS|RUSTC\w*OPT", re.IGNORECASE)


class Reading(Enum):
    """Whether anything reads a flag in its attribute."""

    BY_WRAPPER = "the compiler's wrapper reads it"
    READ = "read by something else"
    JUDGED_ELSEWHERE = "a script or an argument"
    MAYBE_READ = "a build system may read it"
    UNREAD = "nothing reads it"


@dataclass(frozen=True)
class Placement:
    """A flag that the overlay added, its attribute, whether anything reads it, and if not, the reason."""

    flag: str
    attribute: str
    reading: Reading
    reason: str = ""

    @property
    def chooses_linker(self) -> bool:
        """Whether the flag names a linker."""
        return _LINKER_CHOICE.match(self.flag) is not None


def placements(stock: Derivation, optimized: Derivation) -> tuple[Placement, ...]:
    """Return the code-changing flags that the overlay added, by attribute and in their order."""
    found = []
    for name, text in overlay_additions(stock, optimized).items():
        shown = requested_text(text) if is_script(name) else text
        words = (word for fragment in fragments(name, shown) for word in fragment.words)
        for word in dict.fromkeys(words):
            if is_script(name) or is_argument(name):
                if _is_flag(word):
                    found.append(Placement(word, name, Reading.JUDGED_ELSEWHERE))
            elif _is_flag(word) and not _is_linkers(name, word):
                reading, reason = _reading(optimized, name, word)
                found.append(Placement(word, name, reading, reason))
    return tuple(found)


def _is_flag(word: str) -> bool:
    return any(kind.match(word) for kind in (_C_FLAG, _RUST_FLAG, _LINKER_CHOICE, _LINKER_FLAG))


def _is_linkers(name: str, word: str) -> bool:
    """Return whether the flag is one of the linker's, in an attribute that is not for the compiler."""
    if _LINKER_FLAG.match(word):
        return name not in _C_READ
    return _WHEN_LINKING.search(name.upper()) is not None and _LEVEL.match(word) is not None


def _reading(derivation: Derivation, name: str, word: str) -> tuple[Reading, str]:
    """Return whether the flag `word` in the variable `name` is read, and if not, the reason."""
    if name not in derivation.exported:
        return (Reading.MAYBE_READ if _used_by(derivation, name) else Reading.UNREAD), UNEXPORTED
    if _RUST_FLAG.match(word):
        return _rust_reading(derivation, name)
    if _LINKER_CHOICE.match(word):
        return _linker_reading(name)
    if _LINKER_FLAG.match(word):
        return Reading.UNREAD, _LINKERS_OWN
    return _c_reading(derivation, name)


_LINKERS_OWN: Final = "goes to the compiler, where it means something else; NIX_LDFLAGS was probably meant"
_GO_READS: Final = "is read by the go command, which has no such flag; CGO_CFLAGS was probably meant"
_RUST_READS: Final = "is read by rustc, which has no such flag; NIX_CFLAGS_COMPILE was probably meant"


def _c_reading(derivation: Derivation, name: str) -> tuple[Reading, str]:
    overwritten = _overwritten_by(derivation, name)
    if name in _C_READ and overwritten is None:
        return Reading.BY_WRAPPER, ""
    if _CGO.match(name):
        return Reading.READ, ""
    if name == "GOFLAGS" or _RUST_READ.match(name):
        return Reading.UNREAD, _GO_READS if name == "GOFLAGS" else _RUST_READS
    reason = overwritten or why_ignored(name) or ""
    # Variables that begin with NIX_ belong to nixpkgs. Only a script of the package may read others of them.
    unknown = name.startswith("NIX_") and name not in _C_READ and not _used_by(derivation, name)
    return (Reading.UNREAD if unknown else Reading.MAYBE_READ), reason


def _linker_reading(name: str) -> tuple[Reading, str]:
    if name in _LD_READ:
        return Reading.UNREAD, (
            "goes to the linker, after the compiler has chosen it; NIX_CFLAGS_LINK was probably meant"
        )
    if name in _LINK_READ or name in _C_READ:
        return Reading.READ, ""
    return Reading.MAYBE_READ, why_ignored(name) or ""


def _rust_reading(derivation: Derivation, name: str) -> tuple[Reading, str]:
    if _FOR_A_TARGET.match(name) and "RUSTFLAGS" in derivation.exported:
        return Reading.UNREAD, (
            "cargo ignores if RUSTFLAGS is set, even to an empty value, as it is here; append to RUSTFLAGS"
        )
    if _RUST_READ.match(name):
        return Reading.READ, ""
    if _RUST_MEANT.search(name):
        return Reading.UNREAD, "is read by neither cargo nor rustc; RUSTFLAGS was probably meant"
    return Reading.MAYBE_READ, "is read by neither cargo nor rustc"


def _used_by(derivation: Derivation, name: str) -> bool:
    """Return whether a script or an argument uses the value of the shell variable `name`."""
    uses = re.compile(rf"\$\{{?{re.escape(name)}\b")
    return any(
        uses.search(str(value)) is not None
        for other, value in derivation.attributes.items()
        if is_script(other) or is_argument(other)
    )


def _overwritten_by(derivation: Derivation, name: str) -> str | None:
    """Return the reason if a script sets `name` to a value without the old one; `None` otherwise."""
    assigns = re.compile(rf"(?<![\w$-]){re.escape(name)}=")
    takes = re.compile(rf"\$\{{?{re.escape(name)}\b")
    for other, value in sorted(derivation.attributes.items()):
        text = str(value) if is_script(other) else ""
        if assigns.search(text) and not takes.search(text):
            return f"{other} overwrites; append to it there, after that line"
    return None
