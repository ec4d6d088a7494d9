"""A workload that failed is a result, by whose fault it failed."""

from __future__ import annotations

import math

import pytest

from pytest_rtopt.bench.failure import failed_result
from pytest_rtopt.bench.sampler import Side, WorkloadFailure
from pytest_rtopt.bench.workload import Workload
from pytest_rtopt.results.values import BenchmarkVerdict

WORKLOAD = Workload("lua/strings", ("{out}/bin/lua",), expected=(0.03, 0.07))


@pytest.mark.parametrize(
    ("side", "verdict"),
    [(Side.OPTIMIZED, BenchmarkVerdict.FAIL), (Side.STOCK, BenchmarkVerdict.INCONCLUSIVE)],
)
def test_only_the_optimized_side_can_fail_a_benchmark(side: Side, verdict: BenchmarkVerdict) -> None:
    result = failed_result(WORKLOAD, WorkloadFailure("lua/strings", side, "answered 'x'."))
    assert result.verdict is verdict
    assert result.reason == f"lua/strings on the {side} side answered 'x'."
    assert math.isnan(result.speedup.estimate)
    assert result.pairs == 0
