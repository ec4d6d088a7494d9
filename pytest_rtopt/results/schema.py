"""Writes results as JSON, schema 1, and reads the result of one runtime back.

`docs/results.md` documents the fields. A number that does not exist, for example because a workload failed
before it was timed, is `null` in JSON and NaN in the values. Unknown fields are ignored, so a later version
can add some without a new schema number.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from pytest_rtopt.results.values import (
    BenchmarkResult,
    BenchmarkVerdict,
    BuildRecord,
    BuildSpeedup,
    Clock,
    Conditions,
    EvidenceKind,
    Expectation,
    Finding,
    FindingStatus,
    GateAnswer,
    GateState,
    Impact,
    Inputs,
    PlatformReach,
    Precision,
    Programs,
    Rating,
    RunResults,
    RuntimeResult,
    RuntimeVerdict,
    Speedup,
    StorePaths,
)

if TYPE_CHECKING:
    from pytest_rtopt.results.document import Field

SCHEMA = 1


def to_json(results: RunResults) -> dict[str, object]:
    """Return the results as plain JSON values."""
    return {
        "schema": SCHEMA,
        "host": results.host,
        "profile": results.profile,
        "packages": results.packages,
        "runtimes": {name: runtime_to_json(runtime) for name, runtime in results.runtimes.items()},
        "impact": {name: impact_to_json(impact) for name, impact in results.impact.items()},
        "gate": {name: answer_to_json(answer) for name, answer in results.gate.items()},
    }


def runtime_to_json(result: RuntimeResult) -> dict[str, object]:
    """Return the result of one runtime as plain JSON values, without its name."""
    return {
        "attr": result.attr,
        "version": result.version,
        "baseline": _paths_to_json(result.baseline),
        "optimized": _paths_to_json(result.optimized),
        "programs": None if result.programs is None else _programs_to_json(result.programs),
        "inputs": None if result.inputs is None else asdict(result.inputs),
        "build": None if result.build is None else _build_to_json(result.build),
        "findings": [_finding_to_json(finding) for finding in result.findings],
        "benchmarks": [_benchmark_to_json(benchmark) for benchmark in result.benchmarks],
        "overall": None if result.overall is None else _speedup_to_json(result.overall),
        "verdict": result.verdict.value,
        "reason": result.reason,
        "no_request": result.no_request,
        "platform": None if result.platform is None else _platform_to_json(result.platform),
    }


def runtime_from_field(name: str, field: Field) -> RuntimeResult:
    """Return the result of the runtime `name`; raises `ReportError` naming the field that is wrong."""
    build = field.optional("build")
    reason, overall = field.optional("reason"), field.optional("overall")
    programs, inputs = field.optional("programs"), field.optional("inputs")
    no_request, platform = field.optional("no_request"), field.optional("platform")
    return RuntimeResult(
        name=name,
        attr=field.member("attr").text(),
        version=field.member("version").text(),
        baseline=paths_from_field(field.member("baseline")),
        optimized=paths_from_field(field.member("optimized")),
        build=None if build is None else _build_from_field(build),
        findings=tuple(_finding_from_field(item) for item in field.member("findings").elements()),
        benchmarks=tuple(_benchmark_from_field(item) for item in field.member("benchmarks").elements()),
        overall=None if overall is None else _speedup_from_field(overall),
        verdict=field.member("verdict").choice(RuntimeVerdict),
        reason="" if reason is None else reason.text(),
        programs=None if programs is None else _programs_from_field(programs),
        inputs=None if inputs is None else inputs_from_field(inputs),
        no_request=None if no_request is None else no_request.text(),
        platform=None if platform is None else _platform_from_field(platform),
    )


def _platform_to_json(platform: PlatformReach) -> dict[str, object]:
    return {
        "settings": dict(platform.settings),
        "reached": platform.reached,
        "instead": platform.instead,
    }


def _platform_from_field(field: Field) -> PlatformReach:
    settings, instead = field.member("settings").members(), field.optional("instead")
    return PlatformReach(
        settings={name: value.text() for name, value in settings.items()},
        reached=field.member("reached").flag(),
        instead=None if instead is None else instead.text(),
    )


def inputs_from_field(field: Field) -> Inputs:
    """Return the hashes in `field`; raises `ReportError` naming the field that is wrong."""
    return Inputs(overlay=field.member("overlay").text(), profile=field.member("profile").text())


def answer_to_json(answer: GateAnswer) -> dict[str, object]:
    """Return an answer of the gate as plain JSON values, without the name of its runtime."""
    return {
        "state": answer.state.value,
        "allowed": answer.allowed,
        "reason": answer.sentence,
        "notes": list(answer.notes),
    }


def answer_from_field(name: str, field: Field) -> GateAnswer:
    """Return the gate's answer for the runtime `name`; raises `ReportError` naming what is wrong."""
    return GateAnswer(
        runtime=name,
        state=field.member("state").choice(GateState),
        allowed=field.member("allowed").flag(),
        sentence=field.member("reason").text(),
        notes=tuple(note.text() for note in field.member("notes").elements()),
    )


