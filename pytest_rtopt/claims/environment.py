"""The claim that an overlay keeps the environment that the package sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted
from pytest_rtopt.claims.model import SAME_DERIVATION, Answer, Claim
from pytest_rtopt.evidence.derivation.exported import lost_variables
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation


def env_kept(observation: Observation) -> Answer:
    """Decide whether every variable that stock exports is still exported."""
    if observation.same_derivation:
        return not_applicable(SAME_DERIVATION)
    lost = lost_variables(observation.stock.derivation, observation.optimized.derivation)
    if lost:
        return refuted(
            f"the overlay replaced the package's env and lost {', '.join(lost)}, which stock exports; "
            "write `env = (old.env or { }) // { … }`"
        )
    return proven(
        f"all {len(observation.stock.derivation.exported)} variables that stock exports are still exported"
    )


ENV_KEPT: Final = Claim(
    "env-kept",
    "the overlay merges into the package's env instead of replacing it",
    (EvidenceKind.DERIVATION,),
    env_kept,
)
