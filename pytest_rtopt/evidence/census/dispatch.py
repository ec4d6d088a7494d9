"""Code that is selected at run time: functions reached only after the CPU was asked for what they need.

Three things tell it, and each of them only for some features: the file itself (ifunc resolvers and their
targets), the name (copies that a compiler made for an architecture, and kernels of known libraries), and a
caller that asks the CPU. What all choices of one resolver need in common is needed whichever is taken.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pytest_rtopt.evidence.elf.dispatch_callers import dispatch_callers_of, targets_of
from pytest_rtopt.hardware.microarch import features as march_features
from pytest_rtopt.hardware.microarch import known_marches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_rtopt.evidence.elf.functions import Function
    from pytest_rtopt.evidence.elf.image import ElfImage

_NONE: frozenset[str] = frozenset()
# GCC's and LLVM's copies of a function for `target_clones` and `target`; `.default` is none of them.
_CLONE = re.compile(r"\.(?:arch_(?P<arch>[\w-]+?)|(?P<isa>[a-z][a-z0-9_]*?))(?:\.\d+)?$")
# What a compiler may use in a copy for a feature, besides the feature.
_IMPLIED = {
    "avx512": "avx512f avx2 avx fma f16c",
    "avx2": "avx2 avx",
    "fma": "fma avx",
    "fma4": "fma4 avx sse4a",
    "xop": "xop fma4 avx sse4a",
    "f16c": "f16c avx",
    "avx": "avx",
    "sse4": "sse4_1 sse4_2",
    "bmi": "bmi1",
    "bmi2": "bmi2",
    "lzcnt": "abm",
    "popcnt": "popcnt",
    "aes": "aes",
    "pclmul": "pclmulqdq",
    "ssse3": "ssse3",
    "sse3": "sse3",
}
# XGETBV, which follows CPUID where that says that it is there.
_PROBE = frozenset({"xsave"})
_V2 = frozenset({"cx16", "lahf_lm", "popcnt", "sse3", "sse4_1", "sse4_2", "ssse3"})


class Choice(NamedTuple):
    """The features of a function for which the CPU is asked first, and those for which it may be.

    Whoever calls a function that needs `perhaps` asks the CPU for something; what for is not known.
    """

    dispatched: frozenset[str] = _NONE
    perhaps: frozenset[str] = _NONE


@dataclass(frozen=True)
class KnownFunctions:
    """Functions that a library calls only after it asked the CPU for the features `dispatched`."""

    library: str
    source: str
    names: re.Pattern[str]
    dispatched: frozenset[str]


@functools.cache
def known_functions() -> tuple[KnownFunctions, ...]:
    """Return the functions of known libraries (`dispatch.toml`)."""
    text = Path(__file__).with_name("dispatch.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    groups = table["features"]
    return tuple(
        KnownFunctions(
            entry["library"],
            entry["source"],
            re.compile("|".join(f"(?:{name})" for name in entry["names"])),
            frozenset(feature for group in entry["dispatched"] for feature in groups[group]),
        )
        for entry in table["function"]
    )


def dispatched_by_name(base: str) -> frozenset[str]:
    """Return the features that the CPU was asked for where a function of this base name is called."""
    found = _clone_features(base)
    for known in known_functions():
        if known.names.match(base):
            found |= known.dispatched
    return found


def choices(
    image: ElfImage, functions: Sequence[Function], features: Sequence[frozenset[str]]
) -> Mapping[int, Choice]:
    """Return, by the number of a function, for which of its features the CPU is or may be asked.

    `features` are what each of `functions` of `image` needs.
    """
    dispatched: dict[int, frozenset[str]] = defaultdict(frozenset)
    for number, needed in enumerate(features):
        if needed and functions[number].base:
            dispatched[number] = needed & dispatched_by_name(functions[number].base)
    groups = targets_of(image, functions)
    for targets in groups:
        common = frozenset.intersection(*(features[number] for number in targets))
        for number in targets:
            dispatched[number] |= features[number] - common
    chosen = frozenset[int]().union(*groups)
    perhaps: dict[int, frozenset[str]] = defaultdict(frozenset)
    for caller in dispatch_callers_of(image, functions):
        if caller.probes:
            dispatched[caller.number] |= features[caller.number] & _PROBE
        # What a resolver chooses from is known better than by its asking.
        for number in caller.callees - chosen:
            perhaps[number] |= features[number] - features[caller.number]
    return {
        number: Choice(dispatched[number], perhaps[number] - dispatched[number])
        for number in dispatched.keys() | perhaps.keys()
        if features[number]
    }


@functools.cache
def _clone_features(base: str) -> frozenset[str]:
    found = _CLONE.search(base)
    if found is None:
        return _NONE
    if found["arch"] is not None:
        march = found["arch"].replace("_", "-")
        return march_features(march) if march in known_marches() else _NONE
    name = "avx512" if found["isa"].startswith("avx512") else found["isa"]
    if name not in _IMPLIED and name not in _V2:
        return _NONE
    return frozenset(_IMPLIED.get(name, name).split()) | {found["isa"]} | _V2
