"""Functions for the four possible answers to a claim."""

from __future__ import annotations

from pytest_rtopt.claims.model import Answer
from pytest_rtopt.results.values import FindingStatus


def proven(evidence: str) -> Answer:
    """Answer that the evidence would be different without the optimization."""
    return Answer(FindingStatus.PROVEN, evidence)


def refuted(evidence: str) -> Answer:
    """Answer that the evidence shows that the optimization did not happen."""
    return Answer(FindingStatus.REFUTED, evidence)


def unproven(evidence: str) -> Answer:
    """Answer that the evidence does not decide; `evidence` says what would prove it."""
    return Answer(FindingStatus.UNPROVEN, evidence)


def not_applicable(evidence: str) -> Answer:
    """Answer that the claim does not apply here; `evidence` says why."""
    return Answer(FindingStatus.NOT_APPLICABLE, evidence)
