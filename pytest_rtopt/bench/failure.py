"""The result of a workload that failed: it has no time, but it stays in the report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_rtopt.bench.sampler import Side
from pytest_rtopt.results.values import BenchmarkResult, BenchmarkVerdict, Speedup

if TYPE_CHECKING:
    from pytest_rtopt.bench.sampler import WorkloadFailure
    from pytest_rtopt.bench.workload import Workload


def failed_result(workload: Workload, failure: WorkloadFailure) -> BenchmarkResult:
    """Return the result of a workload that failed; its times are NaN.

    If the optimized build failed, the benchmark fails. If stock failed, the result says nothing about the
    optimized build and is inconclusive.
    """
    nothing = Speedup(math.nan, (math.nan, math.nan), math.nan)
    by_optimized = failure.side is Side.OPTIMIZED
    return BenchmarkResult(
        workload=workload.name,
        pairs=0,
        speedup=nothing,
        threshold=workload.threshold,
        expected=workload.expected,
        expectation=None,
        verdict=BenchmarkVerdict.FAIL if by_optimized else BenchmarkVerdict.INCONCLUSIVE,
        reason=str(failure),
    )
