"""The terminal tables at various widths, with and without colour."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_rtopt.report.terminal import impact_table, render, verdict_table
from pytest_rtopt.results.values import BuildSpeedup, FindingStatus, Rating
from tests.support.sample_results import failed_benchmark, finding, go, impacts, lua, run


def row(text: str, start: str) -> list[str]:
    """Return the words of the line that begins with `start`."""
    return next(line for line in text.splitlines() if line.startswith(start)).split()


def test_a_runtime_is_one_line_of_80_columns() -> None:
    text = render(verdict_table(run(lua(), go())), 80)
    assert max(map(len, text.splitlines())) <= 80
    assert " ".join(row(text, "lua 5.4.7")) == "lua 5.4.7 3 proven 41.7 s 912.3 kB adopt"
    assert " ".join(row(text, "go 1.24.11")).startswith("go 1.24.11 1 refuted, 1 unproven, 1 not")


def test_a_runtime_with_every_status_fits_into_80_columns() -> None:
    statuses = [replace(finding(status=status), claim=f"go/{status}") for status in FindingStatus] * 12
    reported = [replace(statuses[0], rating=Rating.INTENT)] * 12
    runtime = replace(lua(), name="quickjs", version="2025-04-26", findings=(*statuses, *reported))
    text = render(verdict_table(run(replace(runtime, benchmarks=()))), 80)
    assert max(map(len, text.splitlines())) <= 80
    assert "quickjs 2025-04-26  12 proven, 12 refuted," in text
    words = text.split()
    assert words.count("12") == len(FindingStatus) + 1
    assert {"proven,", "refuted,", "unproven,", "applicable,", "self-reported"} <= set(words)


def test_a_workload_is_one_line_with_interval_and_detectable_effect() -> None:
    text = render(verdict_table(run(lua(), go())), 80)
    assert row(text, "lua/binary-trees")[:6] == ["lua/binary-trees", "1.213", "[1.198,", "1.229]", "1.2", "%"]
    assert "go/compile-std       0.962 [0.951, 0.973]  1.5 %" in text


def test_reasons_and_open_findings_are_spelled_out() -> None:
    words = " ".join(render(verdict_table(run(lua(), go())), 80).split())
    assert f"reject go: {go().reason}" in words
    assert f"refuted go/goamd64-default: {go().findings[0].evidence}" in words
    assert f"unproven go/programs-inherit: {go().findings[1].evidence}" in words
    assert "go/pgo-used" not in words


def test_a_failed_workload_says_why() -> None:
    words = " ".join(render(verdict_table(run(replace(lua(), benchmarks=(failed_benchmark(),)))), 80).split())
    assert "lua/strings not measured - - fail" in words
    assert f"fail lua/strings: {failed_benchmark().reason}" in words


def test_unknown_build_facts_are_dashes() -> None:
    text = render(verdict_table(run(replace(lua(), build=None), go())), 80)
    assert row(text, "lua 5.4.7")[-3:] == ["-", "-", "adopt"]


def test_without_any_build_there_are_no_columns_for_it() -> None:
    text = render(verdict_table(run(replace(lua(), build=None))), 80)
    headings = " ".join(text.splitlines()[:1]).split()
    assert headings == ["runtime", "claims", "verdict"]


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_width_is_exceeded(width: int) -> None:
    table = verdict_table(run(lua(), go()))
    assert max(map(len, render(table, width).splitlines())) <= width


def test_colour_adds_nothing_but_colour() -> None:
    table = verdict_table(run(lua(), go()))
    coloured = render(table, 80, colour=True)
    assert "\x1b[1;31mreject" in coloured
    assert "\x1b" not in render(table, 80)


def test_an_impact_is_one_line_with_the_first_of_what_is_rebuilt() -> None:
    text = render(impact_table(impacts()), 80)
    assert row(text, "lua") == ["lua", "0", "of", "2", "0", "-"]
    assert "go 1 of 2 5 go-1.24.11, hugo-go-modules, hugo-0.150.0 and 2 more" in " ".join(text.split())
    assert max(map(len, render(impact_table(impacts()), 40).splitlines())) <= 40


def test_nothing_judged_is_one_line() -> None:
    assert render(verdict_table(run()), 80) == "no runtime was judged"


def test_markup_and_control_characters_in_evidence_are_inert() -> None:
    hostile = finding("lua/x", FindingStatus.REFUTED, "[bold]log[/bold]\x1b[2J :smile:\nsecond line")
    text = render(verdict_table(run(replace(lua(), findings=(hostile,)))), 80)
    assert "refuted  lua/x: [bold]log[/bold] [2J :smile: second line" in text


def test_a_workload_of_several_builds_says_so() -> None:
    (measured, *_) = lua().benchmarks
    builds = tuple(BuildSpeedup(20, measured.speedup) for _ in range(2))
    text = render(verdict_table(run(replace(lua(), benchmarks=(replace(measured, builds=builds),)))), 80)
    assert row(text, "lua/binary-trees,")[:4] == ["lua/binary-trees,", "2", "builds", "1.213"]
