"""Rivals in the reports: a row for each workload and one for all, and a reason where there is no time."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pytest_rtopt.report.html import to_html
from pytest_rtopt.report.markdown import markdown
from pytest_rtopt.report.rivals import HEADINGS, rival_rows
from pytest_rtopt.report.terminal import render, verdict_table
from pytest_rtopt.results.schema import to_json
from pytest_rtopt.results.values import RivalSpeedup, RunResults, RuntimeResult
from tests.support.sample_results import around, benchmark, from_json, lua, run

DEBIAN = "/usr/bin/lua5.4"


def with_rivals(*leads: float | None) -> RuntimeResult:
    """Return Lua with a workload for each lead of optimized over the rival; `None` has a reason instead."""
    benchmarks = [
        replace(
            benchmark(f"lua/{number}", around(1.2)),
            rivals=(
                RivalSpeedup(DEBIAN, withdrawn="it answered 43")
                if lead is None
                else RivalSpeedup(DEBIAN, 24, around(1.2 / lead), around(lead)),
            ),
        )
        for number, lead in enumerate(leads)
    ]
    return replace(lua(), benchmarks=tuple(benchmarks))


def results(*leads: float | None) -> RunResults:
    return run(with_rivals(*leads))


def test_each_workload_has_a_row_and_all_of_them_have_a_mean() -> None:
    first, second, mean = rival_rows([with_rivals(1.5, 0.9)])
    assert (first.workload, first.lead, first.answer) == ("lua/0", "1.500 [1.490, 1.510]", "faster")
    assert (second.over_stock, second.answer) == ("1.333 [1.323, 1.343]", "slower")
    assert (mean.workload, mean.answer) == ("lua, geometric mean of 2", "faster")
    assert mean.lead.startswith("1.162 [")


def test_equal_builds_are_no_proven_difference() -> None:
    (row,) = rival_rows([with_rivals(1.0)])
    assert row.answer == "no difference proven"


def test_a_rival_that_took_no_part_has_a_reason_and_no_mean() -> None:
    first, second = rival_rows([with_rivals(None, 1.5)])
    assert first.cells == (DEBIAN, "lua/0", "-", "-", "it answered 43")
    assert second.answer == "faster"


def test_rivals_survive_the_results_file() -> None:
    written = results(1.5, None)
    assert (
        from_json(json.loads(json.dumps(to_json(written)))).runtimes["lua"].benchmarks
        == written.runtimes["lua"].benchmarks
    )


@pytest.mark.parametrize("leads", [(1.5, None), ()])
def test_every_report_has_the_rows_where_there_are_rivals(leads: tuple[float | None, ...]) -> None:
    judged = results(*leads)
    terminal = render(verdict_table(judged), 200)
    for report in (terminal, markdown(judged), to_html(judged)):
        assert ("it answered 43" in report) is bool(leads)
        assert (DEBIAN in report) is bool(leads)
    assert all((heading in terminal) is bool(leads) for heading in HEADINGS[2:])
