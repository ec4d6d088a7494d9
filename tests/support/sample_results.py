"""Sample results of runs, for tests of verdicts and reports."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pytest_rtopt.bench.judge import expectation
from pytest_rtopt.results.document import Document, Field
from pytest_rtopt.results.schema import impact_from_field, runtime_from_field
from pytest_rtopt.results.values import (
    BenchmarkResult,
    BenchmarkVerdict,
    BuildRecord,
    EvidenceKind,
    Expectation,
    Finding,
    FindingStatus,
    Impact,
    RunResults,
    RuntimeResult,
    RuntimeVerdict,
    Speedup,
    StorePaths,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_STOCK_HASH = "1qljx19ygsfr6dp3dpc9kab52124kbl8"
_OPTIMIZED_HASH = "9vmq0wz6i9ff7ky6lbq4ppc3lb9nrj2x"


def paths(name: str, digest: str = _STOCK_HASH) -> StorePaths:
    return StorePaths(drv=f"/nix/store/{digest}-{name}.drv", out=f"/nix/store/{digest[::-1]}-{name}")


def finding(
    claim: str = "lua/pgo-used",
    status: FindingStatus = FindingStatus.PROVEN,
    evidence: str = "212 of 918 functions have a .cold part; stock has none.",
) -> Finding:
    return Finding(claim, status, evidence, (EvidenceKind.CENSUS,))


def benchmark(
    workload: str = "lua/binary-trees",
    speedup: Speedup | None = None,
    verdict: BenchmarkVerdict = BenchmarkVerdict.PASS,
    threshold: float = 0.0,
) -> BenchmarkResult:
    measured = speedup or Speedup(1.213, (1.198, 1.229), 0.012)
    return BenchmarkResult(
        workload=workload,
        pairs=24,
        speedup=measured,
        threshold=threshold,
        expected=(0.1, 0.3),
        expectation=expectation(measured, (0.1, 0.3)),
        verdict=verdict,
        reason="",
    )


def around(estimate: float, half_width: float = 0.01) -> Speedup:
    """Return a speedup with an interval that is symmetric around the estimate."""
    return Speedup(estimate, (estimate - half_width, estimate + half_width), half_width)


def failed_benchmark(workload: str = "lua/strings") -> BenchmarkResult:
    """Return a benchmark that ended before a time could be taken."""
    return BenchmarkResult(
        workload=workload,
        pairs=0,
        speedup=Speedup(math.nan, (math.nan, math.nan), math.nan),
        threshold=0.0,
        expected=None,
        expectation=None,
        verdict=BenchmarkVerdict.FAIL,
        reason="The optimized runtime printed another answer than stock.",
    )


def lua() -> RuntimeResult:
    return RuntimeResult(
        name="lua",
        attr="lua5_4",
        version="5.4.7",
        baseline=paths("lua-5.4.7"),
        optimized=paths("lua-5.4.7", _OPTIMIZED_HASH),
        build=BuildRecord(seconds=41.7, peak_rss_bytes=312_000_000, out_bytes=912_344, cached=False),
        findings=(
            finding("lua/flags-reach-compiler", evidence="34 of 34 compiler calls got -march=skylake."),
            finding(
                "lua/isa-level", evidence="Of 918 functions that both have, 403 use AVX2 or BMI2 forms anew."
            ),
            finding("lua/pgo-used"),
        ),
        benchmarks=(
            benchmark(),
            benchmark(
                "lua/string-building", Speedup(1.041, (0.998, 1.083), 0.045), BenchmarkVerdict.INCONCLUSIVE
            ),
        ),
        verdict=RuntimeVerdict.ADOPT,
        reason=(
            "Nothing is refuted or proven slower, and lua/binary-trees (1.213 [1.198, 1.229]) is proven "
            "faster; lua/string-building is inconclusive."
        ),
    )


def go() -> RuntimeResult:
    return RuntimeResult(
        name="go",
        attr="go_1_24",
        version="1.24.11",
        baseline=paths("go-1.24.11"),
        optimized=paths("go-1.24.11", _OPTIMIZED_HASH),
        build=BuildRecord(seconds=312.4, peak_rss_bytes=None, out_bytes=234_100_000, cached=True),
        findings=(
            finding(
                "go/goamd64-default",
                FindingStatus.REFUTED,
                "`go env GOAMD64` says v3 in the installed wrapper only; the compiler's baked default is v1.",
            ),
            finding(
                "go/programs-inherit", FindingStatus.UNPROVEN, "No program with floating point was built."
            ),
            finding("go/pgo-used", FindingStatus.NOT_APPLICABLE, "The profile sets no pgoLevel for go_1_24."),
        ),
        benchmarks=(
            BenchmarkResult(
                workload="go/compile-std",
                pairs=60,
                speedup=Speedup(0.962, (0.951, 0.973), 0.015),
                threshold=0.02,
                expected=(0.03, 0.07),
                expectation=Expectation.CONTRADICTED,
                verdict=BenchmarkVerdict.FAIL,
                reason="The whole interval lies below 1.020.",
            ),
        ),
        verdict=RuntimeVerdict.REJECT,
        reason=(
            "The evidence refutes go/goamd64-default, and "
            "go/compile-std (0.962 [0.951, 0.973]) is proven slower."
        ),
    )


def impacts() -> dict[str, Impact]:
    """Return the impact of an overlay that rebuilds much, and of one that rebuilds nothing."""
    targets = ("hugo", "lua5_4")
    followers = ("go-1.24.11", "hugo-go-modules", "hugo-0.150.0", "site-1", "site-2")
    return {
        "lua": Impact(targets, changed=(), rebuilt=(), outputs=0),
        "go": Impact(targets, changed=("hugo",), rebuilt=followers, outputs=7),
    }


def run(*runtimes: RuntimeResult) -> RunResults:
    """Return a run with these runtimes on a Skylake host."""
    return RunResults(
        host={
            "brand": "Intel(R) Core(TM) i7-6700K CPU @ 4.00GHz",
            "microarchitecture": "skylake",
            "cores": 4,
            "memory_bytes": 16_695_230_464,
            "governor": None,
            "virtual": False,
            "features": ["avx", "avx2", "bmi1", "bmi2", "fma", "sse4_2"],
        },
        profile={
            "name": "shoshin",
            "source": "profiles/shoshin.nix",
            "values": {"build": {"compiler": {"march": "skylake", "optimizationLevel": "3"}}},
        },
        packages={"ref": "embedded", "nix": "2.8.0"},
        runtimes={runtime.name: runtime for runtime in runtimes},
    )


def from_json(value: dict[str, Any]) -> RunResults:
    """Return the results that parsed JSON holds; the reverse of `to_json`."""
    top = Field(value, "", Document("the results", "write the results anew with `--rtopt-json`"))
    return RunResults(
        host=value["host"],
        profile=value["profile"],
        packages=value["packages"],
        runtimes={
            name: runtime_from_field(name, field) for name, field in top.member("runtimes").members().items()
        },
        impact={name: impact_from_field(field) for name, field in _optional(top, "impact").items()},
    )


def _optional(top: Field, name: str) -> Mapping[str, Field]:
    field = top.optional(name)
    return {} if field is None else field.members()
