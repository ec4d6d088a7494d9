"""Whether a remembered verdict still speaks of what would be installed now, on this CPU."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pytest_rtopt.report.phrases import listing

if TYPE_CHECKING:
    from pytest_rtopt.verdict.ledger import LedgerEntry


class FreshnessState(StrEnum):
    """How a ledger entry relates to the present."""

    FRESH = "fresh"
    STALE = "stale"
    ABSENT = "absent"


@dataclass(frozen=True)
class CurrentState:
    """The present: both derivations by evaluation, and the features of the live CPU."""

    baseline_drv: str
    optimized_drv: str
    cpu_features: frozenset[str]


@dataclass(frozen=True)
class Freshness:
    """The answer, with the reasons in words; there are none exactly when the entry is fresh."""

    state: FreshnessState
    reasons: tuple[str, ...] = ()


def compare(entry: LedgerEntry | None, current: CurrentState) -> Freshness:
    """Hold a ledger entry (None: the ledger has none) against the present.

    More CPU features than remembered are no reason: what was judged still runs, on the same machine code.
    """
    if entry is None:
        return Freshness(FreshnessState.ABSENT, ("the ledger has no entry for this runtime",))
    reasons = []
    stock_changed = entry.result.baseline.drv != current.baseline_drv
    if stock_changed:
        reasons.append("the derivation of stock is not the one that was judged: the package set changed")
    if entry.result.optimized.drv != current.optimized_drv:
        cause = (
            "the package set, the overlay or the profile" if stock_changed else "the overlay or the profile"
        )
        reasons.append(f"the derivation of optimized is not the one that was judged: {cause} changed")
    missing = sorted(entry.cpu_features - current.cpu_features)
    if missing:
        reasons.append(f"this CPU lacks {listing(missing, limit=5)}, which the CPU that was judged on has")
    return Freshness(FreshnessState.STALE if reasons else FreshnessState.FRESH, tuple(reasons))
