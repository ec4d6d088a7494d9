"""The claim that a profile did not make an interpreter's main loop cold code.

GCC places code that the training did not reach in a cold part of its function. GCC 12 loses the counts of
what computed gotos reach in CPython, and then takes the whole loop for such code: 99.6 % of it. A loop that
kept its profile has a cold part as well, since no training uses every instruction of an interpreter. In Lua
and QuickJS that was 59 to 84 % of the loop, and hardly any of it ran (docs/evidence.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.isa import where_requested
from pytest_rtopt.claims.model import Claim
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_rtopt.claims.model import Answer
    from pytest_rtopt.evidence.observation import Observation

_KEPT: Final = 0.9
_LOST: Final = 0.95


def loop_claim(binary: str, loop: str, source: str) -> Claim:
    """Return the claim on the function `loop` of `binary`, which is compiled from the file `source`."""
    return Claim(
        "loop-is-hot",
        "the interpreter's loop is not compiled as cold code",
        (EvidenceKind.FILE,),
        loop_is_hot(binary, loop, source),
    )


def loop_is_hot(binary: str, loop: str, source: str) -> Callable[[Observation], Answer]:
    """Return the decision whether the function `loop` kept its profile."""

    def decide(observation: Observation) -> Answer:
        optimized = observation.optimized.binaries[binary]
        if "clang" in optimized.traces.compilers:
            return not_applicable("LLVM compiled it, which splits no cold part off a function")
        if not optimized.has_symbols:
            return unproven(
                f"the program is stripped, so the cold part of {loop} is unknown; build with "
                "`dontStrip = true` and link without -s"
            )
        # Link-time optimization renames static functions to such as `JS_CallInternal.lto_priv.0`.
        if loop not in {name.partition(".")[0] for name in optimized.functions}:
            return unproven(f"the program has no function {loop}, so where its code lies is unknown")
        share = optimized.cold_shares.get(loop, 0.0)
        # One decimal: 99.96 % would read as all of it.
        cold = f"{share:.1%} of {loop} is cold code"
        if share > _LOST:
            return refuted(f"{cold}, so it lost its profile; compile {source} without -fprofile-use")
        if share > _KEPT:
            return unproven(f"{cold}, as little training or a lost profile makes it; train on more of it")
        return proven(f"{cold}" if share else f"less than half of {loop} is cold code")

    return where_requested("profile-guided optimization", lambda settings: settings.pgo_requested, decide)
