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

# A flag ends where its name cannot go on, be it in a word of the shell's or in a command of sed's. What
# goes on with a variable (`v$level`) names nothing.
_WORD_END: Final = r"(?![\w.$-])"
_MARCH: Final = re.compile(rf"(?:-march|target-cpu)=([\w.-]+){_WORD_END}")
_LEVEL: Final = re.compile(rf"\bGOAMD64[ \t]*=[ \t]*[\"']?(v[1-4]){_WORD_END}")
_LTO: Final = re.compile(r"(?<![\w-])(?:-flto|--with-lto|--enable-lto)\b(?!=no\b)")
_PROFILE: Final = re.compile(
    r"-fprofile-(?:generate|use)\b|-fauto-profile\b|--enable-optimizations\b|--enable-pgo-(?:generate|use)\b"
)
# CPython's own default task, unless another is named.
_DEFAULT_TRAINING: Final = "--enable-optimizations"
_OWN_TRAINING: Final = "PROFILE_TASK"
_V8_OPTIONS: Final = re.compile(r"--v8-options=(\S+)")
_LINKER: Final = re.compile(rf"-fuse-ld=(\w+){_WORD_END}")
# However the variable is spelled: who misspells it has asked for a cache all the same.
_COMPILE_CACHE: Final = re.compile(r"\b(?!\w*DISABLE)\w*(?:NODE|RTOPT)\w*COMPIL[A-Z_]*CACHE")
_LEVEL_VARIABLE: Final = "GOAMD64"


@dataclass(frozen=True)
class Asked:
    """The requests that were found anywhere in the changed attributes.

    `marches` are the architectures named with `-march=` or `target-cpu=`, `levels` the values given to
    GOAMD64; `lto` says whether flags of link-time optimization occur, `pgo_level` is "NONE" without those of
    profile-guided optimization, "LIGHT" where the training is CPython's own default, and "FULL" otherwise.
    """

    marches: frozenset[str]
    levels: frozenset[str]
    lto: bool
    pgo_level: str
    jemalloc: bool = False
    compile_cache: bool = False
    static_tls: bool = False
    v8_options: str | None = None
    linker: str | None = None

    @property
    def names_more(self) -> bool:
        """Whether anything was asked for beside an architecture or a level."""
        return (
            self.lto
            or self.pgo_level != "NONE"
            or self.jemalloc
            or self.compile_cache
            or self.static_tls
            or self.v8_options is not None
            or self.linker is not None
        )


def asked_by(stock: Derivation, optimized: Derivation) -> Asked:
    """Return what the attributes that differ from stock's ask for."""
    changed = {
        name: str(value)
        for name, value in {**optimized.attributes, **optimized.exported}.items()
        if stock.attributes.get(name) != value and stock.exported.get(name) != value
    }
    text = "\n".join(f"{name}={value}" for name, value in changed.items())
    levels = set(_LEVEL.findall(text))
    if _LEVEL_VARIABLE in changed:
        levels.add(changed[_LEVEL_VARIABLE])
    return Asked(
        marches=frozenset(_MARCH.findall(text)),
        levels=frozenset(levels),
        lto=_LTO.search(text) is not None,
        pgo_level=_pgo_level(text),
        jemalloc="jemalloc" in text,
        compile_cache=_COMPILE_CACHE.search(text) is not None,
        static_tls="-ftls-model=initial-exec" in text,
        v8_options=_first(_V8_OPTIONS, text),
        linker=_first(_LINKER, text),
    )


def _pgo_level(text: str) -> str:
    if _PROFILE.search(text) is None:
        return "NONE"
    return "LIGHT" if _DEFAULT_TRAINING in text and _OWN_TRAINING not in text else "FULL"


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return None if found is None else found[1]
