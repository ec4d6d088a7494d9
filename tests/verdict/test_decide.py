"""The verdict on a runtime: each of the four, what stands in the way of adoption, and the reasons given."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.bench.judge import LAYOUT_MARGIN, gains_proven_together, regression_proven
from pytest_rtopt.results.values import (
    BenchmarkResult,
    BenchmarkVerdict,
    BuildSpeedup,
    Conditions,
    Finding,
    FindingStatus,
    Rating,
    RuntimeResult,
    RuntimeVerdict,
    Speedup,
)
from pytest_rtopt.verdict.decide import ExpectedWork, decide
from tests.support.sample_results import around, benchmark, failed_benchmark, finding, lua

EXPECTED = ExpectedWork(frozenset({"lua/pgo-used"}), frozenset({"lua/binary-trees"}))
EQUAL = around(1.0)


def runtime(findings: tuple[Finding, ...], benchmarks: tuple[BenchmarkResult, ...]) -> RuntimeResult:
    return replace(lua(), findings=findings, benchmarks=benchmarks)


def test_a_proven_gain_with_nothing_against_it_is_adopted() -> None:
    decided = decide(runtime((finding(),), (benchmark(),)), EXPECTED)
    assert decided.verdict is RuntimeVerdict.ADOPT
    assert decided.reason == (
        "Nothing is refuted or proven slower, and lua/binary-trees (1.213 [1.198, 1.229]) is proven faster."
    )


def test_no_proven_gain_is_neutral() -> None:
    decided = decide(runtime((finding(),), (benchmark(speedup=EQUAL),)), EXPECTED)
    assert decided.verdict is RuntimeVerdict.NEUTRAL
    assert decided.reason == "Nothing is refuted or proven slower, and no gain is proven."


@pytest.mark.parametrize("bounds", [(1.0, 1.2), (0.9, 1.0)])
def test_an_interval_that_touches_one_proves_nothing(bounds: tuple[float, float]) -> None:
    touching = benchmark(speedup=Speedup(1.0, bounds, 0.1))
    assert decide(runtime((finding(),), (touching,)), EXPECTED).verdict is RuntimeVerdict.NEUTRAL


def test_a_refuted_claim_is_rejected_whatever_the_gain() -> None:
    decided = decide(runtime((finding(status=FindingStatus.REFUTED),), (benchmark(),)), EXPECTED)
    assert decided.verdict is RuntimeVerdict.REJECT
    assert decided.reason == "The evidence refutes lua/pgo-used."


def test_a_regression_is_rejected_beside_a_gain() -> None:
    slower = benchmark("lua/strings", around(0.96), BenchmarkVerdict.FAIL)
    decided = decide(runtime((finding(),), (benchmark(), slower)), EXPECTED)
    assert decided.verdict is RuntimeVerdict.REJECT
    assert decided.reason == "lua/strings (0.960 [0.950, 0.970], of one build) is proven slower."


def test_a_rejection_does_not_wait_for_what_is_missing() -> None:
    decided = decide(runtime((finding(status=FindingStatus.REFUTED),), ()), EXPECTED)
    assert decided.verdict is RuntimeVerdict.REJECT


def test_an_unproven_claim_is_pending_and_named_even_with_a_gain() -> None:
    decided = decide(runtime((finding(status=FindingStatus.UNPROVEN),), (benchmark(),)), EXPECTED)
    assert decided.verdict is RuntimeVerdict.PENDING
    assert decided.reason == "The evidence is incomplete: lua/pgo-used is unproven."


def test_what_was_expected_and_is_missing_is_pending_and_named() -> None:
    decided = decide(runtime((finding("lua/isa-level"),), ()), EXPECTED)
    assert decided.verdict is RuntimeVerdict.PENDING
    assert decided.reason == (
        "The evidence is incomplete: no finding for lua/pgo-used; no measurement of lua/binary-trees."
    )


def test_a_workload_that_failed_on_the_optimized_build_rejects_it() -> None:
    decided = decide(runtime((finding(),), (benchmark(), failed_benchmark("lua/strings"))), EXPECTED)
    assert decided.verdict is RuntimeVerdict.REJECT
    assert decided.reason == "lua/strings failed on the optimized build."


def test_a_workload_that_failed_on_stock_too_leaves_the_verdict_open() -> None:
    failed = replace(failed_benchmark("lua/strings"), verdict=BenchmarkVerdict.INCONCLUSIVE)
    decided = decide(runtime((finding(),), (benchmark(), failed)), EXPECTED)
    assert decided.verdict is RuntimeVerdict.PENDING
    assert decided.reason == "The evidence is incomplete: no measurement of lua/strings."


def test_nothing_known_is_pending_even_if_nothing_was_expected() -> None:
    decided = decide(runtime((), ()), ExpectedWork(frozenset(), frozenset()))
    assert decided.verdict is RuntimeVerdict.PENDING
    assert decided.reason == "The evidence is incomplete: nothing was verified or measured."


def test_a_claim_that_is_not_applicable_does_not_stand_in_the_way() -> None:
    decided = decide(runtime((finding(status=FindingStatus.NOT_APPLICABLE),), (benchmark(),)), EXPECTED)
    assert decided.verdict is RuntimeVerdict.ADOPT


@pytest.mark.parametrize(
    ("speedup", "verdict"), [(EQUAL, RuntimeVerdict.NEUTRAL), (around(1.03), RuntimeVerdict.ADOPT)]
)
def test_a_missed_promise_is_mentioned_and_not_rejected(speedup: Speedup, verdict: RuntimeVerdict) -> None:
    missed = benchmark(speedup=speedup, verdict=BenchmarkVerdict.FAIL, threshold=0.05)
    decided = decide(runtime((finding(),), (missed,)), EXPECTED)
    assert decided.verdict is verdict
    assert decided.reason.endswith("; lua/binary-trees misses the required gain of 5.0 %.")


def test_an_inconclusive_workload_is_mentioned() -> None:
    unclear = benchmark("lua/strings", around(1.0, 0.1), BenchmarkVerdict.INCONCLUSIVE)
    decided = decide(runtime((finding(),), (benchmark(), unclear)), EXPECTED)
    assert decided.verdict is RuntimeVerdict.ADOPT
    assert decided.reason.endswith("; lua/strings is inconclusive.")


_speedups = st.floats(0.5, 2.0).flatmap(
    lambda ratio: st.floats(0.001, 0.4).map(lambda half: around(ratio, half))
)
_findings = st.lists(st.builds(finding, st.sampled_from(["lua/a", "lua/b"]), st.sampled_from(FindingStatus)))
_benchmarks = st.lists(st.builds(benchmark, st.sampled_from(["lua/x", "lua/y"]), _speedups))
_expected = st.builds(
    ExpectedWork,
    st.frozensets(st.sampled_from(["lua/a", "lua/b"])),
    st.frozensets(st.sampled_from(["lua/x", "lua/y"])),
)


@given(_findings, _benchmarks, _expected)
def test_only_certainty_is_adopted(
    findings: list[Finding], benchmarks: list[BenchmarkResult], expected: ExpectedWork
) -> None:
    decided = decide(runtime(tuple(findings), tuple(benchmarks)), expected)
    certain = {FindingStatus.PROVEN, FindingStatus.NOT_APPLICABLE}
    speedups = [item.speedup for item in benchmarks]
    adopted = (
        all(item.status in certain for item in findings)
        and expected.claims <= {item.claim for item in findings}
        and expected.workloads <= {item.workload for item in benchmarks}
        and any(gains_proven_together(speedups))
        and not any(regression_proven(speedup) for speedup in speedups)
    )
    assert (decided.verdict is RuntimeVerdict.ADOPT) == adopted
    assert not adopted or max(speedup.ci95[0] for speedup in speedups) > 1 + LAYOUT_MARGIN
    assert decided.reason.endswith(".")
    assert "\n" not in decided.reason


def test_what_a_runtime_says_of_itself_neither_adopts_nor_delays() -> None:
    expected = replace(EXPECTED, self_reported=frozenset({"lua/says-version"}))
    saying = Finding("lua/says-version", FindingStatus.UNPROVEN, "not run", rating=Rating.INTENT)
    for findings in ((finding(),), (finding(), saying)):
        assert decide(runtime(findings, (benchmark(),)), expected).verdict is RuntimeVerdict.ADOPT
    only_said = replace(saying, status=FindingStatus.PROVEN)
    assert decide(runtime((only_said,), (benchmark(),)), expected).verdict is RuntimeVerdict.PENDING


def test_a_wrong_answer_of_a_runtime_about_itself_rejects() -> None:
    wrong = Finding("lua/says-version", FindingStatus.REFUTED, "5.1", rating=Rating.INTENT)
    assert decide(runtime((finding(), wrong), (benchmark(),)), EXPECTED).verdict is RuntimeVerdict.REJECT


def test_one_build_on_both_sides_has_nothing_to_measure() -> None:
    one = replace(runtime((finding(status=FindingStatus.NOT_APPLICABLE),), ()), optimized=lua().baseline)
    decided = decide(one, EXPECTED)
    assert decided.verdict is RuntimeVerdict.NEUTRAL
    assert "the same build" in decided.reason
    assert decide(replace(one, findings=()), EXPECTED).verdict is RuntimeVerdict.PENDING
    refuted = replace(one, findings=(finding(status=FindingStatus.REFUTED),))
    assert decide(refuted, EXPECTED).verdict is RuntimeVerdict.REJECT


def test_the_mean_of_several_workloads_is_told_and_of_one_is_not() -> None:
    several = runtime((finding(),), (benchmark("lua/a", around(1.1)), benchmark("lua/b", around(1.2))))
    overall = decide(several, EXPECTED).overall
    assert overall is not None
    assert overall.estimate == pytest.approx((1.1 * 1.2) ** 0.5)
    assert decide(runtime((finding(),), (benchmark(),)), EXPECTED).overall is None


def test_a_gain_that_one_of_nine_workloads_may_show_by_chance_adopts_nothing() -> None:
    """Nine chances for noise: 0.15 % each would adopt one in 75 builds that are no faster."""
    barely = benchmark("lua/a", Speedup(1.01205, (1.0108, 1.0133), 0.01))
    nothing = ExpectedWork(frozenset(), frozenset())
    assert decide(runtime((), (barely,)), nothing).verdict is RuntimeVerdict.ADOPT
    others = tuple(benchmark(f"lua/{letter}", EQUAL) for letter in "bcdefghi")
    assert decide(runtime((), (barely, *others)), nothing).verdict is RuntimeVerdict.NEUTRAL


def test_a_small_gain_says_how_many_builds_it_is_of() -> None:
    small = benchmark(speedup=around(1.02, 0.002))
    decided = decide(runtime((finding(),), (small,)), EXPECTED)
    assert decided.verdict is RuntimeVerdict.ADOPT
    assert "lua/binary-trees (1.020 [1.018, 1.022], of one build) is proven faster" in decided.reason
    twice = replace(small, builds=(BuildSpeedup(20, small.speedup), BuildSpeedup(22, small.speedup)))
    assert ", of 2 builds) is proven" in decide(runtime((finding(),), (twice,)), EXPECTED).reason
    assert "build" not in decide(runtime((finding(),), (benchmark(),)), EXPECTED).reason


NO_REQUEST = (
    "The overlay asks for no optimization: it changes doCheck, and the rebuild reaches 1 package of the set"
)


def test_an_overlay_that_asks_for_nothing_is_neutral_without_any_measurement() -> None:
    """Bug: an overlay of `doCheck = false` was rejected, held to the detected profile."""
    asked_nothing = replace(runtime((finding(),), ()), no_request=NO_REQUEST)
    decided = decide(asked_nothing, EXPECTED)
    assert decided.verdict is RuntimeVerdict.NEUTRAL
    assert decided.reason == f"{NO_REQUEST}."


def test_an_overlay_that_asks_for_nothing_and_has_another_source_is_pending() -> None:
    unproven = finding("lua/same-source", FindingStatus.UNPROVEN)
    decided = decide(replace(runtime((finding(), unproven), ()), no_request=NO_REQUEST), EXPECTED)
    assert decided.verdict is RuntimeVerdict.PENDING
    assert "lua/same-source is unproven" in decided.reason


def test_a_verdict_names_the_highest_load_that_was_measured_at() -> None:
    loads = [Conditions(1, 0.0, 0, (None, None), load, 2) for load in (0.5, 9.46)]
    gains = [
        replace(benchmark(f"lua/{n}", around(1.2)), conditions=conditions)
        for n, conditions in enumerate(loads)
    ]
    decided = decide(runtime((), tuple(gains)), ExpectedWork(frozenset(), frozenset()))
    assert decided.reason.endswith("proven faster; measured at a load of 9.5 on 2 CPUs.")
    losses = tuple(replace(gain, speedup=around(0.8)) for gain in gains[:1])
    assert decide(runtime((), losses), ExpectedWork(frozenset(), frozenset())).reason == (
        "lua/0 (0.800 [0.790, 0.810]) is proven slower, measured at a load of 0.5 on 2 CPUs."
    )
