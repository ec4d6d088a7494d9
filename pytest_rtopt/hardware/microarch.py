"""Names of x86-64 microarchitectures and their CPU features; all data comes from archspec.

A *march* is a name for GCC's option `-march=` (`skylake`, `znver4`, `x86-64-v3`). For each microarchitecture,
archspec lists the GCC versions that support it and the name that they use. Some entries add `-m` flags to the
name of another microarchitecture, because that GCC lacks the right name; these entries are left out.

If this module is run as a program, it prints the table `overlays/microarchitectures.json` that the Nix
overlays read.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archspec.cpu import TARGETS

from pytest_rtopt.base.errors import ProfileError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_FAMILY = "x86_64"
_GENERIC = "generic"
# The x86-64 psABI's microarchitecture levels under archspec's names, lowest first.
_LEVELS = ("x86_64", "x86_64_v2", "x86_64_v3", "x86_64_v4")
_PLAIN_FLAGS = re.compile(r"-march=\{name\} -mtune=(?P<tune>\S+)")


@dataclass(frozen=True)
class _GccName:
    """The name of one archspec target in a range of GCC versions; bounds are inclusive, empty means open."""

    march: str
    mtune: str
    target: str
    oldest: tuple[int, ...]
    newest: tuple[int, ...]

    def known_to(self, version: tuple[int, ...]) -> bool:
        # If the newest version is "12.2", then 12.2.1 is included. A bare "12" does not count as 12.3.
        return self.oldest <= version and (not self.newest or version[: len(self.newest)] <= self.newest)


@dataclass(frozen=True)
class GccNames:
    """Names for GCC: `-march=` selects the instructions, `-mtune=` the processor to schedule for."""

    march: str
    mtune: str


def known_marches() -> tuple[str, ...]:
    """Return every known `-march=` name, sorted."""
    return tuple(sorted(_by_march()))


def known_mtunes() -> tuple[str, ...]:
    """Return every known `-mtune=` name, sorted: microarchitectures and `generic`, but no psABI level."""
    return tuple(sorted({name.mtune for name in _by_march().values()}))


def nearest(name: str) -> tuple[str, ...]:
    """Return up to three known `-march=` names with a spelling close to `name`; may be empty."""
    return tuple(difflib.get_close_matches(name.lower(), known_marches(), n=3, cutoff=0.5))


def features(march: str) -> frozenset[str]:
    """Return the CPU features that code for `march` may use, under the names of `/proc/cpuinfo`.

    Raises `ProfileError` for a name that is not among `known_marches`.
    """
    return frozenset(TARGETS[_named(march).target].features)


def default_mtune(march: str) -> str:
    """Return the `-mtune=` that GCC implies for `march`: the same name, or `generic` for a psABI level."""
    return _named(march).mtune


def psabi_level(march: str) -> int:
    """Return the highest x86-64 psABI level (1 to 4) whose features `march` includes; GOAMD64 is `v<level>`.

    Only the sets of features are compared. Raises `ProfileError` for an unknown name.
    """
    return _level_of(TARGETS[_named(march).target].features)


def level_march(level: int) -> str:
    """Return the `-march=` name of a psABI level 1 to 4."""
    return next(name.march for name in _by_march().values() if name.target == _LEVELS[level - 1])


def with_implied(flags: Collection[str]) -> frozenset[str]:
    """Return the kernel's CPU `flags`, plus `sse3` if another flag implies it.

    Linux lists SSE3 as `pni`, and archspec assumes SSE3 if SSSE3 is present.
    """
    return frozenset(flags) | ({"sse3"} if {"pni", "ssse3"} & set(flags) else frozenset())


def identify(vendor: str | None, live: Collection[str]) -> str | None:
    """Return archspec's name of the best x86-64 target whose features are all in `live`, or `None`.

    The rule is that of archspec's `host()`: take the best psABI level, then the most derived target of this
    vendor above it. So if a virtual machine hides one feature of a microarchitecture, its name is the level.
    """
    return _best(vendor, live, frozenset(_x86_targets()))


def gcc_names_for(vendor: str | None, live: Collection[str], gcc_version: str | None) -> GccNames | None:
    """Return the best names that this CPU can run and that GCC `gcc_version` ("12.2.0") knows.

    Every feature of the march is in `live`. The mtune is the most derived target of `vendor` that the CPU can
    run. It may lie below the level of the march, because scheduling needs no feature. If `gcc_version` is
    `None`, every name counts as known. Returns `None` if the CPU is not x86-64.
    """
    version = None if gcc_version is None else version_parts(gcc_version)
    # A target has one name per range of versions. Without a version, the name with an open range is used.
    known = {
        name.target: name
        for name in _gcc_names()
        if (not name.newest if version is None else name.known_to(version))
    }
    best = _best(vendor, live, known.keys())
    if best is None:
        return None
    tuned = [t for t in known if TARGETS[t].vendor == vendor and TARGETS[t].features <= set(live)]
    mtune = known[max(tuned, key=_depth)].mtune if tuned else _GENERIC
    return GccNames(march=known[best].march, mtune=mtune)


def overlay_table() -> str:
    """Return the text of `overlays/microarchitectures.json`: oldest GCC, psABI level and vendor by march."""
    table = {
        march: {
            "gcc": ".".join(map(str, min(n.oldest for n in _gcc_names() if n.march == march))),
            "level": psabi_level(march),
            "vendor": TARGETS[name.target].vendor,
        }
        for march, name in _by_march().items()
    }
    return json.dumps(table, indent=2, sort_keys=True) + "\n"


def _best(vendor: str | None, live: Collection[str], among: Collection[str]) -> str | None:
    runnable = [name for name in among if TARGETS[name].features <= set(live)]
    generic = [name for name in runnable if TARGETS[name].vendor == _GENERIC]
    # Every x86-64 CPU has SSE2. This must be checked here, because archspec's baseline lists no features.
    if not generic or not {"sse", "sse2"} <= set(live):
        return None
    level = max(generic, key=_depth)
    above = [n for n in runnable if TARGETS[n].vendor in {vendor, _GENERIC} and TARGETS[n] > TARGETS[level]]
    return max(above, key=_depth, default=level)


def _depth(name: str) -> tuple[int, int, str]:
    """Rank targets like archspec, by ancestors and then by features; the name breaks ties."""
    return len(TARGETS[name].ancestors), len(TARGETS[name].features), name


def _level_of(have: Collection[str]) -> int:
    return max(n for n, level in enumerate(_LEVELS, start=1) if TARGETS[level].features <= set(have))


def _named(march: str) -> _GccName:
    try:
        return _by_march()[march]
    except KeyError:
        near = " or ".join(f"`{name}`" for name in nearest(march)) or "`x86-64-v3`"
        raise ProfileError(f"`{march}` is not a known microarchitecture; did you mean {near}?") from None


@functools.cache
def _by_march() -> Mapping[str, _GccName]:
    # archspec lists `x86-64` twice, with another tuning for GCC before 4.2; the current entry comes first.
    return {name.march: name for name in reversed(_gcc_names())}


@functools.cache
def _gcc_names() -> tuple[_GccName, ...]:
    names = []
    for target in _x86_targets():
        for entry in TARGETS[target].compilers.get("gcc", ()):
            plain = _PLAIN_FLAGS.fullmatch(entry["flags"])
            if plain is None:
                continue
            march = entry.get("name", target)
            oldest, _, newest = entry["versions"].partition(":")
            mtune = plain["tune"].replace("{name}", march)
            names.append(_GccName(march, mtune, target, version_parts(oldest), version_parts(newest)))
    return tuple(names)


@functools.cache
def _x86_targets() -> tuple[str, ...]:
    return tuple(sorted(name for name, target in TARGETS.items() if target.family.name == _FAMILY))


def version_parts(text: str) -> tuple[int, ...]:
    """Return the numbers in a GCC version, which may have a suffix (`14.0.1-20240411`)."""
    return tuple(int(part) for part in re.findall(r"\d+", text))


if __name__ == "__main__":
    sys.stdout.write(overlay_table())
