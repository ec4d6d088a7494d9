"""What an overlay asks for, as the derivation that it made shows it.

An overlay that was not written for this project is held to its own requests: a detected profile says what the
machine could run, not what such an overlay promised. Only what the overlay added is read. What stock has
already is not a request. Neither is a flag in a comment, a flag that a script removes, or a word that the
compiler hands on to the linker or the assembler.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.derivation.exported import is_script
from pytest_rtopt.evidence.derivation.overlay_diff import overlay_additions
from pytest_rtopt.evidence.flags.script_text import Fragment, fragments, requested_text
from pytest_rtopt.evidence.log.effective_flags import LEVEL, MARCH
from pytest_rtopt.hardware.microarch import known_marches, psabi_level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_rtopt.nix.derivation import Derivation

# A flag ends where its name cannot go on. A name that goes on with a variable (`v$level`) is not known.
_WORD_END: Final = r"(?![\w.$-])"
# Features of the CPU alone ask for an architecture, too, without saying which.
_RUST_FEATURES: Final = re.compile(r"(target-feature)=[\"']?\+")
# A package set for one architecture (`hostPlatform.gcc.arch`) shows in what it demands of builders.
_MARCH: Final = re.compile(rf"(?:(?:-march|target-cpu)=|\bgccarch-)([\w.-]+){_WORD_END}")
_PLATFORM: Final = re.compile(rf"\bgccarch-([\w.-]+){_WORD_END}")
# The linker writes into the file that it needs this level (manual of `ld`, "-z x86-64-v3").
_NEEDED_LEVEL: Final = re.compile(rf"(?<![\w-])-z[ \t,]*(x86-64-v[2-4]){_WORD_END}")
# -mcpu is the old name of -mtune.
_MTUNE: Final = re.compile(rf"(?<![\w-])-m(?:tune|cpu)=([\w.-]+){_WORD_END}")
_LEVEL: Final = re.compile(rf"\bGOAMD64[ \t]*=[ \t]*[\"']?(v[1-4]){_WORD_END}")
_LTO: Final = re.compile(
    r"(?<![\w-])(?:-flto|--with-lto|--enable-lto)\b(?!=no\b)"
    r"|(?<![\w-])-C[ \t]*lto\b(?!=(?:off|no|n|false)\b)"
    r"|\bCARGO_PROFILE_\w+_LTO[ \t]*=[ \t]*[\"']?(?!off|false|n\b|no\b)\w"
    r"|\brust\.lto=(?!off|thin-local)\w"
)
# In a manifest of cargo, in the options of Meson, and in those of CMake.
_LTO_SETTING: Final = re.compile(
    r"(?:(?<![\w-])|(?<=\\n))lto[ \t]*=[ \t]*[\\\"']*(?:fat|thin|true)\b|-Db_lto=true\b"
    r"|-DCMAKE_INTERPROCEDURAL_OPTIMIZATION(?:_RELEASE)?(?::BOOL)?=(?:ON|1|TRUE|YES)\b",
    re.IGNORECASE,
)
_PROFILE: Final = re.compile(
    r"-fprofile-(?:instr-|sample-)?(?:generate|use)\b|-fauto-profile\b|-Cprofile-use\b"
    r"|--enable-optimizations\b|--enable-pgo-(?:generate|use)\b"
    r"|(?<![\w-])-pgo=(?!off\b|auto\b)|\bdefault\.pgo\b"
)
# A script may call compilers for its own purposes. What it passes to the package goes by such a name.
_PASSED_ON: Final = re.compile(r"FLAGS|\bOPT\b|NIX_")
# What these variables hold is read when linking: by the compiler driver, or by the linker, which has levels
# of its own. No source is compiled with it.
_WHEN_LINKING: Final = re.compile(r"LD\w*FLAGS|LINK|LIBS$")
_INTERPOSITION: Final = re.compile(rf"(?<![\w-])-fno-semantic-interposition{_WORD_END}")
# CPython's own default task, unless another is named.
_DEFAULT_TRAINING: Final = "--enable-optimizations"
_OWN_TRAINING: Final = "PROFILE_TASK"
# The variable of CPython's Makefile that names what the program is linked with.
_STATIC_INTERPRETER: Final = "LINK_PYTHON_OBJS"
_V8_OPTIONS: Final = re.compile(r"--v8-options=(\S+)")
_LINKER: Final = re.compile(rf"-fuse-ld=(\w+){_WORD_END}")
# The archive of a release of Rust, or a package that is made of it.
_RUST_RELEASE: Final = re.compile(r"\brustc?-\d+\.\d+\.\d+-x86_64-unknown-linux-gnu\b")
# A misspelt name of the variable is a request, too.
_COMPILE_CACHE: Final = re.compile(r"(?:NODE|RTOPT)\w*COMPIL[A-Z_]*CACHE")
# The pattern above takes the cube of a word's length, and base64 has long words.
_VARIABLE_NAME: Final = re.compile(r"(?<!\w)\w{1,100}(?!\w)")
_MARCH_FLAG: Final = "-march="
_LEVEL_VARIABLE: Final = "GOAMD64"
# The attribute that nixpkgs gives every derivation: what brings the compiler.
_STANDARD_ENVIRONMENT: Final = "stdenv"


@dataclass(frozen=True)
class Requested:
    """The requests in what the overlay added.

    `marches` are the architectures named with `-march=`, `target-cpu=` or by a feature that builders must
    have, `levels` the values given to GOAMD64. `lto` says whether flags of link-time optimization occur.
    `pgo_level` is "NONE" without flags of profile-guided optimization, "LIGHT" where the training is
    CPython's own default, and "FULL" otherwise. `optimization` is what follows `-O`, and `mtune` what follows
    `-mtune=`; both are `None` if there are none or several. `compiler` says that another standard environment
    builds. `platform` are those of `marches` that only the feature names: a package set for one architecture
    hands it to the C compiler, and to no other. `rust_release` says whether the overlay brings upstream's
    release of Rust.
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
    platform: frozenset[str] = frozenset()
    rust_release: bool = False

    def without_platform(self) -> Requested:
        """Return the requests without those of the platform, for code that no C compiler compiles."""
        return replace(self, marches=self.marches - self.platform)

    def on_platform(self, platform: Mapping[str, str]) -> Requested:
        """Return the requests with those of the platform that the packages are for: its `arch` and `tune`.

        nixpkgs also names the architecture in what it demands of builders, and other package sets need not.
        """
        named = frozenset({platform["arch"]} if "arch" in platform else ())
        return replace(
            self,
            marches=self.marches | named,
            platform=self.platform | (named - self.marches),
            mtune=platform.get("tune") if self.mtune is None else self.mtune,
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return not (self.marches or self.levels or self.names_more)

    @property
    def names_more(self) -> bool:
        """Whether the overlay requests anything but an architecture or a level of GOAMD64."""
        return (
            self.lto
            or self.pgo_level != "NONE"
            or self.jemalloc
            or self.compile_cache
            or self.static_tls
            or self.static_interpreter
            or self.no_interposition
            or self.compiler
            or self.rust_release
            or any(
                named is not None for named in (self.v8_options, self.linker, self.optimization, self.mtune)
            )
        )


def marches_named(text: str) -> frozenset[str]:
    """Return the architectures that a text names, as `-march=`, `target-cpu=` or a feature of builders."""
    return frozenset(_MARCH.findall(text) or _RUST_FEATURES.findall(text))


def requested_by(*changes: tuple[Derivation, Derivation], patches: str = "") -> Requested:
    """Return the requests of the overlay that made the second derivation of each pair from the first.

    `patches` are lines that its patches add to the files by which the package is built.
    """
    added: dict[str, str] = {}
    for stock, optimized in changes:
        for name, value in overlay_additions(stock, optimized).items():
            added[name] = f"{added[name]}\n{value}" if name in added else value
    if patches:
        added["patches"] = patches
    return _requests_in(added)


def requested_in(text: str) -> Requested:
    """Return what the text of an overlay asks for, wherever in it."""
    return _requests_in({"text": text})


def _requests_in(added: Mapping[str, str]) -> Requested:
    texts = {
        name: requested_text(value) if is_script(name) or "\n" in value else value
        for name, value in added.items()
    }
    found = [fragment for name, value in texts.items() for fragment in fragments(name, value)]
    text = "\n".join(f"{name}={value}" for name, value in texts.items())
    flags = "\n".join(f"{fragment.name}={' '.join(fragment.words)}" for fragment in found)
    levels = set(_LEVEL.findall(text))
    if _LEVEL_VARIABLE in texts:
        levels |= set(texts[_LEVEL_VARIABLE].split())
    return Requested(
        marches=marches_named(_without_overridden(found)) | frozenset(_NEEDED_LEVEL.findall(text)),
        levels=frozenset(levels),
        lto=_LTO.search(flags) is not None or _LTO_SETTING.search(text) is not None,
        pgo_level=_pgo_level(text, flags),
        jemalloc="jemalloc" in text,
        compile_cache=any(_is_compile_cache(word) for word in _VARIABLE_NAME.findall(text)),
        static_tls="-ftls-model=initial-exec" in flags,
        static_interpreter=_STATIC_INTERPRETER in text,
        v8_options=_first(_V8_OPTIONS, text),
        linker=_first(_LINKER, flags),
        optimization=_optimization(found),
        mtune=_only(set(_MTUNE.findall(flags))),
        no_interposition=_INTERPOSITION.search(flags) is not None,
        compiler=_STANDARD_ENVIRONMENT in texts,
        rust_release=_RUST_RELEASE.search(text) is not None,
        platform=frozenset(_PLATFORM.findall(flags)) - marches_named(_PLATFORM.sub("", flags)),
    )


def _without_overridden(found: Iterable[Fragment]) -> str:
    """Return the flags without an `-march` that a later one of the same level or a higher one overrides.

    A lower one behind it is what spoils the request.
    """
    lines = []
    for fragment in found:
        last = MARCH.pick(fragment.words)
        level = _level_of(last)
        words = [
            word
            for word in fragment.words
            if not word.startswith(_MARCH_FLAG) or word == last or level < _level_of(word)
        ]
        lines.append(f"{fragment.name}={' '.join(words)}")
    return "\n".join(lines)


def _level_of(flag: str | None) -> int:
    """Return the level of the psABI of an `-march`; 0 where it is not known, as for `native`."""
    name = "" if flag is None else flag.removeprefix(_MARCH_FLAG)
    return psabi_level(name) if name in known_marches() else 0


def _is_compile_cache(variable: str) -> bool:
    return _COMPILE_CACHE.search(variable) is not None and "DISABLE" not in variable


def _optimization(found: Iterable[Fragment]) -> str | None:
    """Return the requested level: in each variable the last one, if all variables agree."""
    named = set()
    for fragment in found:
        if _WHEN_LINKING.search(fragment.name.upper()):
            continue
        if _PASSED_ON.search(f"{fragment.name.upper()} {fragment.line}"):
            named.add(LEVEL.pick(fragment.words))
    return _only({level.removeprefix("-O") for level in named if level is not None})


def _pgo_level(text: str, flags: str) -> str:
    if _PROFILE.search(flags) is None:
        return "NONE"
    return "LIGHT" if _DEFAULT_TRAINING in text and _OWN_TRAINING not in text else "FULL"


def _only(named: set[str]) -> str | None:
    return named.pop() if len(named) == 1 else None


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return None if found is None else found[1]
