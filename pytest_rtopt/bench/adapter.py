"""Reports the two sides of a measurement as two rows of pytest-benchmark: table, JSON, saving, comparing.

Only this module uses internals of pytest-benchmark (5.2): `pytest_benchmark.stats.Metadata`,
`BenchmarkFixture._mode`, and the list `benchmarks` of the plugin that is registered as `pytest-benchmark`.
`tests/bench/test_adapter.py` fails if a new version changes them.
"""

from __future__ import annotations

from dataclasses import asdict
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pytest_benchmark.stats import Metadata

from pytest_rtopt.bench.clock import seconds
from pytest_rtopt.bench.machine_checks import check_machine

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from pytest_benchmark.fixture import BenchmarkFixture

    from pytest_rtopt.bench.measure import Measurement, OnPair
    from pytest_rtopt.bench.sampler import Comparison, SamplingPlan

_BASELINE = "baseline"
_OPTIMIZED = "optimized"
_WATCHER = "rtopt-paired-benchmarks"
# py-cpuinfo reports the current clock rate. If it is kept, pytest-benchmark says that the machine differs.
_MOMENTARY = ("hz_actual", "hz_actual_friendly")

_entries = pytest.StashKey[list[SimpleNamespace]]()


class PairedBenchmark:
    """Measures a comparison inside a test and reports it through the test's `benchmark` fixture.

    Call it once per test. If benchmarks are disabled (`--benchmark-disable`, xdist), it starts both sides
    once, compares their answers, measures no time, and returns `None`.
    """

    def __init__(self, request: pytest.FixtureRequest, benchmark: BenchmarkFixture) -> None:
        self._request = request
        self._benchmark = benchmark

    def __call__(
        self, comparison: Comparison, plan: SamplingPlan, on_pair: OnPair | None = None
    ) -> Measurement | None:
        """Measure `comparison` and register its two rows; raises what `measure` raises."""
        # The import takes long, and this module is also imported in runs that measure nothing.
        from pytest_rtopt.bench import measure, sampler  # noqa: PLC0415

        # Without a mode the fixture warns that it was not used.
        self._benchmark._mode = "paired(...)"  # noqa: SLF001  # see the module docstring
        if self._benchmark.disabled:
            sampler.prepare(comparison)
            sampler.warm_up(comparison)
            return None
        measurement = measure.measure(comparison, plan, on_pair=on_pair or measure.ignore_pair)
        register(self._request, self._benchmark, measurement)
        return measurement


def register(request: pytest.FixtureRequest, benchmark: BenchmarkFixture, measurement: Measurement) -> None:
    """Add the rows `test[…-baseline]` and `test[…-optimized]` to this session, in the group of the workload.

    Each rival that took part to the end has a row, too.

    If the test fails later, the rows stay in the table, are marked as failed, and are not saved.
    """
    manager = request.config.pluginmanager
    if not manager.hasplugin(_WATCHER):
        manager.register(_FailedTests(), _WATCHER)
    extra = dict(benchmark.extra_info) | extra_info(measurement)
    clock = measurement.result.clock
    times = {
        _BASELINE: [seconds(pair.stock, clock) for pair in measurement.pairs],
        _OPTIMIZED: [seconds(pair.optimized, clock) for pair in measurement.pairs],
        **{
            f"rival {rival.name}": [seconds(pair.rivals[rival.name], clock) for pair in measurement.pairs]
            for rival in measurement.result.rivals
            if rival.withdrawn is None
        },
    }
    session: Any = manager.get_plugin("pytest-benchmark")
    rows = request.node.stash.setdefault(_entries, [])
    for side, values in times.items():
        row = _row(benchmark, measurement.result.workload, side, extra)
        entry: Any = Metadata(row, iterations=1, options={"paired": True, "seed": measurement.seed})  # type: ignore[no-untyped-call]  # the library is not annotated
        for duration in values:
            entry.update(duration)
        rows.append(row)
        session.benchmarks.append(entry)


def extra_info(measurement: Measurement) -> dict[str, object]:
    """Return the values that pytest-benchmark stores beside the times, as plain JSON."""
    result = measurement.result
    return {
        "workload": result.workload,
        "pairs": result.pairs,
        "speedup": result.speedup.estimate,
        "ci95": list(result.speedup.ci95),
        "mde": result.speedup.mde,
        "clock": result.clock.value,
        "wall_speedup": measurement.wall_speedup,
        "cpu_speedup": measurement.cpu_speedup,
        "threshold": result.threshold,
        "expected": None if result.expected is None else list(result.expected),
        "expectation": None if result.expectation is None else result.expectation.value,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "conditions": None if result.conditions is None else asdict(result.conditions),
        "seed": measurement.seed,
        "core": measurement.core,
        "first": [pair.first.value for pair in measurement.pairs],
        "machine": {
            "before": measurement.before.as_json(),
            "after": measurement.after.as_json(),
            "checks": {check.name: check.message or check.status.value for check in check_machine()},
        },
    }


def remove_momentary_values(machine_info: MutableMapping[str, object]) -> None:
    """Remove the values that change between two runs on one machine; called by the hook of that name.

    Otherwise `--benchmark-compare` warns of a different machine whenever the clock rate has changed.
    """
    cpu = machine_info.get("cpu")
    if isinstance(cpu, dict):
        for key in _MOMENTARY:
            cpu.pop(key, None)


class _FailedTests:
    """Marks the rows of tests that fail after the measurement, so that they are not saved."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        report: pytest.TestReport = yield  # type: ignore[assignment]  # pluggy sends the report in
        if report.failed:
            for row in item.stash.get(_entries, []):
                row.has_error = True
        return report  # type: ignore[return-value]  # and takes it from here


def _row(benchmark: BenchmarkFixture, workload: str, side: str, extra: dict[str, object]) -> SimpleNamespace:
    """Return the attributes that `Metadata` reads from a fixture, for one side of `benchmark`."""
    return SimpleNamespace(
        name=_with_side(benchmark.name, side),
        fullname=_with_side(benchmark.fullname, side),
        group=workload,
        param=side if benchmark.param is None else f"{benchmark.param}-{side}",
        # The test's own parameters are left out, because JSON cannot hold arbitrary objects.
        params={"workload": workload, "side": side},
        extra_info={**extra, "side": side},
        cprofile_stats=None,
        has_error=False,
    )


def _with_side(name: str, side: str) -> str:
    return f"{name[:-1]}-{side}]" if name.endswith("]") else f"{name}[{side}]"
