"""What an overlay asks for, read off the derivation that it made.

Somebody else's overlay is held to its own word. A detected profile says what this machine could run, not what
a stranger's overlay promised. Only what the overlay added is read; what stock says already is nobody's
request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.derivation.overlay_diff import overlay_additions
from pytest_rtopt.evidence.log.effective_flags import LEVEL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.nix.derivation import Derivation

# A flag ends where its name cannot go on, be it in a word of the shell's or in a command of sed's. What
# goes on with a variable (`v$level`) names nothing.
_WORD_END: Final = r"(?![\w.$-])"
# A package set for one architecture (`hostPlatform.gcc.arch`) shows in what it demands of builders.
_MARCH: Final = re.compile(rf"(?:(?:-march|target-cpu)=|\bgccarch-)([\w.-]+){_WORD_END}")
_MTUNE: Final = re.compile(rf"(?<![\w-])-mtune=([\w.-]+){_WORD_END}")
_LEVEL: Final = re.compile(rf"\bGOAMD64[ \t]*=[ \t]*[\"']?(v[1-4]){_WORD_END}")
_LTO: Final = re.compile(
    r"(?<![\w-])(?:-flto|--with-lto|--enable-lto)\b(?!=no\b)"
    r"|(?<![\w-])-C[ \t]*lto\b(?!=(?:off|no|n|false)\b)"
    r"|\bCARGO_PROFILE_\w+_LTO[ \t]*=[ \t]*[\"']?(?!off|false|n\b|no\b)\w"
    r"|\brust\.lto=(?!off|thin-local)\w"
)
_PROFILE: Final = re.compile(
    r"-fprofile-(?:instr-|sample-)?(?:generate|use)\b|-fauto-profile\b|-Cprofile-use\b"
    r"|--enable-optimizations\b|--enable-pgo-(?:generate|use)\b"
    r"|(?<![\w-])-pgo=(?!off\b|auto\b)|\bdefault\.pgo\b"
)
_OPTIMIZATION: Final = re.compile(rf"(?<![\w-])-O(?:\d|s|z|g|fast)?{_WORD_END}")
# A script calls compilers for purposes of its own; what it hands to the package goes by such a name.
_HANDED_ON: Final = re.compile(r"FLAGS|\bOPT\b|NIX_")
_INTERPOSITION: Final = re.compile(rf"(?<![\w-])-fno-semantic-interposition{_WORD_END}")
# CPython's own default task, unless another is named.
_DEFAULT_TRAINING: Final = "--enable-optimizations"
_OWN_TRAINING: Final = "PROFILE_TASK"
# The variable of CPython's Makefile that names what the program is linked with.
_STATIC_INTERPRETER: Final = "LINK_PYTHON_OBJS"
_V8_OPTIONS: Final = re.compile(r"--v8-options=(\S+)")
_LINKER: Final = re.compile(rf"-fuse-ld=(\w+){_WORD_END}")
# However the variable is spelled: who misspells it has asked for a cache all the same.
_COMPILE_CACHE: Final = re.compile(r"(?:NODE|RTOPT)\w*COMPIL[A-Z_]*CACHE")
# Looking for the above takes the cube of a word's length, and base64 has long words.
_VARIABLE_NAME: Final = re.compile(r"(?<!\w)\w{1,100}(?!\w)")
_LEVEL_VARIABLE: Final = "GOAMD64"
# The attribute that nixpkgs gives every derivation: what brings the compiler.
_STANDARD_ENVIRONMENT: Final = "stdenv"


@dataclass(frozen=True)
class Requested:
    """The requests that were found anywhere in what the overlay added.

    `marches` are the architectures named with `-march=`, `target-cpu=` or by a feature that builders must
    have, `levels` the values given to GOAMD64; `lto` says whether flags of link-time optimization occur,
    `pgo_level` is "NONE" without those of profile-guided optimization, "LIGHT" where the training is
    CPython's own default, and "FULL" otherwise. `optimization` is what follows `-O`, and `mtune` what follows
    `-mtune=`; `None` for several as for none. `compiler` says that another standard environment builds.
    """

    marches: frozenset[str]
    levels: frozenset[str]
    lto: bool
    pgo_level: str
    jemalloc: bool = False
    compile_cache: bool = False
    static_tls: bool = False
    static_interpreter: bool = False
    v8_options: str | None = None
    linker: str | None = None
    optimization: str | None = None
    mtune: str | None = None
    no_interposition: bool = False
    compiler: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return not (self.marches or self.levels or self.names_more)

    @property
    def names_more(self) -> bool:
        """Whether anything was asked for beside an architecture or a level."""
        return (
            self.lto
            or self.pgo_level != "NONE"
            or self.jemalloc
            or self.compile_cache
            or self.static_tls
            or self.static_interpreter
            or self.no_interposition
            or self.compiler
            or any(
                named is not None for named in (self.v8_options, self.linker, self.optimization, self.mtune)
            )
        )


def marches_named(text: str) -> frozenset[str]:
    """Return the architectures that a text names, as `-march=`, `target-cpu=` or a feature of builders."""
    return frozenset(_MARCH.findall(text))


def requested_by(*changes: tuple[Derivation, Derivation]) -> Requested:
    """Return what the overlay added that made, in each pair, the second derivation of the first."""
    added: dict[str, str] = {}
    for stock, optimized in changes:
        for name, value in overlay_additions(stock, optimized).items():
            added[name] = f"{added[name]}\n{value}" if name in added else value
    return _requests_in(added)


def requested_in(text: str) -> Requested:
    """Return what the text of an overlay asks for, wherever in it."""
    return _requests_in({"text": text})


def _requests_in(added: Mapping[str, str]) -> Requested:
    text = "\n".join(f"{name}={value}" for name, value in added.items())
    levels = set(_LEVEL.findall(text))
    if _LEVEL_VARIABLE in added:
        levels |= set(added[_LEVEL_VARIABLE].split())
    return Requested(
        marches=marches_named(text),
        levels=frozenset(levels),
        lto=_LTO.search(text) is not None,
        pgo_level=_pgo_level(text),
        jemalloc="jemalloc" in text,
        compile_cache=any(_is_compile_cache(word) for word in _VARIABLE_NAME.findall(text)),
        static_tls="-ftls-model=initial-exec" in text,
        static_interpreter=_STATIC_INTERPRETER in text,
        v8_options=_first(_V8_OPTIONS, text),
        linker=_first(_LINKER, text),
        optimization=_optimization(added),
        mtune=_only(set(_MTUNE.findall(text))),
        no_interposition=_INTERPOSITION.search(text) is not None,
        compiler=_STANDARD_ENVIRONMENT in added,
    )


def _is_compile_cache(variable: str) -> bool:
    return _COMPILE_CACHE.search(variable) is not None and "DISABLE" not in variable


def _optimization(added: Mapping[str, str]) -> str | None:
    """Return the level that is asked for: in each line of flags the last one, if all lines agree."""
    named = set()
    for name, value in added.items():
        # The linker has levels of its own.
        lines = [] if "LDFLAGS" in name else value.splitlines()
        handed_on = [line for line in lines if _HANDED_ON.search(f"{name.upper()} {line}")]
        picked = [LEVEL.pick(_OPTIMIZATION.findall(line)) for line in handed_on]
        named |= {level.removeprefix("-O") for level in picked if level is not None}
    return _only(named)


def _pgo_level(text: str) -> str:
    if _PROFILE.search(text) is None:
        return "NONE"
    return "LIGHT" if _DEFAULT_TRAINING in text and _OWN_TRAINING not in text else "FULL"


def _only(named: set[str]) -> str | None:
    return named.pop() if len(named) == 1 else None


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return None if found is None else found[1]
