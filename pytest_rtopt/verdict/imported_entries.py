"""What a ledger takes from entries that came from other machines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_rtopt.verdict.ledger import Ledger, LedgerEntry, combine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.verdict.decide import ExpectedWork


def counting_here(entry: LedgerEntry, features: frozenset[str]) -> LedgerEntry | None:
    """Return what of an entry counts on a CPU with `features`.

    All of it where it was judged on the same ones. Where this CPU has more, the findings: the machine code is
    the same, and all of it runs here; what it is worth in time is not known. Otherwise nothing.
    """
    if entry.cpu_features == features:
        return entry
    if entry.cpu_features < features:
        return LedgerEntry(replace(entry.result, benchmarks=(), overall=None), features)
    return None


def with_imported(
    ledger: Ledger,
    imported: Mapping[str, LedgerEntry],
    features: frozenset[str],
    expected: Mapping[str, ExpectedWork],
) -> Ledger:
    """Return a ledger that also knows what `imported`; what this machine found out itself goes first."""
    entries = dict(ledger.entries)
    for name, sent in imported.items():
        counting, known = counting_here(sent, features), entries.get(name)
        if counting is None:
            continue
        if known is None or known.cpu_features != features or known.result.builds != counting.result.builds:
            entries[name] = counting
        else:
            joined = combine(counting.result, known.result, expected[name])
            entries[name] = replace(known, result=joined, signature=None)
    return replace(ledger, present=True, entries=entries)
