"""Finds code that is chosen at run time: functions that run only after a check that the CPU has a feature.

There are three signs of such a choice, each for certain features: the file itself (ifunc resolvers and their
targets), the name of the function (copies that a compiler made for an architecture, and functions of known
libraries), and a caller that checks the CPU. A feature that all targets of a resolver need is not a choice,
because it is needed in every case.
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
# Suffixes of GCC's and LLVM's copies of a function for `target_clones` and `target`; `.default` is excluded.
_CLONE = re.compile(r"\.(?:arch_(?P<arch>[\w-]+?)|(?P<isa>[a-z][a-z0-9_]*?))(?:\.\d+)?$")
# The features that a compiler may use in a copy for one feature.
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
# Code that executes CPUID also executes XGETBV, after CPUID reported that it exists.
_PROBE = frozenset({"xsave"})
_V2 = frozenset({"cx16", "lahf_lm", "popcnt", "sse3", "sse4_1", "sse4_2", "ssse3"})


class Choice(NamedTuple):
    """The features of a function for which the program checks the CPU, and those for which it may do so.

    The callers of a function with features in `maybe_dispatched` check the CPU for some unknown feature.
    """

    dispatched: frozenset[str] = _NONE
    maybe_dispatched: frozenset[str] = _NONE


@dataclass(frozen=True)
class KnownFunctions:
    """Functions that a library calls only after it checked the CPU for the features `dispatched`."""

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
    """Return the features for which callers check the CPU, judging by the base name of a function."""
    features = _clone_features(base)
    for entry in known_functions():
        if entry.names.match(base):
            features |= entry.dispatched
    return features


def choices(
    image: ElfImage, functions: Sequence[Function], features: Sequence[frozenset[str]]
) -> Mapping[int, Choice]:
    """Return the choices at run time, by the number of a function.

    `features` has the features that each of the `functions` of `image` needs.
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
    maybe_dispatched: dict[int, frozenset[str]] = defaultdict(frozenset)
    for caller in dispatch_callers_of(image, functions):
        if caller.probes:
            dispatched[caller.number] |= features[caller.number] & _PROBE
        # Targets of a resolver are left out, because the resolver itself is better evidence.
        for number in caller.callees - chosen:
            maybe_dispatched[number] |= features[number] - features[caller.number]
    return {
        number: Choice(dispatched[number], maybe_dispatched[number] - dispatched[number])
        for number in dispatched.keys() | maybe_dispatched.keys()
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
