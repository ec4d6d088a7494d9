"""What an overlay changed in a derivation, and whether any of it could be meant to make the result faster.

Most overlays only skip a test, pin a version, or add a patch, an input or a wrapper. They ask for no
optimization, so nothing about speed can be refuted of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.derivation.overlay_diff import as_text, overlay_additions
from pytest_rtopt.evidence.flags.purpose import could_optimize
from pytest_rtopt.evidence.flags.script_text import requested_text
from pytest_rtopt.hardware.microarch import known_marches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.nix.derivation import Derivation

# Attributes that every rebuild changes: they hold the derivation's own output paths.
_OUTPUTS: Final = frozenset({"out", "outputs", "lib", "dev", "bin", "man", "doc", "info", "npm", "env"})
_NAMES: Final = ("name", "pname")
# Attributes and variables whose words a compiler, a linker, `configure` or `make` gets.
_FLAGS: Final = re.compile(r"flags|^opt$", re.IGNORECASE)
# What chooses between sets of flags: cargo's profiles, and the build types of CMake, Meson and cargo.
_PROFILES: Final = re.compile(r"^CARGO_PROFILE_|build_?type$", re.IGNORECASE)
_HARDENING: Final = "NIX_HARDENING_ENABLE"
# What nixpkgs makes the list of.
_HARDENING_OFF: Final = "hardeningDisable"
_HARDENING_ON: Final = "hardeningEnable"
# Flags of what tests and installs: `checkFlags`, `installFlags`.
_TESTS: Final = re.compile(r"check|install", re.IGNORECASE)
_SCRIPTS: Final = re.compile(r"(?:Phase|Hook|Command|Script)$|^(?:pre|post)[A-Z]")
# A flag of code generation (GCC manual, "Option Summary": -f… and -m…) or of rustc's code generation; not
# one of `rm`, `curl`, `find` or `go`.
_CODE_FLAG: Final = re.compile(
    r"(?<![\w-])(?:-(?!f(?:r|v|sSL?|ollow|print\w*)\b|m(?:axdepth|indepth|time|min|ount|od)\b)"
    r"[fm][a-z][\w=-]*|-C[ \t]*[a-z][\w-]*=|-O(?:\d|s|z|g|fast)?(?![\w]))"
)
# Words in a package's name that promise an optimization. The name of an architecture does, too.
_PROMISES: Final = re.compile(
    r"optimi[sz]ed|(?:^|[-_])(?:native|tuned|fast|pgo|lto|avx2?|avx512|bolt|march)(?:$|[-_])"
)
# A setting of a profile in a manifest of cargo.
_SETTING: Final = re.compile(r"(?:(?<![\w-])|(?<=\\n))(?:lto|opt-level|codegen-units)[ \t]*=")
_LEVEL: Final = "GOAMD64"
_GENERIC: Final = frozenset({"core2", "generic", "native", "x86-64"})


@dataclass(frozen=True)
class OverlayChanges:
    """The difference between stock's derivation and the overlay's.

    `names` are the attributes and variables that differ, sorted. `flags` says whether words changed that a
    compiler, a linker, `configure` or `make` gets. `promise` is the new name of the package where that
    promises an optimization.
    """

    names: tuple[str, ...]
    flags: bool
    promise: str | None

    @property
    def could_optimize(self) -> bool:
        """Whether anything could be meant to make the result faster."""
        return self.flags or self.promise is not None

    def in_words(self) -> str:
        """Return the names, at most eight of them."""
        most = 8
        more = len(self.names) - most
        listed = ", ".join(self.names[:most])
        return f"{listed} and {more} more" if more > 0 else listed or "nothing that its derivation shows"


def changes_of(*pairs: tuple[Derivation, Derivation]) -> OverlayChanges:
    """Return what the overlay changed that made, in each pair, the second derivation of the first."""
    names: set[str] = set()
    flags, promise = False, None
    for stock, optimized in pairs:
        before, after = ({**side.attributes, **side.exported} for side in (stock, optimized))
        differing = {
            name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
        } - _OUTPUTS
        names |= differing
        added = overlay_additions(stock, optimized)
        removed = overlay_additions(optimized, stock)
        flags = flags or any(
            _changes_flags(name, added.get(name, ""), removed.get(name, "")) for name in differing
        )
        flags = flags or any(
            _FLAGS.search(name) is not None and _reorders(before.get(name, ""), after.get(name, ""))
            for name in differing
        )
        flags = flags or _takes_hardening_away(before, after)
        promise = promise or _promise(added)
    return OverlayChanges(tuple(sorted(names)), flags, promise)


def _changes_flags(name: str, added: str, removed: str) -> bool:
    if _PROFILES.search(name):
        return True
    if _FLAGS.search(name) and _TESTS.search(name) is None:
        return any(map(could_optimize, (*added.split(), *removed.split())))
    if _SCRIPTS.search(name) is None:
        return False
    text = requested_text(added)
    return _CODE_FLAG.search(text) is not None or _SETTING.search(text) is not None


def _reorders(before: object, after: object) -> bool:
    """Return whether two lists have the same words in another order, of which the last may count."""
    old, new = (as_text(value).split() for value in (before, after))
    return old != new and set(old) == set(new) and any(map(could_optimize, old))


def _takes_hardening_away(before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    """Return whether a kind of hardening was left out: to add one makes nothing faster."""

    def words(side: Mapping[str, object], name: str) -> set[str]:
        return set(as_text(side.get(name, "")).split())

    if words(after, _HARDENING_OFF) - words(before, _HARDENING_OFF):
        return True
    if words(before, _HARDENING_ON) - words(after, _HARDENING_ON):
        return True
    # The list of all is absent where a package has the usual hardening.
    if _HARDENING not in after:
        return False
    if _HARDENING not in before:
        return before.get(_HARDENING_ON) == after.get(_HARDENING_ON)
    return bool(words(before, _HARDENING) - words(after, _HARDENING))


def _promise(added: dict[str, str]) -> str | None:
    for name in _NAMES:
        text = added.get(name, "")
        words = set(re.split(r"[-_\s]", text)) - _GENERIC
        if _PROMISES.search(text) or words & set(known_marches()):
            return text
    # A script that names Go's level is about it, also where it only prints one.
    return next((name for name, text in added.items() if _SCRIPTS.search(name) and _LEVEL in text), None)
