"""The positive proof that a gate has to end with: an answer for each runtime, and each one allowing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.results.phrases import listing
from pytest_rtopt.verdict.gate import BYPASS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_rtopt.results.values import GateAnswer

_BYPASS: Final = f"to pass it all the same, this once: {BYPASS}, which the ledger remembers"


def unproven(required: Iterable[str], answers: Mapping[str, GateAnswer]) -> tuple[str, ...]:
    """Return why the gate stays shut, in sentences with the remedy; none if every required runtime may pass.

    A test that did not run is no answer, whatever kept it from running.
    """
    silent = [name for name in required if name not in answers]
    refused = [name for name, answer in answers.items() if not answer.allowed]
    objections = []
    if silent:
        objections.append(
            f"there is no answer for {listing(silent)}: run the gate whole, without -k, --deselect, skips "
            "and the like"
        )
    if refused:
        objections.append(f"{listing(refused)} may not be installed: the reason and the remedy are above")
    return (f"the gate refuses: {'; '.join(objections)}; {_BYPASS}.",) if objections else ()
