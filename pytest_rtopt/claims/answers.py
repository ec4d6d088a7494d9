"""The four answers to a claim."""

from __future__ import annotations

from pytest_rtopt.claims.model import Answer
from pytest_rtopt.results.values import FindingStatus


def proven(evidence: str) -> Answer:
    """Evidence that would have been different had the optimization not happened."""
    return Answer(FindingStatus.PROVEN, evidence)


def refuted(evidence: str) -> Answer:
    """Evidence that it did not happen."""
    return Answer(FindingStatus.REFUTED, evidence)


def unproven(evidence: str) -> Answer:
    """No evidence either way; says what would prove it."""
    return Answer(FindingStatus.UNPROVEN, evidence)


def not_applicable(evidence: str) -> Answer:
    """Nobody claims it here; says why."""
    return Answer(FindingStatus.NOT_APPLICABLE, evidence)
