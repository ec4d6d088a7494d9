"""Compares stock and optimized: which functions changed, and which additional CPU features they need.

AVX2 in a program proves nothing, because every build has it in functions that are chosen at run time for the
CPU. Stock runs on the baseline. So if a function of stock needs more, the program checks the CPU before it
calls that function. If a function needs a feature only in the optimized build, there is no such check, unless
the file or the function's name shows one (`dispatch`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_rtopt.evidence.census.census import UNNAMED, Census
from pytest_rtopt.evidence.census.cpuid import host_has
from pytest_rtopt.hardware.microarch import features

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_rtopt.evidence.census.census import FunctionCode

_SAMPLE = 5
# A single function may use features of its own. A feature for which all of stock is compiled occurs in many
# functions: at least in this fraction of them, and at least in this number.
_OWN_SHARE = 0.01
_OWN_LEAST = 2
# The psABI levels, and how many features of a level stock must need to count as compiled for that level.
_LEVELS = ("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4")
_OF_LEVEL = 2


@dataclass(frozen=True)
class Gain:
    """A feature, and the functions that need it only in the optimized build; `sample` names some of them."""

    feature: str
    functions: int
    sample: tuple[str, ...]


@dataclass(frozen=True)
class IsaDelta:
    """The differences between the instructions of two builds of a file.

    - `common`: the number of functions in both builds, by name.
    - `changed`: the number of these with different instructions.
    - `gained`: the number of these that need new features, not counting features of stock's own target and
      of lesser targets.
    - `gains`: all features that functions need only in the optimized build, the most frequent first.
    - `new_in_file`: the features that occur nowhere in stock.
    - `vex_shares`: the VEX shares of stock and optimized; `None` without vector instructions.

    In a stripped file nothing has a name, so all counts are 0, and only the last two fields are useful.
    """

    same_code: bool
    common: int
    changed: int
    gained: int
    gains: tuple[Gain, ...]
    new_in_file: tuple[str, ...]
    vex_shares: tuple[float | None, float | None]

    def in_words(self) -> str:
        """Return one sentence that describes the difference without judging it."""
        if self.same_code:
            return "the machine code is the same as stock's"
        if not self.common:
            new = ", ".join(self.new_in_file) or "no feature"
            return f"no function can be compared by name; new compared with all of stock: {new}"
        parts = [f"{self.changed} of {self.common} functions have other instructions"]
        counts = ", ".join(f"{gain.feature} in {gain.functions}" for gain in self.gains)
        if self.gained:
            parts.append(f"{self.gained} use features that they did not use in stock ({counts})")
        elif self.gains:
            parts.append(f"their new features also belong to stock's target or a lesser one ({counts})")
        else:
            parts.append("none uses a feature that it did not use in stock")
        if None not in self.vex_shares:
            before, after = (f"{share:.0%}" for share in self.vex_shares if share is not None)
            parts.append(f"VEX encoding went from {before} to {after} of the vector instructions")
        return "; ".join(parts)


@dataclass(frozen=True)
class MissingFeature:
    """A feature that the optimized build needs and that the host lacks, as far as known.

    `functions` is the number of functions that need it, and `sample` names some of them. `certain` is false
    if the code may run anyway: Linux does not show the feature, or the code may be chosen at run time.
    `reason` gives the cause.
    """

    feature: str
    functions: int
    sample: tuple[str, ...]
    certain: bool
    reason: str


def same_code(stock: Census, optimized: Census) -> bool:
    """Return whether both have the same machine code: the same bytes, or the same mnemonics by function.

    Two builds of one source differ in addresses if a store path in their data has another length. The
    comparison of mnemonics ignores addresses, but also constants.
    """
    if stock.code_digest == optimized.code_digest:
        return True
    return bool(stock.functions) and _digests(stock) == _digests(optimized)


def compare(stock: Census, optimized: Census, lesser_features: frozenset[str] = frozenset()) -> IsaDelta:
    """Return the differences between two builds of the same file.

    A function whose new features are all among the CPU flags `lesser_features` does not count as gained,
    because code for a lesser target has these features, too.
    """
    before, after = _named(stock), _named(optimized)
    common = before & after
    lesser = {name for name in optimized.uses if host_has(name, lesser_features)}
    own = _own_features(stock, optimized) | lesser
    return IsaDelta(
        same_code=same_code(stock, optimized),
        common=len(common),
        changed=sum(stock.functions[name].digest != optimized.functions[name].digest for name in common),
        gained=sum(
            not optimized.functions[name].needed <= stock.functions[name].features | own for name in common
        ),
        gains=_gains(common, stock, optimized),
        new_in_file=tuple(sorted(optimized.uses.keys() - stock.uses.keys())),
        vex_shares=(stock.vex_share, optimized.vex_share),
    )


def newly_required(stock: Census, optimized: Census) -> tuple[Gain, ...]:
    """Return the features that the optimized build needs without a choice at run time, the most used first.

    A function that only the optimized build has counts with all its features. Code without names counts with
    the features that stock's code without names does not have.
    """
    return _gains(optimized.functions.keys(), stock, optimized)


def missing_on(host_features: frozenset[str], stock: Census, optimized: Census) -> tuple[MissingFeature, ...]:
    """Return the features that the optimized build needs and that are not among the CPU flags of a host.

    Flags are spelled as in `/proc/cpuinfo` or as in archspec.
    """
    required = newly_required(stock, optimized)
    missing = [
        _missing(gain, present) for gain in required if not (present := host_has(gain.feature, host_features))
    ]
    certain = {feature.feature for feature in missing if feature.certain}
    reason = "the CPU does not have it, but its callers check the CPU for some feature, possibly for this one"
    missing += [
        MissingFeature(gain.feature, gain.functions, gain.sample, certain=False, reason=reason)
        for gain in _gains(optimized.functions.keys(), stock, optimized, _maybe_dispatched)
        if host_has(gain.feature, host_features) is False and gain.feature not in certain
    ]
    unnamed = _features(stock, UNNAMED) & _features(optimized, UNNAMED) - {gain.feature for gain in required}
    reason = "stock uses it too, in functions without names, so it may be chosen at run time"
    missing += [
        MissingFeature(feature, 1, (), certain=False, reason=reason)
        for feature in sorted(unnamed)
        if not host_has(feature, host_features)
    ]
    return tuple(missing)


def _missing(gain: Gain, present: bool | None) -> MissingFeature:  # noqa: FBT001  # the answer of `host_has`
    reason = (
        "Linux does not show whether the CPU has it"
        if present is None
        else "the CPU does not have it, and there is no sign of a choice at run time"
    )
    return MissingFeature(gain.feature, gain.functions, gain.sample, certain=present is False, reason=reason)


def _needed(code: FunctionCode) -> frozenset[str]:
    return code.needed


def _maybe_dispatched(code: FunctionCode) -> frozenset[str]:
    return code.maybe_dispatched


def _gains(
    names: Iterable[str],
    stock: Census,
    optimized: Census,
    of: Callable[[FunctionCode], frozenset[str]] = _needed,
) -> tuple[Gain, ...]:
    users: dict[str, list[str]] = {}
    for name in names:
        # Most functions need no feature, and there are tens of thousands of them.
        if needs := of(optimized.functions[name]):
            for feature in needs - _features(stock, name):
                users.setdefault(feature, []).append(name)
    return tuple(
        Gain(feature, len(using), tuple(name for name in sorted(using) if name != UNNAMED)[:_SAMPLE])
        for feature, using in sorted(users.items(), key=lambda item: (-len(item[1]), item[0]))
    )


def _features(census: Census, name: str) -> frozenset[str]:
    code = census.functions.get(name)
    return frozenset() if code is None else code.features


def _own_features(stock: Census, optimized: Census) -> frozenset[str]:
    """Return the features for which stock itself was compiled: those that many of its functions need.

    If stock needs two features of a psABI level, all features of that level are included, because the
    compiler was allowed to use all of them, and `-O3` alone uses more of them. Link-time optimization, by
    inlining, makes a tenth of the functions use additional features of stock's own target.
    """
    names = _named(stock)
    users = Counter(feature for name in names for feature in stock.functions[name].needed)
    many = max(_OWN_LEAST, _OWN_SHARE * len(names))
    own = frozenset(feature for feature, using in users.items() if using >= many)
    for below, level in reversed(tuple(pairwise(_LEVELS))):
        added = features(level) - features(below)
        if sum(host_has(feature, added) is True for feature in own) >= _OF_LEVEL:
            return own | {name for name in optimized.uses if host_has(name, features(level))}
    return own


def _digests(census: Census) -> dict[str, str]:
    return {name: code.digest for name, code in census.functions.items()}


def _named(census: Census) -> set[str]:
    return census.functions.keys() - {UNNAMED}
