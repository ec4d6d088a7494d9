"""What an overlay asks for, read off the derivation that it made.

Somebody else's overlay is held to its own word. A detected profile says what this machine could run, not what
a stranger's overlay promised. Only what the overlay changed is read; what stock says already is nobody's
request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_rtopt.nix.derivation import Derivation

# A flag ends where the shell or Nix would end the word; so does a variable's value.
_WORD_END: Final = r"(?=[\s\"';]|$)"
_MARCH: Final = re.compile(rf"-march=([\w.-]+){_WORD_END}")
_LEVEL: Final = re.compile(rf"\bGOAMD64[ \t]*=[ \t]*[\"']?(v[1-4]){_WORD_END}")
_LTO: Final = re.compile(r"(?<!\S)[\"']?-flto\b")
_PROFILE: Final = re.compile(r"-fprofile-(?:generate|use)\b|-fauto-profile\b")
_LEVEL_VARIABLE: Final = "GOAMD64"


@dataclass(frozen=True)
class Asked:
    """The requests that were found.

    `marches` are the architectures named with `-march=`, `levels` the values given to GOAMD64, anywhere in
    the changed attributes; `lto` and `pgo` say whether flags of link-time and profile-guided optimization
    occur.
    """

    marches: frozenset[str]
    levels: frozenset[str]
    lto: bool
    pgo: bool


def asked_by(stock: Derivation, optimized: Derivation) -> Asked:
    """Return what the attributes that differ from stock's ask for."""
    changed = {
        name: str(value)
        for name, value in {**optimized.attributes, **optimized.exported}.items()
        if stock.attributes.get(name) != value and stock.exported.get(name) != value
    }
    text = "\n".join(changed.values())
    levels = set(_LEVEL.findall(text))
    if _LEVEL_VARIABLE in changed:
        levels.add(changed[_LEVEL_VARIABLE])
    return Asked(
        marches=frozenset(_MARCH.findall(text)),
        levels=frozenset(levels),
        lto=_LTO.search(text) is not None,
        pgo=_PROFILE.search(text) is not None,
    )
