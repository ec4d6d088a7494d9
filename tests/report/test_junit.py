"""Flat properties of a result."""

from __future__ import annotations

from pytest_rtopt.report.junit import properties
from tests.support.sample_results import go


def test_properties_are_flat_and_complete() -> None:
    assert properties(go()) == (
        ("rtopt.verdict.go", "reject"),
        ("rtopt.finding.go/goamd64-default", "refuted"),
        ("rtopt.finding.go/programs-inherit", "unproven"),
        ("rtopt.finding.go/pgo-used", "not-applicable"),
        ("rtopt.benchmark.go/compile-std", "fail 0.962 [0.951, 0.973]"),
    )
