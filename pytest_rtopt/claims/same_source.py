"""The claim that stock and optimized are one program: what two programs differ in is no optimization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.model import Claim
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Answer
    from pytest_rtopt.evidence.observation import Observation


def same_source(observation: Observation) -> Answer:
    """Decide whether both sides are made from one source; patches on top of it are the overlay's business."""
    if observation.same_derivation:
        return not_applicable("the derivation is stock's own")
    stock, optimized = (
        side.derivation.attributes.get("src") for side in (observation.stock, observation.optimized)
    )
    if stock is None or optimized is None:
        side = "stock's derivation" if stock is None else "the optimized derivation"
        return unproven(f"{side} has no `src` that could be compared")
    if stock != optimized and observation.no_request is not None:
        return unproven(
            f"another source: two programs are compared, {optimized} with stock's {stock}; what differs "
            "between them is neither an optimization nor a fault"
        )
    if stock != optimized:
        return refuted(
            f"the overlay is made from {optimized} and stock from {stock}: what differs between them is two "
            "programs, and neither their code nor their speed says anything of an optimization; leave `src` "
            "to an overlay of its own"
        )
    return proven(f"both are made from {stock}")


SAME_SOURCE: Final = Claim(
    "same-source",
    "stock and optimized are one program",
    (EvidenceKind.DERIVATION,),
    same_source,
    unconditional=True,
)
