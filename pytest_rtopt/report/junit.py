"""The results as flat properties, for JUnit XML (`record_testsuite_property` and the like)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt.results import phrases

if TYPE_CHECKING:
    from pytest_rtopt.results.values import RuntimeResult


def properties(result: RuntimeResult) -> tuple[tuple[str, str], ...]:
    """Return name and value for the verdict, each finding and each benchmark of one runtime.

    For example `("rtopt.finding.go/goamd64-default", "proven")`.
    """
    return (
        (f"rtopt.verdict.{result.name}", result.verdict.value),
        *((f"rtopt.finding.{finding.claim}", finding.status.value) for finding in result.findings),
        *(
            (
                f"rtopt.benchmark.{benchmark.workload}",
                f"{benchmark.verdict} {phrases.interval(benchmark.speedup)}",
            )
            for benchmark in result.benchmarks
        ),
    )
