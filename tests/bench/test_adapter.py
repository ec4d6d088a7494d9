"""The contract with pytest-benchmark, of whose private parts the adapter makes use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pytest_rtopt.bench import adapter

if TYPE_CHECKING:
    from pathlib import Path


SUITE = """
import pytest
from pathlib import Path
from pytest_rtopt.bench.adapter import PairedBenchmark
from pytest_rtopt.bench.sampler import Comparison, SamplingPlan
from pytest_rtopt.bench.workload import Places, Workload

WORKLOADS = [
    Workload("sh/echo", ("/bin/sh", "-c", "echo 42; echo >> {out}/starts"), expected=(0.03, 0.07)),
    Workload("sh/true", ("/bin/sh", "-c", "true; echo >> {out}/starts")),
]


@pytest.fixture
def paired(request, benchmark):
    return PairedBenchmark(request, benchmark)


@pytest.mark.benchmark
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_speed(paired, workload, tmp_path, record_property):
    stock, optimized = (Places(Path.cwd(), tmp_path, tmp_path / side) for side in "ab")
    measurement = paired(Comparison(workload, stock, optimized), SamplingPlan(0, min_pairs=5))
    assert measurement is None or measurement.result.pairs == 5
    assert workload.name != FAILING
"""

CONFTEST = """
import pytest
from pytest_rtopt.bench import adapter


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(machine_info):
    adapter.remove_momentary_values(machine_info)
