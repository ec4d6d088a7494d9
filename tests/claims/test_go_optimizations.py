"""The claims on a profile for Go's compiler, and on link-time optimization, which Go lacks."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.claims.go_optimizations import lto, pgo_used
from pytest_rtopt.evidence.requested import Requested
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

ATTR = "go_1_24"


def buildinfo(pgo: str | None) -> str:
    """Return what `go version -m` prints for a program, built with the profile `pgo`."""
    setting = "" if pgo is None else f"\n\tbuild\t-pgo={pgo}"
    return f"/out/program: go1.24.11\n\tpath\tcmd/compile{setting}\n\tbuild\tGOARCH=amd64"


def reported(
    compiler: str | None, program: str | None = None, *, stock: str | None = None, **settings: object
) -> Observation:
    """Return both sides with the profiles that `go version -m` shows for the compiler and a program."""
    before = side(derivation("stock"), {}, reports={"compiled": buildinfo(stock)})
    after = side(
        derivation("optimized"),
        {},
        reports={"compiled": buildinfo(compiler)},
        program_reports={"hash": buildinfo(program)},
    )
    return observation(profile(None, ATTR, **(settings or {"pgoLevel": "FULL"})), before, after, ATTR)


@pytest.mark.parametrize("level", ["NONE", None])
def test_a_profile_that_nobody_requests_is_not_judged(level: str | None) -> None:
    assert pgo_used(reported("/b/default.pgo", pgoLevel=level)).status is FindingStatus.NOT_APPLICABLE


def test_a_profile_of_the_compiler_or_of_a_program_is_proven_with_its_file() -> None:
    """The directory of the profile is one of the build, so only the name of the file is shown."""
    compiler = pgo_used(reported("/build/a/default.pgo"))
    assert compiler.status is FindingStatus.PROVEN
    assert "shows compile with default.pgo; for stock it shows none" in compiler.evidence
    program = pgo_used(reported(None, "/build/b/hash.pgo"))
    assert program.status is FindingStatus.PROVEN
    assert "shows hash with hash.pgo" in program.evidence


def test_no_profile_is_refuted() -> None:
    answer = pgo_used(reported(None))
    assert answer.status is FindingStatus.REFUTED
    assert "shows no profile" in answer.evidence


def test_a_profile_that_stock_has_as_well_is_no_gain() -> None:
    answer = pgo_used(reported("/build/2/default.pgo", stock="/build/1/default.pgo"))
    assert answer.status is FindingStatus.PROVEN
    assert "stock has the same, so this is no gain of the overlay" in answer.evidence


def test_an_untouched_runtime_is_refuted() -> None:
    both = reported("/b/default.pgo")
    answer = pgo_used(replace(both, optimized=both.stock))
    assert (answer.status, "no overlay changed" in answer.evidence) == (FindingStatus.REFUTED, True)


def test_words_of_a_path_are_no_setting() -> None:
    told = replace(reported(None).optimized, reports={"compiled": "/b/build -pgo=x: go1.24"})
    assert pgo_used(replace(reported(None), optimized=told)).status is FindingStatus.REFUTED


def test_a_long_report_takes_little_time() -> None:
    """Blank lines once took the square of their number."""
    made = reported(None)
    long = replace(made.optimized, program_reports={"hash": "\n" * 200_000})
    started = time.process_time()
    assert pgo_used(replace(made, optimized=long)).status is FindingStatus.REFUTED
    assert time.process_time() - started < 2


def linked(exported: dict[str, str], *, foreign: bool, requested: bool = True) -> Observation:
    """Return an overlay that exports these variables, and perhaps requests link-time optimization."""
    both = observation(
        profile(None, ATTR, enableLTO=requested),
        side(derivation("stock"), {}),
        side(derivation("optimized", exported), {}),
        ATTR,
    )
    return replace(
        both,
        requested=Requested(frozenset(), frozenset(), lto=requested, pgo_level="NONE") if foreign else None,
    )


def test_link_time_optimization_that_nobody_requests_is_not_judged() -> None:
    assert lto(linked({}, foreign=True, requested=False)).status is FindingStatus.NOT_APPLICABLE


def test_a_profile_that_requests_it_is_told_that_go_has_none() -> None:
    answer = lto(linked({}, foreign=False))
    assert answer.status is FindingStatus.NOT_APPLICABLE
    assert "have no link-time optimization" in answer.evidence


def test_an_overlay_that_claims_it_for_go_is_refuted() -> None:
    assert lto(linked({"NIX_CFLAGS_COMPILE": "-flto"}, foreign=True)).status is FindingStatus.REFUTED
    both = linked({"NIX_CFLAGS_COMPILE": "-flto", "CGO_CFLAGS": "-flto"}, foreign=True)
    assert lto(both).status is FindingStatus.REFUTED


def test_flags_for_the_c_code_of_programs_claim_nothing_for_go() -> None:
    answer = lto(linked({"CGO_CFLAGS": "-O2 -flto"}, foreign=True))
    assert answer.status is FindingStatus.NOT_APPLICABLE
    assert "CGO_CFLAGS" in answer.evidence
