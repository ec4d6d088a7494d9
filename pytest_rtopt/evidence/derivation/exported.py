"""Finds the flags that a derivation exports to its compilers, and flags in places that no compiler reads.

The variables are those that the wrappers of nixpkgs read (`cc-wrapper/add-flags.sh`,
`bintools-wrapper/add-flags.sh`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.flags.script_text import fragments

if TYPE_CHECKING:
    from pytest_rtopt.nix.derivation import Derivation

# The variables from which the compiler's wrapper takes flags. Flags of `_BEFORE` stand before those of the
# command line, which override them. The other flags stand after the command line and override it. The wrapper
# reads `_AFTER_CXX` for C++ only.
_BEFORE: Final = "NIX_CFLAGS_COMPILE_BEFORE"
_AFTER: Final = "NIX_CFLAGS_COMPILE"
_AFTER_CXX: Final = "NIX_CXXSTDLIB_COMPILE"
_COMPILER_VARIABLES: Final = (_BEFORE, _AFTER, _AFTER_CXX)
_LINK_VARIABLES: Final = (
    "NIX_CFLAGS_LINK",
    "NIX_CXXSTDLIB_LINK",
    "NIX_GNATFLAGS_COMPILE",
    "NIX_LDFLAGS",
    "NIX_LDFLAGS_BEFORE",
    "NIX_LDFLAGS_AFTER",
    "NIX_LDFLAGS_HARDEN",
)
_ROLE_SUFFIXES: Final = ("", "_FOR_BUILD", "_FOR_TARGET")
_LINK_READ: Final = frozenset(name + suffix for name in _LINK_VARIABLES for suffix in _ROLE_SUFFIXES)
# `hardeningDisable` and `hardeningEnable` make it.
_HARDENING: Final = "NIX_HARDENING_ENABLE"
# Nix itself, or nixpkgs in every derivation, sets these variables unless attributes are structured.
_EVERY_DERIVATION: Final = ("__structuredAttrs", "builder", "name", "outputs", "system")
# Attributes with a script for a shell, and attributes with arguments of make. The build log shows whether a
# flag in them takes effect.
_SCRIPT_ENDINGS: Final = ("Phase", "Hook", "Command", "Script")
_SCRIPT_PREFIXES: Final = ("pre", "post")
_ARGUMENT_ENDINGS: Final = ("Flags", "FlagsArray")
# Shell syntax that can change variables without naming them, or change which program a name runs.
_INDIRECTLY: Final = re.compile(
    r"\$\{!|\b(?:eval|unset|declare)\b|\benv +-|\bPATH=|\b(?:gcc|g\+\+|cc|c\+\+) *\(\)"
)
UNEXPORTED: Final = "is not exported: with __structuredAttrs only what is in `env` reaches the compiler"
"""The reason why no compiler reads an attribute that is not exported."""


@dataclass(frozen=True)
class AddedFlags:
    """The flags that the wrapper adds before and after those of the command line, and after them for C++."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    after_cxx: tuple[str, ...] = ()


@dataclass(frozen=True)
class Misplaced:
    """A flag in an attribute that no compiler reads, and the reason."""

    flag: str
    attribute: str
    reason: str


def added_flags(derivation: Derivation) -> AddedFlags:
    """Return the words that the wrapper adds to every compilation."""
    before, after, after_cxx = (
        tuple(derivation.exported.get(name, "").split()) for name in (_BEFORE, _AFTER, _AFTER_CXX)
    )
    return AddedFlags(before, after, after_cxx)


def misplaced(derivation: Derivation, flag: str) -> tuple[Misplaced, ...]:
    """Return the words beginning with `flag` that no compiler reads, sorted by attribute."""
    found = []
    for name, value in sorted(derivation.attributes.items()):
        if name == "env" or is_script(name) or is_argument(name):
            continue
        words = [word for fragment in fragments(name, str(value)) for word in fragment.words]
        named = [word for word in words if word.startswith(flag)]
        if not named:
            continue
        reason = why_ignored(name) if name in derivation.exported else UNEXPORTED
        if reason is not None:
            found.append(Misplaced(named[-1], name, reason))
    return tuple(found)


def lost_variables(stock: Derivation, optimized: Derivation) -> tuple[str, ...]:
    """Return the variables that stock exports and that the optimized derivation lacks, sorted.

    A variable that became empty is lost, too, if its name is in capitals. Other attributes, such as
    `doCheck`, are empty if they are false. The list of hardening flags is excluded, because nixpkgs computes
    it: it is empty if all of them are disabled, and absent if the package has the usual ones. If only one
    side has structured attributes, variables that became attributes are not lost.
    """
    kept = set(optimized.exported)
    if optimized.structured != stock.structured:
        kept |= {*optimized.attributes, *optimized.outputs, *_EVERY_DERIVATION}
    emptied = {
        name
        for name, value in stock.exported.items()
        if name == name.upper() and value.strip() and not optimized.exported.get(name, value).strip()
    }
    return tuple(sorted(((set(stock.exported) - kept) | emptied) - {_HARDENING}))


def scripts_naming(stock: Derivation, optimized: Derivation, word: str) -> tuple[str, ...]:
    """Return the phases and hooks that differ from stock's and that contain `word`, sorted."""
    return tuple(
        sorted(
            name
            for name, value in optimized.attributes.items()
            if is_script(name) and word in str(value) and stock.attributes.get(name) != value
        )
    )


def scripts_rewriting(stock: Derivation, optimized: Derivation) -> tuple[str, ...]:
    """Return the phases and hooks with a new line that can change flags or commands without naming them."""
    return tuple(
        sorted(
            name
            for name, value in optimized.attributes.items()
            if is_script(name)
            and any(
                _INDIRECTLY.search(line)
                for line in set(str(value).splitlines()) - set(str(stock.attributes.get(name)).splitlines())
            )
        )
    )


def why_ignored(name: str) -> str | None:
    """Return why a flag in the exported variable `name` reaches no C compiler; `None` if it does."""
    plain = name.removesuffix("_FOR_BUILD").removesuffix("_FOR_TARGET")
    if plain == _AFTER_CXX:
        return "is read for C++ only"
    if plain in _COMPILER_VARIABLES:
        return None if plain == name else "is read only for code of another machine than the package's own"
    if name in _LINK_READ:
        return f"is read when linking only; {_AFTER} was probably meant"
    return f"is read by no compiler wrapper{_suggestion(name)}"


def is_script(name: str) -> bool:
    """Return whether a shell runs the attribute: `buildPhase`, `shellHook`, `preBuild`, `postInstall`."""
    if name.endswith(_SCRIPT_ENDINGS):
        return True
    return any(
        name.startswith(prefix) and name[len(prefix) : len(prefix) + 1].isupper()
        for prefix in _SCRIPT_PREFIXES
    )


def is_argument(name: str) -> bool:
    """Return whether the attribute holds arguments of `configure` or `make`."""
    return name.endswith(_ARGUMENT_ENDINGS)


def _suggestion(name: str) -> str:
    """Return a sentence suffix with the variable that was probably meant by `name`; may be empty."""
    if "FLAGS" not in name.upper():
        return ""
    if "LDFLAGS" in name.upper():
        return "; NIX_LDFLAGS was probably meant"
    if "CXX" in name.upper():
        return f"; {_AFTER}, or {_AFTER_CXX} for C++ alone, was probably meant"
    return f"; {_AFTER} was probably meant"