def impact_to_json(impact: Impact) -> dict[str, object]:
    """Return what an overlay makes Nix build anew as plain JSON values."""
    return {
        "targets": list(impact.targets),
        "changed": list(impact.changed),
        "rebuilt": list(impact.rebuilt),
        "outputs": impact.outputs,
    }


def impact_from_field(field: Field) -> Impact:
    """Return the impact in `field`; raises `ReportError` naming the field that is wrong."""
    targets, changed, rebuilt = (
        tuple(item.text() for item in field.member(name).elements())
        for name in ("targets", "changed", "rebuilt")
    )
    return Impact(targets, changed, rebuilt, field.member("outputs").count())


def _paths_to_json(paths: StorePaths) -> dict[str, object]:
    return {"drv": paths.drv, "out": paths.out}


def _programs_to_json(programs: Programs) -> dict[str, object]:
    return {
        "baseline": _paths_to_json(programs.baseline),
        "optimized": _paths_to_json(programs.optimized),
    }


def _programs_from_field(field: Field) -> Programs:
    return Programs(paths_from_field(field.member("baseline")), paths_from_field(field.member("optimized")))


def paths_from_field(field: Field) -> StorePaths:
    """Return a derivation and its output; raises `ReportError` naming the field that is wrong."""
    return StorePaths(drv=field.member("drv").text(), out=field.member("out").text())


def _build_to_json(build: BuildRecord) -> dict[str, object]:
    return {
        "seconds": build.seconds,
        "peak_rss_bytes": build.peak_rss_bytes,
        "out_bytes": build.out_bytes,
        "cached": build.cached,
    }


def _build_from_field(field: Field) -> BuildRecord:
    seconds, rss, out = (field.optional(name) for name in ("seconds", "peak_rss_bytes", "out_bytes"))
    return BuildRecord(
        seconds=None if seconds is None else seconds.number(),
        peak_rss_bytes=None if rss is None else rss.count(),
        out_bytes=None if out is None else out.count(),
        cached=field.member("cached").flag(),
    )


def _finding_to_json(finding: Finding) -> dict[str, object]:
    return {
        "claim": finding.claim,
        "status": finding.status.value,
        "evidence": finding.evidence,
        "kinds": [kind.value for kind in finding.kinds],
        "rating": finding.rating.value,
    }


def _finding_from_field(field: Field) -> Finding:
    kinds, rating = field.optional("kinds"), field.optional("rating")
    return Finding(
        claim=field.member("claim").text(),
        status=field.member("status").choice(FindingStatus),
        evidence=field.member("evidence").text(),
        kinds=() if kinds is None else tuple(kind.choice(EvidenceKind) for kind in kinds.elements()),
        rating=Rating.EFFECT if rating is None else rating.choice(Rating),
    )


def _benchmark_to_json(benchmark: BenchmarkResult) -> dict[str, object]:
    return {
        "workload": benchmark.workload,
        "pairs": benchmark.pairs,
        **_speedup_to_json(benchmark.speedup),
        "threshold": benchmark.threshold,
        "expected": None if benchmark.expected is None else list(benchmark.expected),
        "expectation": None if benchmark.expectation is None else benchmark.expectation.value,
        "verdict": benchmark.verdict.value,
        "reason": benchmark.reason,
        "clock": benchmark.clock.value,
        "interrupted": benchmark.interrupted,
        "conditions": None if benchmark.conditions is None else _conditions_to_json(benchmark.conditions),
        "builds": [{"pairs": build.pairs, **_speedup_to_json(build.speedup)} for build in benchmark.builds],
    }


def _benchmark_from_field(field: Field) -> BenchmarkResult:
    expected, expectation = field.optional("expected"), field.optional("expectation")
    reason, clock = field.optional("reason"), field.optional("clock")
    interrupted, conditions = field.optional("interrupted"), field.optional("conditions")
    builds = field.optional("builds")
    return BenchmarkResult(
        workload=field.member("workload").text(),
        pairs=field.member("pairs").count(),
        speedup=_speedup_from_field(field),
        threshold=field.member("threshold").number(),
        expected=None if expected is None else _numbers(expected),
        expectation=None if expectation is None else expectation.choice(Expectation),
        verdict=field.member("verdict").choice(BenchmarkVerdict),
        reason="" if reason is None else reason.text(),
        clock=Clock.WALL if clock is None else clock.choice(Clock),
        interrupted=False if interrupted is None else interrupted.flag(),
        conditions=None if conditions is None else _conditions_from_field(conditions),
        builds=() if builds is None else tuple(_build_speedup_from_field(it) for it in builds.elements()),
    )


def _build_speedup_from_field(field: Field) -> BuildSpeedup:
    return BuildSpeedup(field.member("pairs").count(), _speedup_from_field(field))


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


def _speedup_to_json(speedup: Speedup) -> dict[str, object]:
    return {
        "speedup": _finite(speedup.estimate),
        "ci95": [_finite(bound) for bound in speedup.ci95],
        "mde": _finite(speedup.mde),
        "precision": None if speedup.precision is None else asdict(speedup.precision),
    }


def _speedup_from_field(field: Field) -> Speedup:
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
