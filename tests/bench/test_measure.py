"""The whole of one measurement, on a clock of its own and on real processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.bench.measure import MeasurementInterrupted, measure
from pytest_rtopt.bench.sampler import Comparison, SamplingPlan, WorkloadFailure
from pytest_rtopt.bench.workload import Places, Workload
from pytest_rtopt.results.values import BenchmarkVerdict, Clock, Expectation
from tests.support.simulated_processes import Laboratory, comparison

if TYPE_CHECKING:
    from pathlib import Path


def test_a_clear_gain_ends_at_the_first_look(tmp_path: Path) -> None:
    lab = Laboratory(1.2, 1.0)
    measurement = measure(comparison(tmp_path, expected=(0.05, 0.1)), SamplingPlan(1000.0), engine=lab.engine)
    result = measurement.result
    assert (result.workload, result.pairs, len(measurement.pairs)) == ("lua/a", 20, 20)
    assert result.verdict is BenchmarkVerdict.PASS
    assert result.expectation is Expectation.CONFIRMED
    assert result.speedup.ci95[0] < 1.2 < result.speedup.ci95[1]
    assert measurement.cpu_speedup == pytest.approx(1.2, rel=0.02)


def test_a_regression_fails(tmp_path: Path) -> None:
    measurement = measure(comparison(tmp_path), SamplingPlan(1000.0), engine=Laboratory(1.0, 1.1).engine)
    assert measurement.result.verdict is BenchmarkVerdict.FAIL


def test_two_equal_sides_use_the_budget_and_prove_nothing(tmp_path: Path) -> None:
    lab = Laboratory(1.0, 1.0)
    result = measure(comparison(tmp_path), SamplingPlan(100.0, seed=4), engine=lab.engine).result
    assert 90 < lab.now <= 102
    assert result.pairs >= 45
    assert result.verdict is BenchmarkVerdict.PASS
    assert result.speedup.ci95[0] < 1 < result.speedup.ci95[1]
    assert 0 < result.speedup.mde < 0.02


def test_a_program_that_only_computes_is_compared_by_cpu_time(tmp_path: Path) -> None:
    lab = Laboratory(1.2, 1.0, computing=0.99)
    result = measure(comparison(tmp_path), SamplingPlan(1000.0), engine=lab.engine).result
    assert result.clock is Clock.CPU
    waiting = measure(comparison(tmp_path), SamplingPlan(1000.0), engine=Laboratory(1.2, 1.0).engine).result
    assert waiting.clock is Clock.WALL


def test_an_undecided_promise_keeps_sampling(tmp_path: Path) -> None:
    gained = comparison(tmp_path, expected=(0.2, 0.3))
    result = measure(gained, SamplingPlan(60.0), engine=Laboratory(1.2, 1.0).engine).result
    assert result.pairs > 20


def test_each_pair_is_told_with_the_time_used(tmp_path: Path) -> None:
    told: list[tuple[int, float, float]] = []
    engine = Laboratory(1.2, 1.0).engine
    measure(
        comparison(tmp_path), SamplingPlan(1000.0), on_pair=lambda *pair: told.append(pair), engine=engine
    )
    assert [done for done, _, _ in told] == list(range(1, 21))
    assert [elapsed for _, elapsed, _ in told] == sorted(elapsed for _, elapsed, _ in told)
    assert {budget for _, _, budget in told} == {1000.0}


def test_an_interrupt_gives_the_cores_back(tmp_path: Path) -> None:
    lab = Laboratory(1.2, 1.0)
    lab.interrupt_at = 17
    before = os.sched_getaffinity(0)
    with pytest.raises(KeyboardInterrupt):
        measure(comparison(tmp_path), SamplingPlan(1000.0), engine=lab.engine)
    assert os.sched_getaffinity(0) == before


def test_an_interrupt_keeps_what_was_measured(tmp_path: Path) -> None:
    lab = Laboratory(1.2, 1.0)
    lab.interrupt_at = 2 + 2 * 12 + 1
    with pytest.raises(KeyboardInterrupt) as caught:
        measure(comparison(tmp_path), SamplingPlan(1000.0), engine=lab.engine)
    assert isinstance(caught.value, MeasurementInterrupted)
    measurement = caught.value.measurement
    assert (measurement.result.pairs, len(measurement.pairs)) == (12, 12)
    assert measurement.result.interrupted
    assert measurement.result.verdict is BenchmarkVerdict.INCONCLUSIVE
    assert measurement.result.reason == "It was interrupted after 12 pairs; run it again for a verdict."
    assert measurement.result.speedup.ci95[0] > 1


def test_an_interrupt_before_there_is_anything_is_nothing_else(tmp_path: Path) -> None:
    lab = Laboratory(1.2, 1.0)
    lab.interrupt_at = 5
    with pytest.raises(KeyboardInterrupt) as caught:
        measure(comparison(tmp_path), SamplingPlan(1000.0), engine=lab.engine)
    assert not isinstance(caught.value, MeasurementInterrupted)


def test_one_seed_gives_one_result(tmp_path: Path) -> None:
    plan = SamplingPlan(30.0, seed=7)
    one, other = (measure(comparison(tmp_path), plan, engine=Laboratory(1.0, 1.0).engine) for _ in range(2))
    assert one.result == other.result
    assert one.pairs == other.pairs


def test_real_processes_are_measured(tmp_path: Path) -> None:
    workload = Workload("sh/echo", ("/bin/sh", "-c", "echo 42"))
    stock, optimized = (Places(tmp_path, tmp_path, tmp_path / side) for side in ("a", "b"))
    plan = SamplingPlan(0.0, min_pairs=5)
    measurement = measure(Comparison(workload, stock, optimized, compiler="gcc 14.2.0"), plan)
    assert measurement.result.pairs == 5
    assert all(pair.stock.wall_seconds > 0 and pair.optimized.wall_seconds > 0 for pair in measurement.pairs)
    assert measurement.before.compiler == measurement.after.compiler == "gcc 14.2.0"


def test_a_side_with_another_answer_has_no_time(tmp_path: Path) -> None:
    workload = Workload("sh/pwd", ("/bin/sh", "-c", "pwd"))
    stock, optimized = (Places(tmp_path, tmp_path, tmp_path / side) for side in ("a", "b"))
    with pytest.raises(WorkloadFailure, match="sh/pwd on the optimized side answered"):
        measure(Comparison(workload, stock, optimized), SamplingPlan(0.0))
