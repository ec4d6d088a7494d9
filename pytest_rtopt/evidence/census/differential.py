"""Stock against optimized: which functions changed, and which CPU features they need that they did not need.

That a program contains AVX2 proves nothing: functions that are chosen at run time for the CPU at hand contain
it in every build. Stock runs on the baseline, so whatever one of its functions needs beyond that is behind
such a choice; what the same function needs in the optimized build only is not, unless the file or the name of
the function shows that the CPU is asked for it (`dispatch`).
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
# A single function may ask for features of its own; what all of stock is compiled for, many need.
_OWN_SHARE = 0.01
_OWN_LEAST = 2
# The psABI levels above the baseline, and how many features of one make stock a build for it.
_LEVELS = ("x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4")
_OF_LEVEL = 2


@dataclass(frozen=True)
class Gain:
    """A feature, and how many functions need it in the optimized build only; `sample` names some of them."""

    feature: str
    functions: int
    sample: tuple[str, ...]


@dataclass(frozen=True)
class IsaDelta:
    """What differs between the instructions of two builds of a file.

    `common` counts the functions that both have, by name; of these, `changed` have other instructions and
    `gained` need features that they did not need and that neither stock nor a lesser target has. `gains` has
    all features by what needs them in the optimized build only, the most used first. Where nothing has a name
    (a stripped file) all counts are 0, and only `new_in_file`, the features that occur nowhere in stock, and
    the VEX shares (stock, optimized; `None` without vector instructions) are left.
    """

    same_code: bool
    common: int
    changed: int
    gained: int
    gains: tuple[Gain, ...]
    new_in_file: tuple[str, ...]
    vex_shares: tuple[float | None, float | None]

    def in_words(self) -> str:
        """Return the difference in one sentence, without a judgement."""
        if self.same_code:
            return "the machine code is the same as stock's"
        if not self.common:
            new = ", ".join(self.new_in_file) or "no feature"
            return f"no function can be compared by name; {new} occurs that stock does not use anywhere"
        parts = [f"{self.changed} of {self.common} functions have other instructions"]
        counts = ", ".join(f"{gain.feature} in {gain.functions}" for gain in self.gains)
        if self.gained:
            parts.append(f"{self.gained} use features that they did not use in stock ({counts})")
        elif self.gains:
            parts.append(f"what is new in them, stock's target or a lesser one has as well ({counts})")
        else:
            parts.append("none uses a feature that it did not use in stock")
        if None not in self.vex_shares:
            before, after = (f"{share:.0%}" for share in self.vex_shares if share is not None)
            parts.append(f"VEX encoding went from {before} to {after} of the vector instructions")
        return "; ".join(parts)


@dataclass(frozen=True)
class MissingFeature:
    """A feature that the optimized build needs and that the host was not found to have.

    `functions` counts those that need it, `sample` names some. `certain` is false where it may do no harm:
    the host cannot be asked, or the code has no names and may be chosen at run time; `reason` says which.
    """

    feature: str
    functions: int
    sample: tuple[str, ...]
    certain: bool
    reason: str


def same_code(stock: Census, optimized: Census) -> bool:
    """Return whether both have the same machine code: the same bytes, or the same mnemonics by function.

    Two builds of one source differ in addresses when a store path in their data has another length; the
    second comparison does not see those. Neither does it see a difference in constants alone.
    """
    if stock.code_digest == optimized.code_digest:
        return True
    return bool(stock.functions) and _digests(stock) == _digests(optimized)


def compare(stock: Census, optimized: Census, beneath: frozenset[str] = frozenset()) -> IsaDelta:
    """Return what differs between two builds of the same file.

    A function that uses features among the CPU flags `beneath`, and no others anew, gained nothing: code for
    a lesser target has them as well.
    """
    before, after = _named(stock), _named(optimized)
    common = before & after
    own = _own_features(stock, optimized) | {name for name in optimized.uses if host_has(name, beneath)}
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

    Functions that only the optimized build has count with all their features. Code without names counts with
    those that no code without a name has in stock.
    """
    return _gains(optimized.functions.keys(), stock, optimized)


def missing_on(host_features: frozenset[str], stock: Census, optimized: Census) -> tuple[MissingFeature, ...]:
    """Return the features that the optimized build needs and that are not among the CPU flags of a host.

    Flags are spelled as in `/proc/cpuinfo` or as archspec does.
    """
    required = newly_required(stock, optimized)
    missing = [
        _missing(gain, there) for gain in required if not (there := host_has(gain.feature, host_features))
    ]
    certain = {feature.feature for feature in missing if feature.certain}
    reason = "the CPU does not have it, and its callers ask the CPU for something, which may be this"
    missing += [
        MissingFeature(gain.feature, gain.functions, gain.sample, certain=False, reason=reason)
        for gain in _gains(optimized.functions.keys(), stock, optimized, _perhaps)
        if host_has(gain.feature, host_features) is False and gain.feature not in certain
    ]
    unnamed = _features(stock, UNNAMED) & _features(optimized, UNNAMED) - {gain.feature for gain in required}
    reason = "stock uses it too, in functions without names, so that a choice at run time cannot be told"
    missing += [
        MissingFeature(feature, 1, (), certain=False, reason=reason)
        for feature in sorted(unnamed)
        if not host_has(feature, host_features)
    ]
    return tuple(missing)


def _missing(gain: Gain, there: bool | None) -> MissingFeature:  # noqa: FBT001  # what the host was found to have
    reason = (
        "Linux does not show whether the CPU has it"
        if there is None
        else "the CPU does not have it, and no choice at run time is seen"
    )
    return MissingFeature(gain.feature, gain.functions, gain.sample, certain=there is False, reason=reason)


def _needed(code: FunctionCode) -> frozenset[str]:
    return code.needed


def _perhaps(code: FunctionCode) -> frozenset[str]:
    return code.perhaps


def _gains(
    names: Iterable[str],
    stock: Census,
    optimized: Census,
    of: Callable[[FunctionCode], frozenset[str]] = _needed,
) -> tuple[Gain, ...]:
    users: dict[str, list[str]] = {}
    for name in names:
        # Most functions of most programs need nothing, and there are tens of thousands of them.
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
    """Return the features that stock was compiled for itself: those that many of its functions need.

    Two of a psABI level bring the rest of it along, of which `-O3` alone lets functions use more: it was all
    allowed. Link-time optimization lets a tenth of the functions gain what stock has, by inlining.
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
