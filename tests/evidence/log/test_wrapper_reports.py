"""Reports of the compiler wrapper: whole ones are read, and those of parallel jobs are never mixed up."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.log.build_log import parse_log
from pytest_rtopt.evidence.log.wrapper_reports import Report, ReportReader

GCC = "/usr/bin/gcc"
LOGS = Path(__file__).parent.parent.parent / "data" / "logs"
ADDED = (("-Wformat",), ("-B/x", "-march=skylake", "-O3"))


def printed(report: Report) -> list[str]:
    """Return the lines that the wrapper prints of a call."""
    parts = {
        "extra flags before": report.before,
        "original flags": report.original,
        "extra flags after": report.after,
    }
    return [
        line
        for part, flags in parts.items()
        for line in (f"{part} to {report.program}:", *(f"  {flag}" for flag in flags))
    ]


def compilation(name: str, *flags: str, added: tuple[tuple[str, ...], tuple[str, ...]] = ADDED) -> Report:
    """Return the report on the compilation of one file."""
    return Report(GCC, added[0], (*flags, "-c", f"{name}.c"), added[1])


def link(name: str) -> Report:
    """Return the report on linking a program, to which the wrapper adds more."""
    return Report(GCC, ADDED[0], (f"{name}.o", "-lm"), (*ADDED[1], "-Wl,-rpath", "-Wl,/x"))


def read(lines: list[str]) -> tuple[tuple[Report, ...], int]:
    """Read the lines of a log."""
    reader = ReportReader()
    for line in lines:
        reader.read(line)
    return reader.reports()


def interleaved(data: st.DataObject, *logs: list[str]) -> list[str]:
    """Return the lines of several logs in some order that keeps that of each log."""
    remaining = [list(reversed(log)) for log in logs]
    mixed: list[str] = []
    while any(remaining):
        chosen = data.draw(st.sampled_from([log for log in remaining if log]))
        # Writers mostly get to write several lines at once.
        count = min(len(chosen), data.draw(st.sampled_from([1, 2, 3, 5, 100])))
        mixed.extend(chosen.pop() for _ in range(count))
    return mixed


FLAG_LISTS = st.lists(st.sampled_from(["-O2", "-g", "-fPIC", "-Wall", "-DX=1", "-B/x", "-O3"]), max_size=4)
ADDITIONS = st.tuples(FLAG_LISTS.map(tuple), FLAG_LISTS.map(tuple))


@given(st.data(), ADDITIONS, FLAG_LISTS, FLAG_LISTS, st.booleans())
def test_two_reports_are_told_apart_or_recognized_as_mixed(
    data: st.DataObject,
    added: tuple[tuple[str, ...], tuple[str, ...]],
    first: list[str],
    second: list[str],
    echoing: bool,  # noqa: FBT001  # drawn
) -> None:
    """Bug: lines of one report in the blocks of another were read as a whole call without `-march`."""
    reports = [compilation("a", *first, added=added), compilation("b", *second, added=added)]
    echoed = ["gcc -c x.c", "x.c: In function 'main':"] if echoing else []
    lines = interleaved(data, *(printed(report) for report in reports), echoed)
    found, mixed = read(lines)
    assert len(found) + mixed == len(reports)
    assert not Counter(found) - Counter(reports)


@given(st.data(), st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=5, unique=True))
def test_no_report_of_many_jobs_is_wrong_about_what_the_wrapper_added(
    data: st.DataObject, names: list[str]
) -> None:
    reports = [compilation(name) for name in names]
    found, mixed = read(interleaved(data, *(printed(report) for report in reports)))
    assert len(found) + mixed == len(reports)
    assert mixed == 0 or len(found) < len(reports)
    if mixed == 0:
        assert Counter(found) == Counter(reports)


@given(st.data(), st.sampled_from(["last", "first"]))
def test_a_compilation_beside_a_link_is_told_by_the_other_compilations(
    data: st.DataObject, place: str
) -> None:
    """The wrapper adds other flags to a link. What a compilation gets, the others of the log show."""
    others = [line for name in "cdefg" for line in printed(compilation(name))]
    reports = [compilation("a"), link("b")] if place == "last" else [link("b"), compilation("a")]
    mixed_lines = interleaved(data, *(printed(report) for report in reports))
    found, mixed = read([*others, *mixed_lines])
    assert len(found) + mixed == 7
    compilations = [report for report in found if "-c" in report.original]
    assert all(report.added == ADDED for report in compilations if report.original[-1] == "a.c")


@given(st.lists(st.sampled_from([compilation("a"), compilation("b", "-O2"), link("a"), link("b")])))
def test_reports_one_after_the_other_are_all_whole(reports: list[Report]) -> None:
    lines = [
        line
        for report in reports
        for line in (f"gcc {' '.join(report.original)}", *printed(report), "x.c:1:2:", "   | ^~")
    ]
    assert read(lines) == (tuple(reports), 0)


def test_the_log_of_two_jobs_that_was_read_as_one_call_without_march() -> None:
    """Bug: `quickjs.check.o` was a complete call without -march, and 24 of 25 became a refutation."""
    log = parse_log((LOGS / "quickjs-parallel-nix-debug.log").read_text())
    assert log.mixed == 2
    assert not [call for call in log.calls if call.complete]


def test_a_report_of_a_killed_job_costs_no_other_report() -> None:
    whole = [compilation(name) for name in "abc"]
    killed = printed(compilation("killed"))[:4]
    lines = [*killed, *(line for report in whole for line in printed(report))]
    assert read(lines) == (tuple(whole), 1)
    assert read([*lines, *killed]) == (tuple(whole), 2)


def test_flags_behind_another_jobs_line_make_a_report_doubtful() -> None:
    lines = printed(compilation("a"))
    assert read([*lines[:-1], "CC b.o", lines[-1]]) == ((), 1)
    # A compiler points at a place with a line of its own.
    assert read([*lines, "a.c:1: warning", "    x + y", "  ^"]) == ((compilation("a"),), 0)


def test_a_hook_that_changes_all_flags_mixes_nothing() -> None:
    first = compilation("a", added=((), ("-O2", "-fprofile-generate=/x")))
    second = compilation("a", added=((), ("-O2", "-fprofile-use=/x")))
    assert read([*printed(first), *printed(second)]) == ((first, second), 0)


def test_a_log_of_nothing_but_beginnings_takes_time_in_proportion() -> None:
    """Bug: each beginning was followed for hundreds of reports, and a damaged log took half a minute."""
    lines = [f"extra flags before to {GCC}:"] * 100_000
    started = time.process_time()
    assert read(lines) == ((), 100_000)
    # Measured 0.2 s, and machines differ.
    assert time.process_time() - started < 3
