"""The results schema: round trip of arbitrary results, and errors that name the field."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.results import values
from pytest_rtopt.results.schema import to_json
from pytest_rtopt.results.values import Impact
from tests.support.sample_results import from_json, go, impacts, lua, run

# The example of the schema, as the design of the project gives it.
EXAMPLE = """
{"schema": 1, "host": {}, "profile": {"name": "shoshin", "source": "shoshin.nix", "values": {}},
 "packages": {"ref": "embedded", "nix": "2.8.0"},
 "runtimes": {"go": {
   "attr": "go_1_24", "version": "1.24.11",
   "baseline": {"drv": "/a.drv", "out": "/a"}, "optimized": {"drv": "/b.drv", "out": "/b"},
   "build": {"seconds": 312.0, "peak_rss_bytes": 812000000, "out_bytes": 234000000, "cached": true},
   "findings": [{"claim": "go/goamd64-default", "status": "proven", "evidence": "baked"}],
   "benchmarks": [{"workload": "go/compile-std", "pairs": 24, "speedup": 1.021, "ci95": [1.008, 1.034],
                   "mde": 0.012, "threshold": 0.0, "expected": [0.03, 0.07], "expectation": "contradicted",
                   "verdict": "pass"}],
   "verdict": "adopt"}}}
"""

_numbers = st.floats(allow_nan=False, allow_infinity=False)
_pairs = st.tuples(_numbers, _numbers)
_json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | _numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
_objects = st.dictionaries(st.text(), _json_values, max_size=3)
_paths = st.builds(values.StorePaths, st.text(), st.text())
_findings = st.builds(
    values.Finding,
    st.text(),
    st.sampled_from(values.FindingStatus),
    st.text(),
    st.lists(st.sampled_from(values.EvidenceKind), max_size=2).map(tuple),
)
_platforms = st.builds(
    values.PlatformReach,
    st.dictionaries(st.text(), st.text(), max_size=2),
    st.booleans(),
    st.none() | st.text(),
)
_precisions = st.builds(
    values.Precision, st.floats(0, 10), st.floats(1, 1e6), st.floats(0, 1, exclude_min=True)
)
_counts = st.none() | st.integers(0, 2**62)
_conditions = st.builds(
    values.Conditions,
    st.integers(1, 50),
    _numbers,
    st.integers(0, 999),
    st.tuples(_counts, _counts),
    st.none() | _numbers,
    _counts,
)
_benchmarks = st.builds(
    values.BenchmarkResult,
    workload=st.text(),
    pairs=st.integers(0, 10_000),
    speedup=st.builds(values.Speedup, _numbers, _pairs, _numbers, st.none() | _precisions),
    threshold=_numbers,
    expected=st.none() | _pairs,
    expectation=st.none() | st.sampled_from(values.Expectation),
    verdict=st.sampled_from(values.BenchmarkVerdict),
    reason=st.text(),
    clock=st.sampled_from(values.Clock),
    interrupted=st.booleans(),
    conditions=st.none() | _conditions,
    builds=st.lists(
        st.builds(
            values.BuildSpeedup, st.integers(0, 999), st.builds(values.Speedup, _numbers, _pairs, _numbers)
        ),
        max_size=3,
    ).map(tuple),
)
_builds = st.builds(
    values.BuildRecord,
    seconds=st.none() | _numbers,
    peak_rss_bytes=st.none() | st.integers(0, 2**40),
    out_bytes=st.none() | st.integers(0, 2**40),
    cached=st.booleans(),
)


_names = st.lists(st.text(), max_size=3).map(tuple)
_impacts = st.builds(Impact, _names, _names, _names, st.integers(0, 10_000))


@st.composite
def _runtimes(draw: st.DrawFn) -> dict[str, values.RuntimeResult]:
    return {
        name: values.RuntimeResult(
            name=name,
            attr=draw(st.text()),
            version=draw(st.text()),
            baseline=draw(_paths),
            optimized=draw(_paths),
            build=draw(st.none() | _builds),
            findings=tuple(draw(st.lists(_findings, max_size=2))),
            benchmarks=tuple(draw(st.lists(_benchmarks, max_size=2))),
            verdict=draw(st.sampled_from(values.RuntimeVerdict)),
            reason=draw(st.text()),
            platform=draw(st.none() | _platforms),
        )
        for name in draw(st.lists(st.text(), max_size=2, unique=True))
    }


@settings(max_examples=50, deadline=None)
@given(
    st.builds(
        values.RunResults,
        _objects,
        _objects,
        _objects,
        _runtimes(),
        st.dictionaries(st.text(), _impacts, max_size=2),
    )
)
def test_results_survive_json(results: values.RunResults) -> None:
    assert from_json(json.loads(json.dumps(to_json(results), allow_nan=False))) == results


def test_the_example_of_the_design_is_read() -> None:
    example = json.loads(EXAMPLE)
    runtime = from_json(example).runtimes["go"]
    assert runtime.verdict is values.RuntimeVerdict.ADOPT
    assert runtime.benchmarks[0].speedup == values.Speedup(1.021, (1.008, 1.034), 0.012)
    assert from_json(example).impact == {}


def test_the_example_is_written_with_every_field_it_has() -> None:
    def covers(written: Any, wanted: Any) -> bool:  # noqa: ANN401  # JSON values of any shape
        match wanted:
            case dict():
                return all(name in written and covers(written[name], wanted[name]) for name in wanted)
            case list():
                return len(written) == len(wanted) and all(map(covers, written, wanted))
            case _:
                return bool(written == wanted)

    example = json.loads(EXAMPLE)
    assert covers(to_json(from_json(example)), example)


def _leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    match value:
        case dict():
            return [leaf for name, inner in value.items() for leaf in _leaves(inner, (*path, name))]
        case list():
            return [leaf for index, inner in enumerate(value) for leaf in _leaves(inner, (*path, index))]
        case _:
            return [path]


@pytest.mark.parametrize("name", ["targets", "changed", "rebuilt", "outputs"])
def test_a_wrong_type_in_an_impact_is_refused_by_name(name: str) -> None:
    broken = to_json(replace(run(), impact=impacts()))
    written: Any = broken["impact"]
    written["go"][name] = "seven"
    with pytest.raises(ReportError, match=f"field `impact.go.{name}`: expected .*, got "):
        from_json(broken)


_SAMPLE: dict[str, Any] = json.loads(json.dumps(to_json(run(lua(), go()))))


@pytest.mark.parametrize("leaf", _leaves(_SAMPLE["runtimes"]), ids=lambda leaf: ".".join(map(str, leaf)))
def test_a_wrong_type_anywhere_is_refused_by_name(leaf: tuple[str | int, ...]) -> None:
    broken = copy.deepcopy(_SAMPLE)
    inner: Any = broken["runtimes"]
    for step in leaf[:-1]:
        inner = inner[step]
    inner[leaf[-1]] = {"not": "this"}
    with pytest.raises(ReportError) as caught:
        from_json(broken)
    message = str(caught.value)
    assert message.startswith(f"the results: field `runtimes.{leaf[0]}.")
    assert '{"not": "this"}' in message
    assert message.endswith("write the results anew with `--rtopt-json`.")
