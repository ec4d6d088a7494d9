"""The checklist of the guides, answered from results."""

from __future__ import annotations

from dataclasses import replace

from pytest_rtopt.report.checklist import checklist
from pytest_rtopt.results.values import Finding, FindingStatus, Rating, RunResults, RuntimeResult, StorePaths
from tests.support.sample_results import run


def results(**findings: tuple[Finding, ...]) -> RunResults:
    """Return a run with these findings by runtime."""
    paths = StorePaths("/a.drv", "/a")
    runtimes = {
        name: RuntimeResult(name, name, "1", paths, paths, findings=found) for name, found in findings.items()
    }
    return replace(run(), runtimes=runtimes)


def said(claim: str, status: FindingStatus = FindingStatus.PROVEN) -> Finding:
    """Return a finding with the rating `intent`."""
    return Finding(claim, status, "…", rating=Rating.INTENT)


def test_every_line_of_the_list_is_a_row() -> None:
    rows = checklist(results(python=(said("python/says-version"),)), remembered=True)
    assert [row.line for row in rows] == [
        "the optimized programs are the ones on PATH",
        "node's process.config shows the flags",
        "go env GOAMD64 is the requested level",
        "rustc --version succeeds",
        "python3 --version is 3.13",
        "benchmarks were run, before and after",
        "the result is recorded",
        "the result is committed",
    ]


def test_an_answer_comes_with_its_worth_and_with_what_counts_instead() -> None:
    found = (said("python/says-version"), Finding("python/pgo-used", FindingStatus.REFUTED, "…"))
    row = checklist(results(python=found), remembered=False)[4]
    assert (row.answer, row.worth, row.evidence) == ("yes", "intent", "python/pgo-used: refuted")


def test_a_wrong_answer_and_a_runtime_that_was_not_judged() -> None:
    rows = checklist(results(rust=(said("rust/says-version", FindingStatus.REFUTED),)), remembered=False)
    assert rows[3].answer == "no"
    assert rows[4].answer == "not judged"
    assert rows[6].answer == "no"


def test_paths_are_answered_for_all_runtimes_at_once() -> None:
    one = said("go/says-path")
    other = said("python/says-path", FindingStatus.NOT_APPLICABLE)
    assert checklist(results(go=(one,)), remembered=True)[0].answer == "yes"
    row = checklist(results(go=(one,), python=(other,)), remembered=True)[0]
    assert (row.answer, row.evidence.partition(";")[0]) == ("partly", "go yes and python not applicable")


def test_a_run_about_none_of_the_lists_runtimes_has_no_list() -> None:
    assert checklist(results(lua=()), remembered=True) == ()
