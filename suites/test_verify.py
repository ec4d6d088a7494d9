"""Each claimed optimization is in what was built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.results.values import FindingStatus

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Claim, Runtime
    from pytest_rtopt.evidence.observation import Observation
    from pytest_rtopt.plugin.recorder import RuntimeRecorder

pytestmark = pytest.mark.verify


def test_claim(
    runtime: Runtime, claim: Claim, observation: Observation, rtopt_record: RuntimeRecorder
) -> None:
    """The evidence proves the claim. An unproven or not applicable claim is skipped with the reason."""
    finding = runtime.judge(claim, observation)
    rtopt_record.finding(finding)
    if observation.no_request is not None:
        rtopt_record.no_request(observation.no_request)
    if finding.status is FindingStatus.REFUTED:
        pytest.fail(f"{finding.claim} is refuted: {finding.evidence}", pytrace=False)
    if finding.status is not FindingStatus.PROVEN:
        pytest.skip(f"{finding.status}: {finding.evidence}")
