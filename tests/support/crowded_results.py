"""Results that fill a report to its edges: long names, paths and sentences, and every kind of outcome."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_rtopt.base.registry import NAMES
from pytest_rtopt.results.values import (
    BenchmarkVerdict,
    EvidenceKind,
    Finding,
    FindingStatus,
    Impact,
    Rating,
    RivalSpeedup,
    RuntimeVerdict,
    Speedup,
)
from tests.support.sample_results import around, benchmark, failed_benchmark, go, lua, paths, run

if TYPE_CHECKING:
    from pytest_rtopt.results.values import BenchmarkResult, RunResults, RuntimeResult

_LONG_NAME = "interpreter-with-a-very-long-name-" * 4
LONG_PATH = f"/nix/store/{'q' * 32}-{_LONG_NAME}5.4.7/lib/{'deep/' * 20}libinterpreter.so"
_LONG_WORD = "f" * 300
_LONG_SENTENCE = (
    f"{LONG_PATH} was compiled with `-O2 -march=x86-64 -fno-omit-frame-pointer`, and 12 of 56 functions "
    f"differ from those of stock; the symbol {_LONG_WORD} is in neither."
)
_TWENTY = 20


def crowded_run() -> RunResults:
    """Return a run with every registered runtime, each with every status and verdict, and an impact."""
    results = run(lua(), go(), *(_runtime(name) for name in NAMES if name not in ("lua", "go")))
    targets = tuple(f"python313Packages.package-with-a-long-name-{number}" for number in range(_TWENTY))
    return replace(
        results,
        host={**results.host, "features": [f"feature-{number}" for number in range(150)]},
        profile={**results.profile, "source": LONG_PATH},
        packages={"ref": LONG_PATH, "nix": "2.8.0"},
        impact={"python": Impact(targets, targets, (*targets, LONG_PATH), outputs=100)},
    )


def _runtime(name: str) -> RuntimeResult:
    """Return a result in which each sentence and each path is too long for one line."""
    findings = tuple(
        Finding(
            f"{name}/{'long-claim-' * repeat}{status}", status, _LONG_SENTENCE, tuple(EvidenceKind), rating
        )
        for status in FindingStatus
        for rating in Rating
        for repeat in (1, 8)
    )
    return replace(
        lua(),
        name=name,
        attr="nixpkgs.pkgsBuildBuild.interpreters.experimental.with-a-long-name",
        version="2026.11.28-unstable-2026-11-27",
        baseline=paths(_LONG_NAME),
        optimized=paths(_LONG_NAME),
        findings=findings,
        benchmarks=(
            failed_benchmark(f"{name}/strings"),
            replace(failed_benchmark(f"{name}/{'long-workload-' * 8}"), reason=_LONG_SENTENCE),
            *(replace(_benchmark(name, verdict), rivals=_rivals()) for verdict in BenchmarkVerdict),
        ),
        overall=around(1.034),
        verdict=RuntimeVerdict.PENDING,
        reason=_LONG_SENTENCE,
    )


def _rivals() -> tuple[RivalSpeedup, ...]:
    fast, slow = Speedup(12.345, (9.876, 15.432), 0.25), Speedup(0.123, (0.101, 0.145), 0.25)
    return (
        RivalSpeedup(LONG_PATH, 24, speedup=fast, lead=slow),
        RivalSpeedup("/usr/bin/interpreter", withdrawn=_LONG_SENTENCE),
    )


def _benchmark(name: str, verdict: BenchmarkVerdict) -> BenchmarkResult:
    speedup = {
        BenchmarkVerdict.PASS: Speedup(12.345, (9.876, 15.432), 0.25),
        BenchmarkVerdict.FAIL: Speedup(0.123, (0.101, 0.145), 0.25),
        BenchmarkVerdict.INCONCLUSIVE: Speedup(1.0, (0.5, 2.0), math.inf),
    }[verdict]
    return replace(benchmark(f"{name}/{verdict}", speedup, verdict), reason=_LONG_SENTENCE)
