"""The claim that a profile counted the loop that an interpreter spends its time in.

CPython's loop is reached by computed gotos. GCC 12 loses the counts of such code when it expands to machine
instructions, takes the loop for cold, and makes it small instead of fast: a profile that was used, and not
where it counts. What decides is where the compiler laid the loop's code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt.results import EvidenceKind, FindingStatus
from pytest_rtopt.runtimes.answers import not_applicable, proven, unproven
from pytest_rtopt.runtimes.model import Claim
from pytest_rtopt.runtimes.profile_guided import pgo_used

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_rtopt.evidence.observed import Observed
    from pytest_rtopt.runtimes.model import Answer


def loop_claim(binary: str, loop: str, remedy: str) -> Claim:
    """Return the claim that the function `loop` of `binary` is hot code; `remedy` is told where it is not."""
    return Claim(
        "loop-is-hot",
        "the interpreter's loop is where the profile has hot code",
        (EvidenceKind.FILE,),
        loop_is_hot(binary, loop, remedy),
    )


def loop_is_hot(binary: str, loop: str, remedy: str) -> Callable[[Observed], Answer]:
    """Return the decision whether most of the function `loop` was kept out of the cold part.

    Never refuted: the training may have run the loop, and the compiler lost what was counted.
    """

    def decide(observed: Observed) -> Answer:
        laid_out = pgo_used(binary)(observed)
        if laid_out.status is FindingStatus.NOT_APPLICABLE:
            return not_applicable(laid_out.evidence)
        if laid_out.status is not FindingStatus.PROVEN:
            return unproven("the code is not known to be laid out by a profile")
        optimized = observed.optimized.binaries[binary]
        if loop not in optimized.functions:
            return unproven(f"no symbol names {loop}")
        parts = next((parts for parts in optimized.traces.split if parts.function == loop), None)
        if parts is None:
            return proven(f"no large part of {loop} was laid aside as cold")
        where = f"{parts.hot} bytes of {loop} are hot code, {parts.cold} were laid aside as cold"
        return proven(where) if parts.hot > parts.cold else unproven(f"{where}; {remedy}")

    return decide
