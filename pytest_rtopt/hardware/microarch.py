"""Names of x86-64 microarchitectures and what they imply; everything here is read from archspec.

A *march* is a name that GCC's `-march=` takes (`skylake`, `znver4`, `x86-64-v3`). archspec lists, for each of
its microarchitectures, the GCC versions that support it and the name to give them. Entries that add further
`-m` flags stand in for a name that the compiler lacks; they name another microarchitecture and are left out.

Run as a module, it prints the table that the Nix overlays read: `overlays/microarchitectures.json`.
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
    """What one range of GCC versions (bounds inclusive, empty: open) calls one archspec target."""

    march: str
    mtune: str
    target: str
    oldest: tuple[int, ...]
    newest: tuple[int, ...]

    def known_to(self, version: tuple[int, ...]) -> bool:
        # "12.2" as the newest includes 12.2.1; and a bare "12" is not yet known to be 12.3.
        return self.oldest <= version and (not self.newest or version[: len(self.newest)] <= self.newest)


@dataclass(frozen=True)
class GccNames:
    """The pair of names to give GCC: `-march=` (what may be used) and `-mtune=` (what to schedule for)."""

    march: str
    mtune: str


def known_marches() -> tuple[str, ...]:
    """Return every `-march=` name that can be judged, sorted."""
    return tuple(sorted(_by_march()))


def known_mtunes() -> tuple[str, ...]:
    """Return every `-mtune=` name, sorted: the microarchitectures and `generic`, but no psABI level."""
    return tuple(sorted({name.mtune for name in _by_march().values()}))


def nearest(name: str) -> tuple[str, ...]:
    """Return up to three known `-march=` names that are spelled most like `name`; maybe none."""
    return tuple(difflib.get_close_matches(name.lower(), known_marches(), n=3, cutoff=0.5))


def features(march: str) -> frozenset[str]:
    """Return the CPU features that code for `march` may use, under Linux' names (`/proc/cpuinfo`).

    Raises `ProfileError` for a name that is not among `known_marches`.
    """
    return frozenset(TARGETS[_named(march).target].features)


def default_mtune(march: str) -> str:
    """Return the `-mtune=` that goes with `march` alone: itself, or `generic` for a psABI level."""
    return _named(march).mtune


def psabi_level(march: str) -> int:
    """Return 1 to 4: the highest x86-64 psABI level whose features `march` has all of; GOAMD64 is `v` of it.

    Judged by feature sets alone. Raises `ProfileError` for an unknown name.
    """
    return _level_of(TARGETS[_named(march).target].features)


def level_march(level: int) -> str:
    """Return the `-march=` name of a psABI level 1 to 4."""
    return next(name.march for name in _by_march().values() if name.target == _LEVELS[level - 1])


def with_implied(flags: Collection[str]) -> frozenset[str]:
    """Return the kernel's CPU `flags` with those added that it lists under an older name or leaves out.

    Linux shows SSE3 as `pni`, and archspec counts it as given by SSSE3.
    """
    return frozenset(flags) | ({"sse3"} if {"pni", "ssse3"} & set(flags) else frozenset())


def identify(vendor: str | None, live: Collection[str]) -> str | None:
    """Return archspec's name of the best x86-64 target whose features are all in `live`, or `None`.

    The rule is archspec's own `host()`, applied to given flags instead of this machine's: the best psABI
    level, then the most derived target of that vendor above it. So a virtual machine that hides one feature
    of a microarchitecture is named by its level.
    """
    return _best(vendor, live, frozenset(_x86_targets()))


def gcc_names_for(vendor: str | None, live: Collection[str], gcc_version: str | None) -> GccNames | None:
    """Return the best names that a GCC of `gcc_version` ("12.2.0") knows and that this CPU can run.

    Every feature of the march is in `live`. The mtune is the most derived target of `vendor` that the CPU can
    run, which may lie below the march's level: scheduling needs no feature. With `gcc_version` `None` every
    name counts as known. `None` if not even the x86-64 baseline has a name.
    """
    version = None if gcc_version is None else version_parts(gcc_version)
    # A target has one name per range of versions; without a version, the one whose range is still open.
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
    """Return the text of `overlays/microarchitectures.json`: first GCC, psABI level, vendor of each march."""
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
    # A CPU without SSE2 or with no flags at all is not an x86-64 one; archspec's baseline lists no features.
    if not generic or not {"sse", "sse2"} <= set(live):
        return None
    level = max(generic, key=_depth)
    above = [n for n in runnable if TARGETS[n].vendor in {vendor, _GENERIC} and TARGETS[n] > TARGETS[level]]
    return max(above, key=_depth, default=level)


def _depth(name: str) -> tuple[int, int, str]:
    """Rank targets as archspec does, by ancestors and then features; the name makes it total."""
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
    # `x86-64` is listed twice, with another tuning for GCC before 4.2; what is current comes first.
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
    """Return the numbers of a version of GCC, which may end in words (`14.0.1-20240411`)."""
    return tuple(int(part) for part in re.findall(r"\d+", text))


if __name__ == "__main__":
    sys.stdout.write(overlay_table())
