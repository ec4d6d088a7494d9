"""What runtimes say of themselves: kept apart from evidence."""

from __future__ import annotations

import pytest

from pytest_rtopt.claims.self_report import REPORTS_PATH, self_report
from pytest_rtopt.report.checklist import LINES
from pytest_rtopt.results.values import FindingStatus, Rating
from pytest_rtopt.runtimes import NAMES, runtime
from tests.support.observations import derivation, observation, profile, side

VERSION = self_report("version", "python3 --version", "version", r"^Python 3\.13\.")
STOCK = side(derivation("stock"), {}, out="/nix/store/stock")


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        ({"version": "Python 3.13.5"}, FindingStatus.PROVEN),
        ({"version": "Python 3.14.0"}, FindingStatus.REFUTED),
        ({}, FindingStatus.UNPROVEN),
    ],
)
def test_an_answer_is_compared_with_what_was_promised(reports: dict[str, str], status: FindingStatus) -> None:
    answering = side(derivation("optimized"), {}, reports=reports)
    assert VERSION.decide(observation(profile(None), STOCK, answering)).status is status
    assert VERSION.rating is Rating.INTENT


def test_a_name_is_called_no_evidence() -> None:
    other = side(derivation("optimized"), {}, out="/nix/store/nodejs-skylake-optimized")
    answer = REPORTS_PATH.decide(observation(profile(None), STOCK, other))
    assert answer.status is FindingStatus.PROVEN
    assert "no evidence about the code" in answer.evidence
    assert (
        REPORTS_PATH.decide(observation(profile(None), STOCK, STOCK)).status is FindingStatus.NOT_APPLICABLE
    )


@pytest.mark.parametrize("name", sorted({claim.partition("/")[0] for _, claim, _ in LINES}))
def test_the_guides_commands_are_findings_of_every_runtime(name: str) -> None:
    claims = {claim.name: claim.rating for claim in runtime(name).claims}
    assert claims["says-version"] is claims["says-path"] is Rating.INTENT


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_is_never_rated_as_an_effect(name: str) -> None:
    for claim in runtime(name).claims:
        assert (claim.rating is Rating.INTENT) == claim.name.startswith("says-"), claim.name