"""

ROWS = [
    "test_speed[sh/echo-baseline]",
    "test_speed[sh/echo-optimized]",
    "test_speed[sh/true-baseline]",
    "test_speed[sh/true-optimized]",
]


def write_suite(pytester: pytest.Pytester, *, failing: str = "") -> None:
    pytester.makepyfile(test_suite=f"FAILING = {failing!r}\n{SUITE}")
    pytester.makeconftest(CONFTEST)


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error", *options)


def stored(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def test_both_sides_are_in_table_json_and_store_and_are_compared(pytester: pytest.Pytester) -> None:
    write_suite(pytester)
    saved = run(pytester, "--benchmark-save=a", "--benchmark-json=out.json")
    saved.assert_outcomes(passed=2)
    saved.stdout.fnmatch_lines(["*benchmark 'sh/echo': 2 tests*", "*benchmark 'sh/true': 2 tests*"])
    for row in ROWS:
        saved.stdout.fnmatch_lines([f"{row.replace('[', '[[]')} *"])
    benchmarks = stored(pytester.path / "out.json")["benchmarks"]
    assert [entry["name"] for entry in benchmarks] == ROWS
    assert [entry["group"] for entry in benchmarks] == ["sh/echo", "sh/echo", "sh/true", "sh/true"]
    assert [entry["fullname"] for entry in benchmarks] == [f"test_suite.py::{row}" for row in ROWS]
    assert benchmarks[0]["params"] == {"workload": "sh/echo", "side": "baseline"}
    assert [len(entry["stats"]["data"]) for entry in benchmarks] == [5] * 4

    compared = run(pytester, "--benchmark-compare")
    compared.assert_outcomes(passed=2)
    compared.stdout.fnmatch_lines(["*benchmark 'sh/echo': 4 tests*"])
    for row in ROWS:
        compared.stdout.fnmatch_lines([f"{row.replace('[', '[[]')} (0001_a) *"])
        compared.stdout.fnmatch_lines([f"{row.replace('[', '[[]')} (NOW) *"])


def test_extra_info_is_plain_json_with_speedup_and_interval(pytester: pytest.Pytester) -> None:
    write_suite(pytester)
    run(pytester, "--benchmark-json=out.json").assert_outcomes(passed=2)
    text = (pytester.path / "out.json").read_text()
    assert "UNSERIALIZABLE" not in text
    baseline, optimized, unpromised, _ = (entry["extra_info"] for entry in json.loads(text)["benchmarks"])
    assert (baseline.pop("side"), optimized.pop("side")) == ("baseline", "optimized")
    assert baseline == optimized
    assert baseline["ci95"][0] <= baseline["speedup"] <= baseline["ci95"][1]
    assert baseline["verdict"] in {"pass", "fail", "inconclusive"}
    assert (baseline["expected"], unpromised["expected"]) == ([0.03, 0.07], None)
    assert set(baseline["first"]) <= {"stock", "optimized"}
    assert baseline["machine"]["before"]["kernel"] == baseline["machine"]["after"]["kernel"]


def test_rows_of_a_failing_test_are_shown_and_not_saved(pytester: pytest.Pytester) -> None:
    write_suite(pytester, failing="sh/echo")
    result = run(pytester, "--benchmark-save=a", "--benchmark-json=out.json")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"{ROWS[0].replace('[', '[[]')} *"])
    (saved,) = (pytester.path / ".benchmarks").rglob("0001_a.json")
    for path in (saved, pytester.path / "out.json"):
        assert [entry["name"] for entry in stored(path)["benchmarks"]] == ROWS[2:]


@pytest.mark.parametrize("option", ["--benchmark-disable", "--benchmark-skip"])
def test_disabled_starts_each_side_once_and_skipped_none(pytester: pytest.Pytester, option: str) -> None:
    write_suite(pytester)
    result = run(pytester, option)
    assert "baseline" not in result.stdout.str()
    if option == "--benchmark-disable":
        result.assert_outcomes(passed=2)
        assert len((pytester.path / "starts").read_text().splitlines()) == 6
    else:
        result.assert_outcomes(skipped=2)
        assert not (pytester.path / "starts").exists()


def test_a_workload_that_fails_has_no_rows(pytester: pytest.Pytester) -> None:
    write_suite(pytester)
    suite = pytester.path / "test_suite.py"
    suite.write_text(suite.read_text().replace("echo 42;", "exit 3;"))
    result = run(pytester, "--benchmark-json=out.json")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["sh/echo on the stock side ended with status 3*"])
    assert [entry["name"] for entry in stored(pytester.path / "out.json")["benchmarks"]] == ROWS[2:]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo $HOME", "answered"),
        ("kill -SEGV $$", "ended with signal SIGSEGV"),
        ("sleep 4712", "still running after 0.5 s"),
        ("exec cat /dev/zero", "wrote a file of more than 1024 MiB"),
        ("setsid sleep 4712 & echo 42", "left processes running (sleep)"),
    ],
    ids=["wrong answer", "crash", "hang", "disk", "children"],
)
def test_a_workload_that_fails_says_why_and_the_others_go_on(
    pytester: pytest.Pytester, script: str, reason: str
) -> None:
    write_suite(pytester)
    suite = pytester.path / "test_suite.py"
    timeout = 0.5 if script == "sleep 4712" else 60
    failing = f'("/bin/sh", "-c", {script!r}), timeout={timeout}, expected='
    suite.write_text(
        suite.read_text().replace(
            '("/bin/sh", "-c", "echo 42; echo >> {out}/starts"), expected=', failing.replace("{", "{{")
        )
    )
    result = run(pytester, "--benchmark-json=out.json")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"sh/echo on the *{reason.replace('[', '[[]')}*"])
    assert [entry["name"] for entry in stored(pytester.path / "out.json")["benchmarks"]] == ROWS[2:]


def test_what_differs_between_two_runs_is_no_part_of_the_machine() -> None:
    cpu = {"brand_raw": "i7-6700K", "hz_actual": [4001000000, 0], "hz_actual_friendly": "4.0010 GHz"}
    info: dict[str, object] = {"node": "shoshin", "cpu": cpu}
    adapter.remove_momentary_values(info)
    assert info == {"node": "shoshin", "cpu": {"brand_raw": "i7-6700K"}}
    adapter.remove_momentary_values({"node": "shoshin"})
