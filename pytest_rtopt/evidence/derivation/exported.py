"""What a derivation exports to its compilers, and where else a flag stands in vain.

The variables are those that nixpkgs' wrappers read (`cc-wrapper/add-flags.sh`,
`bintools-wrapper/add-flags.sh`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_rtopt.nix.derivation import Derivation

# Where the compiler's wrapper takes flags from. Those of `_BEFORE` stand before the command line's own, which
# win over them; the others stand behind and win. The last one is read for C++ only.
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
# What Nix itself puts into the environment where attributes are not structured.
# Empty where `hardeningDisable` names all of them.
_HARDENING: Final = "NIX_HARDENING_ENABLE"
_EVERY_DERIVATION: Final = ("builder", "name", "outputs", "system")
# Attributes whose text a shell runs, and arguments of make; a flag in there may or may not take effect, which
# the build log shows.
_SCRIPT_ENDINGS: Final = ("Phase", "Hook", "Command", "Script")
_SCRIPT_PREFIXES: Final = ("pre", "post")
_ARGUMENT_ENDINGS: Final = ("Flags", "FlagsArray")
# How a shell changes a variable that it does not name, and which program it finds under a name.
_INDIRECTLY: Final = re.compile(
    r"\$\{!|\b(?:eval|unset|declare)\b|\benv +-|\bPATH=|\b(?:gcc|g\+\+|cc|c\+\+) *\(\)"
)
UNEXPORTED: Final = "is not exported: with __structuredAttrs only what is in `env` reaches the compiler"
"""Why an attribute that is not among the exported ones is read by no compiler."""


@dataclass(frozen=True)
class AddedFlags:
    """What the wrapper adds: `before` the command line's own flags, `after` them, and then for C++ alone."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    after_cxx: tuple[str, ...] = ()


@dataclass(frozen=True)
class Misplaced:
    """A flag in a place from which no compiler takes it: the flag, the attribute, and why it is in vain."""

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
    """Return the attributes in which a word beginning with `flag` stands in vain, by name."""
    found = []
    for name, value in sorted(derivation.attributes.items()):
        words = [word.strip("\"'") for word in str(value).split()]
        named = [word for word in words if word.startswith(flag)]
        if not named or name == "env":
            continue
        if is_script(name) or is_argument(name):
            continue
        reason = in_vain(name) if name in derivation.exported else UNEXPORTED
        if reason is not None:
            found.append(Misplaced(named[-1], name, reason))
    return tuple(found)


def lost_variables(stock: Derivation, optimized: Derivation) -> tuple[str, ...]:
    """Return the variables that stock exports and the optimized derivation no longer does, sorted.

    Those that it empties are lost, too, if their name is a variable's: attributes such as `doCheck` are empty
    where they are false, and the list of hardening flags where all of them were switched off. With structured
    attributes on one side alone, what has become an attribute was moved and not lost.
    """
    kept = set(optimized.exported)
    if optimized.structured != stock.structured:
        kept |= {*optimized.attributes, *optimized.outputs, *_EVERY_DERIVATION}
    emptied = {
        name
        for name, value in stock.exported.items()
        if name == name.upper()
        and name != _HARDENING
        and value.strip()
        and not optimized.exported.get(name, value).strip()
    }
    return tuple(sorted((set(stock.exported) - kept) | emptied))


def scripts_naming(stock: Derivation, optimized: Derivation, word: str) -> tuple[str, ...]:
    """Return the phases and hooks that differ from stock's and in whose text `word` occurs, sorted."""
    return tuple(
        sorted(
            name
            for name, value in optimized.attributes.items()
            if is_script(name) and word in str(value) and stock.attributes.get(name) != value
        )
    )


def scripts_rewriting(stock: Derivation, optimized: Derivation) -> tuple[str, ...]:
    """Return the phases and hooks with a line, not stock's, that can change flags or commands unnamed."""
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


def in_vain(name: str) -> str | None:
    """Return why a flag in the exported variable `name` reaches no C compiler; `None` where it does."""
    plain = name.removesuffix("_FOR_BUILD").removesuffix("_FOR_TARGET")
    if plain == _AFTER_CXX:
        return "is read for C++ only"
    if plain in _COMPILER_VARIABLES:
        return None if plain == name else "is read for other machines' code than the package's own"
    if name in _LINK_READ:
        return f"is read when linking only; {_AFTER} was probably meant"
    return f"is read by no compiler wrapper{_meant(name)}"


def is_script(name: str) -> bool:
    """Say whether a shell runs the attribute: `buildPhase`, `shellHook`, `preBuild`, `postInstall`."""
    if name.endswith(_SCRIPT_ENDINGS):
        return True
    return any(
        name.startswith(prefix) and name[len(prefix) : len(prefix) + 1].isupper()
        for prefix in _SCRIPT_PREFIXES
    )


def is_argument(name: str) -> bool:
    """Say whether the attribute holds arguments of `configure` or `make`."""
    return name.endswith(_ARGUMENT_ENDINGS)


def _meant(name: str) -> str:
    """Return what somebody who wrote `name` was after, as the end of a sentence; maybe nothing."""
    if "FLAGS" not in name.upper():
        return ""
    if "LDFLAGS" in name.upper():
        return "; NIX_LDFLAGS was probably meant"
    if "CXX" in name.upper():
        return f"; {_AFTER}, or {_AFTER_CXX} for C++ alone, was probably meant"
    return f"; {_AFTER} was probably meant"
