"""Whether an interpreter's loop kept its profile, by the share of it that is cold code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_rtopt.claims.interpreter_loop import loop_claim
from pytest_rtopt.claims.python_interpreter import LOOP_IS_HOT
from pytest_rtopt.evidence.elf.compiler_traces import Traces
from pytest_rtopt.results.values import FindingStatus
from pytest_rtopt.runtimes import runtime
from tests.support.observations import binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

LOOP = "luaV_execute"
CLAIM = loop_claim("lua", LOOP, "lvm.c")


def trained(level: str = "FULL", **fields: Any) -> Observation:  # noqa: ANN401  # the fields of Binary
    """Return an observation of a Lua for which a profile was requested."""
    program = replace(binary(census(40, tag="o")), functions=frozenset((LOOP, "main")))
    built = side(derivation("optimized"), {"lua": replace(program, **fields)})
    stock = side(derivation("stock"), {"lua": binary(census())})
    return observation(profile("x86-64-v3", pgoLevel=level), stock, built)


@pytest.mark.parametrize(
    ("has", "status", "words"),
    [
        ({}, FindingStatus.PROVEN, "less than half of luaV_execute is cold code"),
        ({"cold_shares": {LOOP: 0.59}}, FindingStatus.PROVEN, "59.0% of luaV_execute is cold code"),
        ({"cold_shares": {LOOP: 0.81}}, FindingStatus.PROVEN, "81.0%"),
        ({"cold_shares": {LOOP: 0.93}}, FindingStatus.UNPROVEN, "train on more of it"),
        ({"cold_shares": {LOOP: 0.996}}, FindingStatus.REFUTED, "compile lvm.c without -fprofile-use"),
        ({"functions": frozenset(("luaV_execute.lto_priv.0",))}, FindingStatus.PROVEN, "less than half"),
        ({"functions": frozenset(("main",))}, FindingStatus.UNPROVEN, "no function luaV_execute"),
        ({"has_symbols": False}, FindingStatus.UNPROVEN, "`dontStrip = true`"),
        ({"traces": Traces(compilers=frozenset(("clang",)))}, FindingStatus.NOT_APPLICABLE, "LLVM"),
    ],
)
def test_a_loop_that_lost_its_profile_is_all_cold(
    has: dict[str, Any], status: FindingStatus, words: str
) -> None:
    """A healthy loop may be cold for the most part: no training uses all instructions of an interpreter."""
    answer = CLAIM.decide(trained(**has))
    assert answer.status is status
    assert words in answer.evidence


def test_without_training_no_loop_can_lose_its_profile() -> None:
    """The loop of an interpreter that nobody trained was called proven, which it is in stock, too."""
    assert CLAIM.decide(trained("NONE", cold_shares={LOOP: 0.99})).status is FindingStatus.NOT_APPLICABLE
    untouched = trained()
    untouched = replace(untouched, optimized=untouched.stock)
    assert CLAIM.decide(untouched).status is FindingStatus.REFUTED


def test_every_trained_interpreter_is_asked_for_its_loop() -> None:
    """It was asked of Python alone, and only where the workaround for GCC 12 was set."""
    for name in ("lua", "python"):
        claims = {claim.name for claim in runtime(name).claims}
        assert {"pgo-used", "loop-is-hot"} <= claims
    built = trained()
    of = replace(
        built.optimized.binaries["lua"],
        functions=frozenset(("_PyEval_EvalFrameDefault",)),
        cold_shares={"_PyEval_EvalFrameDefault": 0.996},
    )
    requested = profile("x86-64-v3", "python313", pgoLevel="LIGHT")
    python = replace(
        built, attr="python313", profile=requested, optimized=side(derivation("p"), {"interpreter": of})
    )
    assert LOOP_IS_HOT.decide(python).status is FindingStatus.REFUTED
