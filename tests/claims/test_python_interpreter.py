"""The claims on Python's interpreter: its thread-local data, its linkage, and the layout of its loop."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pytest_rtopt.claims.python_interpreter import LOOP_IS_HOT, STATIC_INTERPRETER, STATIC_TLS
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Claim
    from pytest_rtopt.evidence.observation import Observation

ATTR = "python313"
OUT = "/nix/store/optimized"


def built() -> Observation:
    """Return stock, which calls for its thread state, and an optimized build, which does not."""
    calling = binary(census(), imports=frozenset({"__tls_get_addr"}))
    stock = side(derivation("stock"), {"interpreter": calling})
    optimized = side(derivation("optimized"), {"interpreter": binary(census(100, tag="o"))}, out=OUT)
    return observation(profile("x86-64-v3", ATTR, staticTls=True), stock, optimized, ATTR)


def test_an_interpreter_that_calls_for_its_thread_state_is_refuted() -> None:
    proven = built()
    assert STATIC_TLS.decide(proven).status is FindingStatus.PROVEN
    calling = side(
        proven.optimized.derivation, {"interpreter": binary(census(), imports=frozenset({"__tls_get_addr"}))}
    )
    refuted = STATIC_TLS.decide(observation(proven.profile, proven.stock, calling, ATTR))
    assert refuted.status is FindingStatus.REFUTED


LOOP = frozenset({"_PyEval_EvalFrameDefault"})
SHARED = "lib/libpython3.13.so.1.0"
PROGRAM = "bin/python3.13"


@pytest.mark.parametrize(
    ("stock", "optimized", "has", "status", "words"),
    [
        (SHARED, PROGRAM, {"functions": LOOP}, FindingStatus.PROVEN, "loads no libpython; stock's"),
        (PROGRAM, PROGRAM, {"functions": LOOP}, FindingStatus.PROVEN, "no gain of the overlay"),
        (
            SHARED,
            SHARED,
            {"functions": LOOP},
            FindingStatus.REFUTED,
            "the program loads libpython3.13.so.1.0",
        ),
        pytest.param(
            *(SHARED, PROGRAM, {"functions": LOOP, "needed": frozenset({"libpython3.13d.so.1.0"})}),
            *(FindingStatus.REFUTED, "the program loads libpython3.13d.so.1.0"),
            id="a library of another output or name, which was called proven",
        ),
        pytest.param(
            *(SHARED, PROGRAM, {}, FindingStatus.UNPROVEN, "is stripped or has no _PyEval_EvalFrameDefault"),
            id="a program that has nothing but main, which was called proven",
        ),
    ],
)
def test_a_static_interpreter_is_the_program(
    stock: str, optimized: str, has: dict[str, Any], status: FindingStatus, words: str
) -> None:
    both = built()
    requested = profile("x86-64-v3", ATTR, staticInterpreter=True)
    before, after = (
        side(of.derivation, {"interpreter": replace(of.binaries["interpreter"], path=path, **fields)})
        for of, path, fields in (
            (both.stock, f"/stock/{stock}", {}),
            (both.optimized, f"{OUT}/{optimized}", has),
        )
    )
    answer = STATIC_INTERPRETER.decide(observation(requested, before, after, ATTR))
    assert answer.status is status
    assert words in answer.evidence


@pytest.mark.parametrize("claim", [STATIC_TLS, STATIC_INTERPRETER, LOOP_IS_HOT], ids=lambda claim: claim.name)
def test_what_is_asked_for_of_an_untouched_runtime_is_refuted(claim: Claim) -> None:
    both = built()
    wishes = {"staticTls": True, "staticInterpreter": True, "loopWithoutProfile": True, "pgoLevel": "LIGHT"}
    nothing, all_of_it = (profile("x86-64-v3", ATTR, **requested) for requested in ({}, wishes))
    for requested, status in ((nothing, FindingStatus.NOT_APPLICABLE), (all_of_it, FindingStatus.REFUTED)):
        untouched = observation(requested, both.stock, both.stock, ATTR)
        assert claim.decide(untouched).status is status
