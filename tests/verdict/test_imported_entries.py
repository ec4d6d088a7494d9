"""What counts of a ledger entry that came from another machine, and what a merge leaves as it is."""

from __future__ import annotations

from dataclasses import replace

from pytest_rtopt.plugin.session import expected_work
from pytest_rtopt.results.values import RunResults, RuntimeResult, RuntimeVerdict, StorePaths
from pytest_rtopt.verdict.imported_entries import counting_here, with_imported
from pytest_rtopt.verdict.ledger import Ledger, LedgerEntry, merge
from tests.support.gate_cases import OPTIMIZED, STOCK, adopted

HERE = frozenset({"avx2", "bmi2"})
EXPECTED = {"lua": expected_work("lua")}


def sent(*features: str) -> LedgerEntry:
    return LedgerEntry(adopted(), frozenset(features), "6.1", "0x1", "theirs:sig")


def found_here() -> RuntimeResult:
    """Return what a run that only verifies finds out."""
    return replace(adopted(), benchmarks=(), overall=None)


def run_here(result: RuntimeResult) -> RunResults:
    host: dict[str, object] = {"features": sorted(HERE), "kernel": "6.9", "microcode": "0x2"}
    return RunResults(host, {}, {}, {"lua": result})


def after(entry: LedgerEntry, known: Ledger | None = None) -> LedgerEntry:
    """Return what the ledger has after a run that verified, and to which `entry` came."""
    ledger = with_imported(known or Ledger(present=False), {"lua": entry}, HERE, EXPECTED)
    return merge(ledger, run_here(found_here()), EXPECTED).entries["lua"]


def test_on_the_same_features_all_of_it_counts_and_keeps_its_signature() -> None:
    assert after(sent("avx2", "bmi2")) == sent("avx2", "bmi2")


def test_on_a_cpu_with_more_features_only_findings_count() -> None:
    fewer = sent("avx2")
    counting = counting_here(fewer, HERE)
    assert counting is not None
    assert counting.result.findings == fewer.result.findings
    assert counting.result.benchmarks == ()
    assert counting.signature is None
    assert after(fewer).result.verdict is RuntimeVerdict.PENDING


def test_on_a_cpu_that_lacks_a_feature_nothing_counts() -> None:
    assert counting_here(sent("avx2", "bmi2", "avx512f"), HERE) is None
    judged = after(sent("avx2", "bmi2", "avx512f"))
    assert (judged.cpu_features, judged.result.benchmarks) == (HERE, ())


def test_what_was_measured_here_goes_before_what_arrived() -> None:
    slower = replace(adopted().benchmarks[0], reason="measured here")
    known = LedgerEntry(replace(adopted(), benchmarks=(slower,)), HERE)
    joined = after(sent("avx2", "bmi2"), Ledger(present=True, entries={"lua": known}))
    assert slower in joined.result.benchmarks
    assert len(joined.result.benchmarks) == len(adopted().benchmarks)
    assert joined.signature is None, "nobody has signed this"


def test_an_entry_of_other_builds_is_replaced() -> None:
    other = StorePaths("/nix/store/x-lua.drv", "/nix/store/x-lua")
    known = LedgerEntry(replace(adopted(), optimized=other), HERE)
    joined = after(sent("avx2", "bmi2"), Ledger(present=True, entries={"lua": known}))
    assert (joined.result.baseline, joined.result.optimized) == (STOCK, OPTIMIZED)
    assert joined.signature == "theirs:sig"


def test_a_finding_that_differs_takes_the_signature_away() -> None:
    entry = sent("avx2", "bmi2")
    ledger = with_imported(Ledger(present=False), {"lua": entry}, HERE, EXPECTED)
    first, *rest = found_here().findings
    run = run_here(replace(found_here(), findings=(replace(first, evidence="another"), *rest)))
    judged = merge(ledger, run, EXPECTED).entries["lua"]
    assert judged.signature is None
    assert judged.result.benchmarks == entry.result.benchmarks
