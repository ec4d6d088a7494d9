"""Whether a verdict in the ledger still applies to what would be installed, and what changed if not."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_rtopt.results.phrases import listing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_rtopt.results.values import Inputs, Programs, RuntimeResult, StorePaths
    from pytest_rtopt.verdict.ledger import LedgerEntry

_NO_THRESHOLDS: Mapping[str, float] = MappingProxyType({})


class Change(StrEnum):
    """What can make a verdict stale."""

    NIXPKGS = "nixpkgs"
    OVERLAY = "overlay"
    PROFILE = "profile"
    CPU = "CPU"


@dataclass(frozen=True)
class CurrentState:
    """The current state: both derivations by evaluation, their inputs, and the live CPU.

    `thresholds` are the gains that the profile requires now, as fractions by the name of the workload.
    """

    stock: StorePaths
    optimized: StorePaths
    cpu_features: frozenset[str]
    programs: Programs | None = None
    inputs: Inputs | None = None
    thresholds: Mapping[str, float] = field(default_factory=lambda: _NO_THRESHOLDS)
    kernel: str | None = None
    microcode: str | None = None

    @property
    def one_build(self) -> bool:
        """Whether stock would be installed."""
        return self.stock == self.optimized and (
            self.programs is None or self.programs.baseline == self.programs.optimized
        )


@dataclass(frozen=True)
class Freshness:
    """The changes that make a verdict stale, with their reasons, and notes on changes that do not."""

    changes: tuple[tuple[Change, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_fresh(self) -> bool:
        """Whether the verdict still applies."""
        return not self.changes

    @property
    def reasons(self) -> str:
        """All reasons as one part of a sentence."""
        return "; ".join(dict.fromkeys(reason for _, reason in self.changes))

    def concerns(self, change: Change) -> bool:
        """Return whether `change` is among the reasons."""
        return any(kind is change for kind, _ in self.changes)


def compare(entry: LedgerEntry, current: CurrentState) -> Freshness:
    """Compare a ledger entry with the current state.

    Additional CPU features do not make a verdict stale, because the same machine code still runs. Another
    kernel or microcode does not either, although the same build may be a little faster or slower with it.
    """
    return Freshness(tuple(_changes(entry, current)), tuple(_notes(entry, current)))


def _changes(entry: LedgerEntry, current: CurrentState) -> Iterator[tuple[Change, str]]:
    judged = entry.result
    if judged.baseline != current.stock:
        yield Change.NIXPKGS, "nixpkgs changed: the derivation of stock is not the one that was judged"
    recorded = list(_recorded(judged, current))
    yield from recorded
    if judged.optimized != current.optimized or _programs_differ(judged, current):
        named = bool(recorded) or judged.baseline != current.stock
        which = "optimized" if judged.optimized != current.optimized else "the programs of optimized"
        cause = "" if named else ", because of a file that the overlay reads, or of another overlay"
        yield Change.OVERLAY, f"the derivation of {which} is not the one that was judged{cause}"
    missing = sorted(entry.cpu_features - current.cpu_features)
    if missing:
        yield (
            Change.CPU,
            f"this CPU lacks {listing(missing, limit=5)}, which the CPU of the judging machine has",
        )


def _recorded(judged: RuntimeResult, current: CurrentState) -> Iterator[tuple[Change, str]]:
    """Compare the recorded inputs of the verdict, apart from derivations."""
    if current.inputs is not None:
        if judged.inputs is None:
            yield Change.OVERLAY, "the ledger does not record which overlay and profile were judged"
        else:
            if judged.inputs.overlay != current.inputs.overlay:
                yield Change.OVERLAY, "the overlay changed: its text is not the one that was judged"
            if judged.inputs.profile != current.inputs.profile:
                yield (
                    Change.PROFILE,
                    "the profile changed its settings for this runtime",
                )
    for benchmark in judged.benchmarks:
        requested = current.thresholds.get(benchmark.workload, benchmark.threshold)
        if requested != benchmark.threshold:
            before = f"it required a gain of {benchmark.threshold:.1%} for {benchmark.workload}"
            yield Change.PROFILE, f"the profile changed: {before}, and now requires {requested:.1%}"


def _programs_differ(judged: RuntimeResult, current: CurrentState) -> bool:
    return current.programs is not None and judged.programs != current.programs


def _notes(entry: LedgerEntry, current: CurrentState) -> Iterator[str]:
    for name, then, now in (
        ("kernel", entry.kernel, current.kernel),
        ("microcode", entry.microcode, current.microcode),
    ):
        if then is not None and now is not None and then != now:
            yield f"the {name} is {now}, and was {then} when it was judged"
