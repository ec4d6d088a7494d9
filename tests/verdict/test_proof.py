"""The proof of an answer: each required runtime has one, and the line for hooks cannot be misread."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.results.values import GateAnswer, GateState
from pytest_rtopt.verdict.proof import Judged, bypass_line, is_nonce, proof_line, unproven

NONCE = "0e1f9b9e-2f0d-4b43-9dd7-d92a1c8e7a10"


def answer(name: str, *, allowed: bool) -> GateAnswer:
    return GateAnswer(name, GateState.ADOPTED, allowed, f"{name}.")


def test_the_lines_are_those_of_the_documentation() -> None:
    judged = Judged("ab" * 32, {"lua": "/nix/store/l", "go": "/nix/store/g"})
    assert (
        proof_line(NONCE, judged)
        == f"rtopt-gate/1 allowed {NONCE} ledger=sha256:{'ab' * 32} go=/nix/store/g lua=/nix/store/l"
    )
    assert bypass_line(NONCE) == f"rtopt-gate/1 bypassed {NONCE}"


@given(st.text(max_size=140))
def test_a_nonce_is_one_word_of_a_line(text: str) -> None:
    if is_nonce(text):
        assert 16 <= len(text) <= 128
        assert text.split() == [text]
        assert text.isascii()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, "there is no answer for go and lua"),
        ({"go": True}, "there is no answer for lua"),
        ({"go": True, "lua": False}, "lua may not be installed"),
    ],
)
def test_each_required_runtime_needs_an_answer_that_allows_it(answers: dict[str, bool], words: str) -> None:
    (objection,) = unproven(
        ("go", "lua"), {name: answer(name, allowed=allowed) for name, allowed in answers.items()}
    )
    assert words in objection
    assert "RTOPT_GATE=skip" in objection


def test_nothing_is_objected_where_all_are_allowed() -> None:
    assert unproven(("go",), {"go": answer("go", allowed=True)}) == ()
