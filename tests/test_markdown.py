"""The Markdown summary."""

from __future__ import annotations

from dataclasses import replace

from sample_results import finding, go, lua, run

from pytest_rtopt.report.markdown import to_markdown
from pytest_rtopt.results import FindingStatus


def test_tables_have_a_row_for_each_runtime_and_workload() -> None:
    lines = to_markdown(run(lua(), go())).splitlines()
    assert "| lua 5.4.7 | 3 | 0 | 0 | 0 | 41.7 s | 912.3 kB | adopt |" in lines
    assert r"| go/compile-std | 0.962 \[0.951, 0.973\] | 1.5 % | 60 | +3..+7 % contradicted | fail |" in lines


def test_open_findings_are_listed() -> None:
    text = to_markdown(run(lua(), go()))
    assert r"- refuted: go/goamd64-default: \`go env GOAMD64\` says v3" in text
    assert "lua/pgo-used" not in text


def test_markup_in_evidence_is_inert() -> None:
    hostile = finding("lua/x", FindingStatus.REFUTED, "a|b <img> *c*\n# d")
    text = to_markdown(run(replace(lua(), findings=(hostile,))))
    assert r"- refuted: lua/x: a\|b \<img\> \*c\* \# d" in text.splitlines()


def test_nothing_measured_leaves_the_table_out() -> None:
    assert "workload" not in to_markdown(run(replace(lua(), benchmarks=(), reason="")))


def test_nothing_judged_is_one_line() -> None:
    assert to_markdown(run()) == "No runtime was judged.\n"
