"""Writes results as JSON, schema 1, and reads the result of one runtime back.

`docs/results.md` documents the fields. Unknown fields are ignored, so a later version can add some without a
new schema number.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from pytest_rtopt.results.benchmark_schema import (
    benchmark_from_field,
    benchmark_to_json,
    speedup_from_field,
    speedup_to_json,
)
from pytest_rtopt.results.values import (
    BuildRecord,
    EvidenceKind,
    Finding,
    FindingStatus,
    GateAnswer,
    GateState,
    Impact,
    Inputs,
    PlatformReach,
    Programs,
    Rating,
    RunResults,
    RuntimeResult,
    RuntimeVerdict,
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
        "benchmarks": [benchmark_to_json(benchmark) for benchmark in result.benchmarks],
        "overall": None if result.overall is None else speedup_to_json(result.overall),
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
        benchmarks=tuple(benchmark_from_field(item) for item in field.member("benchmarks").elements()),
        overall=None if overall is None else speedup_from_field(overall),
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
