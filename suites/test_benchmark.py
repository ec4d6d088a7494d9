"""Optimized runtimes are not slower than stock, and as fast as the profile requires."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.bench.builds import replicate
from pytest_rtopt.bench.failure import failed_result
from pytest_rtopt.bench.measure import MeasurementInterrupted
from pytest_rtopt.bench.sampler import WorkloadFailure
from pytest_rtopt.results import phrases
from pytest_rtopt.results.values import BenchmarkVerdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from pytest_rtopt.bench.adapter import PairedBenchmark
    from pytest_rtopt.bench.builds import FurtherBuilds
    from pytest_rtopt.bench.measure import Turn
    from pytest_rtopt.bench.sampler import Comparison
    from pytest_rtopt.plugin.recorder import RuntimeRecorder

pytestmark = pytest.mark.benchmark


def test_workload(
    comparison: Comparison,
    turns: Callable[[], AbstractContextManager[Turn]],
    paired_benchmark: PairedBenchmark,
    further_builds: FurtherBuilds,
    rtopt_record: RuntimeRecorder,
) -> None:
    """The workload gives the same answer on both sides and reaches its threshold."""
    try:
        with turns() as turn:
            measurement = paired_benchmark(comparison, turn.plan, turn.on_pair)
        if measurement is None:
            pytest.skip("benchmarks are disabled: both sides were started once and gave the same answer")
        result = replicate(comparison, measurement, further_builds)
    except WorkloadFailure as failure:
        rtopt_record.benchmark(failed_result(comparison.workload, failure))
        raise
    except MeasurementInterrupted as interrupted:
        rtopt_record.benchmark(interrupted.measurement.result)
        raise
    rtopt_record.benchmark(result)
    load = phrases.load([result])
    reason = f"{result.reason} It was measured at {load}." if load else result.reason
    if result.verdict is BenchmarkVerdict.FAIL:
        pytest.fail(f"{result.workload}: {reason}", pytrace=False)
    if result.verdict is BenchmarkVerdict.INCONCLUSIVE:
        pytest.skip(f"inconclusive: {reason}")
