"""All tests of a runtime go to one worker of pytest-xdist."""

from __future__ import annotations

import pytest

from pytest_rtopt.plugin.xdist import scope_of


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("suites/test_verify.py::test_claim[go/isa-level]", "go"),
        ("suites/test_benchmark.py::test_workload[go/compile-std]", "go"),
        ("suites/test_build.py::test_builds[go]", "go"),
        ("tests/test_mine.py::test_mine[rust]", "rust"),
        ("suites/test_profile.py::test_cores", "suites/test_profile.py::test_cores"),
        ("tests/test_mine.py::test_mine[a-b]", "tests/test_mine.py::test_mine[a-b]"),
    ],
)
def test_a_test_belongs_to_its_runtime_or_to_itself(nodeid: str, scope: str) -> None:
    assert scope_of(nodeid) == scope
