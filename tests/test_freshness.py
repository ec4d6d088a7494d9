"""Freshness of a ledger entry against changed derivations and another CPU."""

from __future__ import annotations

from dataclasses import replace

from sample_results import lua

from pytest_rtopt.verdict.freshness import CurrentState, Freshness, FreshnessState, compare
from pytest_rtopt.verdict.ledger import LedgerEntry

FEATURES = frozenset({"avx", "avx2"})
ENTRY = LedgerEntry(lua(), FEATURES)
SAME = CurrentState(lua().baseline.drv, lua().optimized.drv, FEATURES)


def test_the_same_is_fresh() -> None:
    assert compare(ENTRY, SAME) == Freshness(FreshnessState.FRESH)


def test_more_features_are_still_fresh() -> None:
    more = replace(SAME, cpu_features=FEATURES | {"avx512f"})
    assert compare(ENTRY, more).state is FreshnessState.FRESH


def test_no_entry_is_absent() -> None:
    assert compare(None, SAME).state is FreshnessState.ABSENT


def test_another_optimized_derivation_points_at_overlay_or_profile() -> None:
    freshness = compare(ENTRY, replace(SAME, optimized_drv="/nix/store/x.drv"))
    assert freshness.state is FreshnessState.STALE
    assert freshness.reasons == (
        "the derivation of optimized is not the one that was judged: the overlay or the profile changed",
    )


def test_another_stock_derivation_points_at_the_package_set() -> None:
    freshness = compare(ENTRY, replace(SAME, baseline_drv="/nix/store/x.drv"))
    assert freshness.state is FreshnessState.STALE
    assert freshness.reasons == (
        "the derivation of stock is not the one that was judged: the package set changed",
    )


def test_missing_features_are_named_and_every_reason_is_given() -> None:
    current = CurrentState("/nix/store/x.drv", "/nix/store/y.drv", frozenset({"avx"}))
    freshness = compare(ENTRY, current)
    assert freshness.state is FreshnessState.STALE
    assert [reason.split(":")[-1].strip() for reason in freshness.reasons] == [
        "the package set changed",
        "the package set, the overlay or the profile changed",
        "this CPU lacks avx2, which the CPU that was judged on has",
    ]
