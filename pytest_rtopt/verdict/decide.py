"""The verdict on one runtime, from its findings and its measurements."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pytest_rtopt.bench.judge import gains_proven_together, regression_proven, small_difference_proven
from pytest_rtopt.results.phrases import interval, is_measured, listing, load, percent
from pytest_rtopt.results.values import (
    BenchmarkResult,
    BenchmarkVerdict,
    FindingStatus,
    Rating,
    RuntimeResult,
    RuntimeVerdict,
    Speedup,
)


@dataclass(frozen=True)
class ExpectedWork:
    """The claims and workloads, by name, that a verdict on a runtime needs.

    Findings about `self_reported` claims are kept, but a verdict does not need them.
    """

    claims: frozenset[str]
    workloads: frozenset[str]
    self_reported: frozenset[str] = frozenset()


def decide(result: RuntimeResult, expected: ExpectedWork) -> RuntimeResult:
    """Return `result` with its verdict and the reason for it in one sentence.

    - reject: a claim is refuted, a workload failed where stock did not (another answer, a crash), or a
      workload is proven slower (see `bench.judge`), whatever its threshold allows;
    - neutral: both sides are the same build, or the overlay requests no optimization. An unproven claim still
      makes it pending, such as the claim that both sides have the same source;
    - pending: an expected claim has no finding, a claim is unproven, an expected workload has no measurement,
      or nothing was verified or measured. Uncertain results are never adopted;
    - adopt: a workload is proven faster. The probability of an error holds for all workloads together;
    - neutral: otherwise.

    A required gain that was not reached and an inconclusive workload do not change the verdict. The reason
    mentions them. A claim that is not applicable does not count.
    """
    return replace(decide_again(result, expected), overall=_overall(result.benchmarks))


def decide_again(result: RuntimeResult, expected: ExpectedWork) -> RuntimeResult:
    """Return a result from the ledger with the verdict that `decide` gives now, and with its old means.

    The gate calls this at every switch. Loading the library that computes means would take too long there.
    """
    verdict, reason = _judge(result, expected)
    return replace(result, verdict=verdict, reason=reason)


def _judge(result: RuntimeResult, expected: ExpectedWork) -> tuple[RuntimeVerdict, str]:
    objections = _objections(result)
    if objections:
        return RuntimeVerdict.REJECT, f"{', and '.join(objections)}."
    one_build = result.one_build
    unmeasured = one_build or result.no_request is not None
    gaps = _gaps(result, replace(expected, workloads=frozenset()) if unmeasured else expected)
    if gaps:
        return RuntimeVerdict.PENDING, f"The evidence is incomplete: {'; '.join(gaps)}."
    if result.no_request is not None:
        return RuntimeVerdict.NEUTRAL, f"{result.no_request}."
    if one_build:
        return (
            RuntimeVerdict.NEUTRAL,
            "Stock and optimized are the same build, so there is nothing to gain or lose.",
        )
    remarks = "".join(f"; {remark}" for remark in _remarks(result.benchmarks))
    proven = gains_proven_together([benchmark.speedup for benchmark in result.benchmarks])
    faster = [benchmark for benchmark, gain in zip(result.benchmarks, proven, strict=True) if gain]
    if faster:
        gain = f"{_measured(faster)} proven faster"
        return RuntimeVerdict.ADOPT, f"Nothing is refuted or proven slower, and {gain}{remarks}."
    return RuntimeVerdict.NEUTRAL, f"Nothing is refuted or proven slower, and no gain is proven{remarks}."


def _objections(result: RuntimeResult) -> list[str]:
    refuted = _claims(result, FindingStatus.REFUTED)
    slower = [benchmark for benchmark in result.benchmarks if regression_proven(benchmark.speedup)]
    failed = [
        benchmark.workload
        for benchmark in result.benchmarks
        if benchmark.verdict is BenchmarkVerdict.FAIL and not is_measured(benchmark.speedup)
    ]
    objections = []
    if failed:
        objections.append(f"{listing(failed)} failed on the optimized build")
    if refuted:
        objections.append(f"The evidence refutes {listing(refuted)}")
    if slower:
        at_load = f", measured at {load(slower)}" if load(slower) else ""
        objections.append(f"{_measured(slower)} proven slower{at_load}")
    return objections


def _gaps(result: RuntimeResult, expected: ExpectedWork) -> list[str]:
    gaps = []
    if not result.findings and not result.benchmarks:
        gaps.append("nothing was verified or measured")
    unproven = _claims(result, FindingStatus.UNPROVEN, Rating.EFFECT)
    if unproven:
        gaps.append(f"{listing(unproven)} {_is(unproven)} unproven")
    unfound = sorted(expected.claims - {finding.claim for finding in result.findings})
    if unfound:
        gaps.append(f"no finding for {listing(unfound)}")
    measured = {
        benchmark.workload
        for benchmark in result.benchmarks
        if is_measured(benchmark.speedup) and not benchmark.interrupted
    }
    attempted = {benchmark.workload for benchmark in result.benchmarks}
    unmeasured = sorted((expected.workloads | attempted) - measured)
    if unmeasured:
        gaps.append(f"no measurement of {listing(unmeasured)}")
    return gaps


def _remarks(benchmarks: tuple[BenchmarkResult, ...]) -> list[str]:
    remarks = [
        f"{benchmark.workload} misses the required gain of {percent(benchmark.threshold)}"
        for benchmark in benchmarks
        if benchmark.verdict is BenchmarkVerdict.FAIL and benchmark.threshold > 0
    ]
    inconclusive = sorted(
        benchmark.workload for benchmark in benchmarks if benchmark.verdict is BenchmarkVerdict.INCONCLUSIVE
    )
    if inconclusive:
        remarks.append(f"{listing(inconclusive)} {_is(inconclusive)} inconclusive")
    if load(benchmarks):
        remarks.append(f"measured at {load(benchmarks)}")
    return remarks


def _claims(result: RuntimeResult, status: FindingStatus, *ratings: Rating) -> list[str]:
    wanted = ratings or tuple(Rating)
    return sorted(
        {
            finding.claim
            for finding in result.findings
            if finding.status is status and finding.rating in wanted
        }
    )


def _overall(benchmarks: tuple[BenchmarkResult, ...]) -> Speedup | None:
    from pytest_rtopt.bench.statistics import geometric_mean  # noqa: PLC0415  # SciPy, only for a mean

    measured = [benchmark.speedup for benchmark in benchmarks if is_measured(benchmark.speedup)]
    return geometric_mean(measured) if len(measured) > 1 else None


def _measured(benchmarks: list[BenchmarkResult]) -> str:
    named = [
        f"{benchmark.workload} ({interval(benchmark.speedup)}{_of_builds(benchmark)})"
        for benchmark in benchmarks
    ]
    return f"{listing(named)} {_is(named)}"


def _of_builds(benchmark: BenchmarkResult) -> str:
    if benchmark.builds:
        return f", of {len(benchmark.builds)} builds"
    return ", of one build" if small_difference_proven(benchmark.speedup) else ""


def _is(items: list[str]) -> str:
    return "is" if len(items) == 1 else "are"
