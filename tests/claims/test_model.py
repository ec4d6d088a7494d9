"""How a claim becomes a finding: where it does not apply, and where no report could be read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.claims.model import PREBUILT, Answer, Claim, Runtime
from pytest_rtopt.evidence.observation import NotRun, Observation
from pytest_rtopt.results.values import EvidenceKind, Finding, FindingStatus, Rating
from tests.support.observations import derivation, observation, profile, side

SEEN = observation(profile("skylake"), side(derivation("stock"), {}), side(derivation("optimized"), {}))
RUNTIME = Runtime(REGISTRY["lua"], binaries={}, claims=(), workloads=())
NOTHING_REQUESTED = "the overlay asks for no optimization"


def proven(_: Observation) -> Answer:
    return Answer(FindingStatus.PROVEN, "it is so")


def read_a_report(observation: Observation) -> Answer:
    return Answer(FindingStatus.PROVEN, observation.optimized.reports["version"])


CLAIM = Claim("fast", "it is fast", (EvidenceKind.CENSUS,), proven)


def test_a_finding_has_the_claims_full_name_its_kinds_and_its_rating() -> None:
    intent = replace(CLAIM, rating=Rating.INTENT)
    assert RUNTIME.judge(intent, SEEN) == Finding(
        "lua/fast", FindingStatus.PROVEN, "it is so", (EvidenceKind.CENSUS,), Rating.INTENT
    )


def test_a_claim_on_own_code_does_not_apply_to_what_is_prebuilt() -> None:
    prebuilt = replace(SEEN, prebuilt=True)
    finding = RUNTIME.judge(replace(CLAIM, own_code=True), prebuilt)
    assert (finding.status, finding.evidence) == (FindingStatus.NOT_APPLICABLE, PREBUILT)
    assert RUNTIME.judge(CLAIM, prebuilt).status is FindingStatus.PROVEN


def test_an_overlay_without_a_request_is_held_to_unconditional_claims_only() -> None:
    silent = replace(SEEN, no_request=NOTHING_REQUESTED)
    finding = RUNTIME.judge(CLAIM, silent)
    assert (finding.status, finding.evidence) == (FindingStatus.NOT_APPLICABLE, NOTHING_REQUESTED)
    assert RUNTIME.judge(replace(CLAIM, unconditional=True), silent).status is FindingStatus.PROVEN


def test_a_report_that_could_not_be_run_leaves_the_claim_unproven() -> None:
    mute = replace(SEEN, optimized=replace(SEEN.optimized, reports=NotRun("lua needs avx512f")))
    finding = RUNTIME.judge(replace(CLAIM, decide=read_a_report), mute)
    assert (finding.status, finding.evidence) == (FindingStatus.UNPROVEN, "lua needs avx512f")


def test_a_report_that_the_runtime_does_not_have_is_a_mistake_of_the_claim() -> None:
    with pytest.raises(KeyError, match="version"):
        RUNTIME.judge(replace(CLAIM, decide=read_a_report), SEEN)
