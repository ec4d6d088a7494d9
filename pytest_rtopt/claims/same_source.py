"""The claim that stock and optimized are built from one source; otherwise a comparison means nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.model import SAME_DERIVATION, Claim
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Answer
    from pytest_rtopt.evidence.observation import Observation


def same_source(observation: Observation) -> Answer:
    """Decide whether both sides have the same source; an overlay may add patches to it."""
    if observation.same_derivation:
        return not_applicable(SAME_DERIVATION)
    stock, optimized = (
        side.derivation.attributes.get("src") for side in (observation.stock, observation.optimized)
    )
    if stock is None or optimized is None:
        side = "stock's derivation" if stock is None else "the optimized derivation"
        return unproven(f"{side} has no `src` to compare")
    if stock != optimized and observation.no_request is not None:
        return unproven(
            f"another source: two programs are compared, {optimized} with stock's {stock}; what differs "
            "between them is neither an optimization nor a fault"
        )
    if stock != optimized:
        return refuted(
            f"the overlay builds {optimized} and stock builds {stock}: these are two programs, so their code "
            "and speed say nothing about an optimization; change `src` in a separate overlay"
        )
    return proven(f"both are built from {stock}")


SAME_SOURCE: Final = Claim(
    "same-source",
    "stock and optimized have the same source",
    (EvidenceKind.DERIVATION,),
    same_source,
    unconditional=True,
)
