"""The JSON form of one benchmark in schema 1: its speedup, how it was measured, and its builds.

A number that does not exist, for example because a workload failed before it was timed, is `null` in JSON and
NaN in the values.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from pytest_rtopt.results.values import (
    BenchmarkResult,
    BenchmarkVerdict,
    BuildSpeedup,
    Clock,
    Conditions,
    Expectation,
    Precision,
    RivalSpeedup,
    Speedup,
)

if TYPE_CHECKING:
    from pytest_rtopt.results.document import Field


def benchmark_to_json(benchmark: BenchmarkResult) -> dict[str, object]:
    """Return a benchmark as plain JSON values."""
    return {
        "workload": benchmark.workload,
        "pairs": benchmark.pairs,
        **speedup_to_json(benchmark.speedup),
        "threshold": benchmark.threshold,
        "expected": None if benchmark.expected is None else list(benchmark.expected),
        "expectation": None if benchmark.expectation is None else benchmark.expectation.value,
        "verdict": benchmark.verdict.value,
        "reason": benchmark.reason,
        "clock": benchmark.clock.value,
        "interrupted": benchmark.interrupted,
        "conditions": None if benchmark.conditions is None else _conditions_to_json(benchmark.conditions),
        "builds": [{"pairs": build.pairs, **speedup_to_json(build.speedup)} for build in benchmark.builds],
        "rivals": [_rival_to_json(rival) for rival in benchmark.rivals],
    }


def benchmark_from_field(field: Field) -> BenchmarkResult:
    """Return the benchmark in `field`; raises `ReportError` naming the field that is wrong."""
    expected, expectation = field.optional("expected"), field.optional("expectation")
    reason, clock = field.optional("reason"), field.optional("clock")
    interrupted, conditions = field.optional("interrupted"), field.optional("conditions")
    builds, rivals = field.optional("builds"), field.optional("rivals")
    return BenchmarkResult(
        workload=field.member("workload").text(),
        pairs=field.member("pairs").count(),
        speedup=speedup_from_field(field),
        threshold=field.member("threshold").number(),
        expected=None if expected is None else _numbers(expected),
        expectation=None if expectation is None else expectation.choice(Expectation),
        verdict=field.member("verdict").choice(BenchmarkVerdict),
        reason="" if reason is None else reason.text(),
        clock=Clock.WALL if clock is None else clock.choice(Clock),
        interrupted=False if interrupted is None else interrupted.flag(),
        conditions=None if conditions is None else _conditions_from_field(conditions),
        builds=() if builds is None else tuple(_build_from_field(it) for it in builds.elements()),
        rivals=() if rivals is None else tuple(_rival_from_field(it) for it in rivals.elements()),
    )


def _rival_to_json(rival: RivalSpeedup) -> dict[str, object]:
    return {
        "name": rival.name,
        "pairs": rival.pairs,
        "over_stock": None if rival.speedup is None else speedup_to_json(rival.speedup),
        "lead": None if rival.lead is None else speedup_to_json(rival.lead),
        "withdrawn": rival.withdrawn,
    }


def _rival_from_field(field: Field) -> RivalSpeedup:
    over_stock, lead, withdrawn = map(field.optional, ("over_stock", "lead", "withdrawn"))
    return RivalSpeedup(
        name=field.member("name").text(),
        pairs=field.member("pairs").count(),
        speedup=None if over_stock is None else speedup_from_field(over_stock),
        lead=None if lead is None else speedup_from_field(lead),
        withdrawn=None if withdrawn is None else withdrawn.text(),
    )


def _build_from_field(field: Field) -> BuildSpeedup:
    return BuildSpeedup(field.member("pairs").count(), speedup_from_field(field))


def _conditions_to_json(conditions: Conditions) -> dict[str, object]:
    return {
        "starts": conditions.starts,
        "drift": conditions.drift,
        "outliers": conditions.outliers,
        "peak_rss_bytes": list(conditions.peak_rss_bytes),
        "load": conditions.load,
        "cpus": conditions.cpus,
    }


def _conditions_from_field(field: Field) -> Conditions:
    stock, optimized = (
        None if peak.value is None else peak.count() for peak in field.member("peak_rss_bytes").pair()
    )
    load, cpus = field.optional("load"), field.optional("cpus")
    return Conditions(
        starts=field.member("starts").count(),
        drift=field.member("drift").number(),
        outliers=field.member("outliers").count(),
        peak_rss_bytes=(stock, optimized),
        load=None if load is None else load.number(),
        cpus=None if cpus is None else cpus.count(),
    )


def speedup_to_json(speedup: Speedup) -> dict[str, object]:
    """Return a speedup as plain JSON values."""
    return {
        "speedup": _finite(speedup.estimate),
        "ci95": [_finite(bound) for bound in speedup.ci95],
        "mde": _finite(speedup.mde),
        "precision": None if speedup.precision is None else asdict(speedup.precision),
    }


def speedup_from_field(field: Field) -> Speedup:
    """Return the speedup in `field`; raises `ReportError` naming the field that is wrong."""
    low, high = field.member("ci95").pair()
    precision = field.optional("precision")
    return Speedup(
        estimate=_number_or_nan(field.member("speedup")),
        ci95=(_number_or_nan(low), _number_or_nan(high)),
        mde=_number_or_nan(field.member("mde")),
        precision=None if precision is None else _precision_from_field(precision),
    )


def _precision_from_field(field: Field) -> Precision:
    error, freedom, share = (field.member(name).number() for name in ("error", "freedom", "share"))
    if error < 0 or freedom <= 0 or not 0 < share <= 1:
        raise field.wrong("an error of 0 or more, a positive freedom and a share of at most 1")
    return Precision(error, freedom, share)


def _numbers(field: Field) -> tuple[float, float]:
    low, high = field.pair()
    return low.number(), high.number()


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _number_or_nan(field: Field) -> float:
    return math.nan if field.value is None else field.number()
