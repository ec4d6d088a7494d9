"""Merges ledger entries that came from other machines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_rtopt.verdict.ledger import Ledger, LedgerEntry, combine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.verdict.decide import ExpectedWork


def counting_here(entry: LedgerEntry, features: frozenset[str]) -> LedgerEntry | None:
    """Return the part of an entry that is valid on a CPU with `features`.

    The whole entry is valid on a CPU with the same features. On a CPU with more features, only the findings
    are: the machine code is the same and runs here, but its speed is unknown. Otherwise, returns `None`.
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
    """Return the ledger with the `imported` entries added. Results of this machine take precedence."""
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
