"""Each claimed optimization is in what was built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.results import FindingStatus

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observed import Observed
    from pytest_rtopt.records import RuntimeRecorder
    from pytest_rtopt.runtimes.model import Claim, Runtime

pytestmark = pytest.mark.verify


def test_claim(runtime: Runtime, claim: Claim, observed: Observed, rtopt_record: RuntimeRecorder) -> None:
    """The evidence proves the claim; what it leaves open is skipped with the reason, never passed."""
    finding = runtime.judge(claim, observed)
    rtopt_record.finding(finding)
    if finding.status is FindingStatus.REFUTED:
        pytest.fail(f"{finding.claim} is refuted: {finding.evidence}", pytrace=False)
    if finding.status is not FindingStatus.PROVEN:
        pytest.skip(f"{finding.status}: {finding.evidence}")
