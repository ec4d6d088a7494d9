"""Freshness of a ledger entry against changed derivations, inputs and thresholds, and another CPU."""

from __future__ import annotations

from dataclasses import replace

from pytest_rtopt.results.values import Inputs, Programs, StorePaths
from pytest_rtopt.verdict.freshness import Change, CurrentState, Freshness, compare
from pytest_rtopt.verdict.ledger import LedgerEntry
from tests.support.sample_results import lua

FEATURES = frozenset({"avx", "avx2"})
INPUTS = Inputs(overlay="0" * 64, profile="1" * 64)
JUDGED = replace(lua(), inputs=INPUTS)
ENTRY = LedgerEntry(JUDGED, FEATURES, kernel="6.1", microcode="0x1")
SAME = CurrentState(
    stock=JUDGED.baseline,
    optimized=JUDGED.optimized,
    cpu_features=FEATURES,
    inputs=INPUTS,
    thresholds={benchmark.workload: benchmark.threshold for benchmark in JUDGED.benchmarks},
    kernel="6.1",
    microcode="0x1",
)
OTHER = StorePaths("/nix/store/x.drv", "/nix/store/x")


def changes(current: CurrentState, entry: LedgerEntry = ENTRY) -> list[Change]:
    return [change for change, _ in compare(entry, current).changes]


def test_the_same_is_fresh() -> None:
    assert compare(ENTRY, SAME) == Freshness()
    assert compare(ENTRY, SAME).is_fresh


def test_more_features_are_still_fresh() -> None:
    assert not changes(replace(SAME, cpu_features=FEATURES | {"avx512f"}))


def test_another_stock_derivation_is_another_nixpkgs() -> None:
    assert changes(replace(SAME, stock=OTHER)) == [Change.NIXPKGS]


def test_an_overlay_whose_text_changed_is_told_from_a_profile_that_changed() -> None:
    overlay = compare(ENTRY, replace(SAME, optimized=OTHER, inputs=replace(INPUTS, overlay="2" * 64)))
    assert overlay.reasons.startswith("the overlay changed")
    assert not overlay.concerns(Change.PROFILE)
    profile = compare(ENTRY, replace(SAME, optimized=OTHER, inputs=replace(INPUTS, profile="2" * 64)))
    assert profile.reasons.startswith("the profile changed")
    assert "because of a file that the overlay reads" not in profile.reasons


def test_a_byte_of_an_overlay_counts_also_where_the_derivation_stayed() -> None:
    assert changes(replace(SAME, inputs=replace(INPUTS, overlay="2" * 64))) == [Change.OVERLAY]


def test_a_derivation_that_changed_with_neither_is_a_file_that_the_overlay_reads() -> None:
    freshness = compare(ENTRY, replace(SAME, optimized=OTHER))
    assert freshness.concerns(Change.OVERLAY)
    assert "because of a file that the overlay reads" in freshness.reasons


def test_programs_built_with_the_runtime_count() -> None:
    """An overlay that changes only what a builder does leaves the toolchain alone, and the gate passed it."""
    assert changes(replace(SAME, programs=Programs(OTHER, OTHER))) == [Change.OVERLAY]


def test_a_threshold_that_was_raised_is_a_changed_profile() -> None:
    workload = next(iter(SAME.thresholds))
    freshness = compare(ENTRY, replace(SAME, thresholds={workload: 0.5}))
    assert freshness.concerns(Change.PROFILE)
    assert "now requires 50.0%" in freshness.reasons


def test_missing_features_are_named_and_every_reason_is_given() -> None:
    freshness = compare(ENTRY, replace(SAME, stock=OTHER, optimized=OTHER, cpu_features=frozenset({"avx"})))
    assert [change for change, _ in freshness.changes] == [Change.NIXPKGS, Change.OVERLAY, Change.CPU]
    assert freshness.reasons.endswith("this CPU lacks avx2, which the CPU of the judging machine has")


def test_another_kernel_or_microcode_is_a_note_and_no_reason() -> None:
    freshness = compare(ENTRY, replace(SAME, kernel="6.2", microcode="0x2"))
    assert freshness.is_fresh
    assert freshness.notes == (
        "the kernel is 6.2, and was 6.1 when it was judged",
        "the microcode is 0x2, and was 0x1 when it was judged",
    )


def test_an_entry_without_inputs_is_stale() -> None:
    """What does not say what it was judged on cannot be compared, and does not pass."""
    assert changes(SAME, replace(ENTRY, result=replace(JUDGED, inputs=None))) == [Change.OVERLAY]
