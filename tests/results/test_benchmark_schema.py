"""The JSON form of a benchmark: numbers that do not exist, and a precision that cannot be."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.results import values
from pytest_rtopt.results.schema import to_json
from tests.support.sample_results import failed_benchmark, from_json, lua, run


def test_a_failed_workload_has_null_for_its_numbers() -> None:
    runtime = values.RuntimeResult(
        "lua", "", "", lua().baseline, lua().optimized, benchmarks=(failed_benchmark(),)
    )
    text = json.dumps(to_json(run(runtime)), allow_nan=False)
    assert '"speedup": null, "ci95": [null, null], "mde": null' in text
    speedup = from_json(json.loads(text)).runtimes["lua"].benchmarks[0].speedup
    assert math.isnan(speedup.estimate)
    assert all(map(math.isnan, speedup.ci95))


@pytest.mark.parametrize("name", ["error", "freedom", "share"])
def test_a_precision_that_cannot_be_is_refused(name: str) -> None:
    """An edited ledger could prove anything by an interval without width."""
    document: Any = json.loads(json.dumps(to_json(run(lua()))))
    measured = document["runtimes"]["lua"]["benchmarks"][0]
    measured["precision"] = {"error": 0.01, "freedom": 9, "share": 0.7}
    from_json(document)
    measured["precision"][name] = -1
    with pytest.raises(ReportError, match="precision"):
        from_json(document)
