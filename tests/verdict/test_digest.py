"""The bytes of a ledger block that are hashed and signed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.verdict.digest import canonical, digest

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
BLOCKS = st.dictionaries(st.text(max_size=8), VALUES, max_size=4)
NAMES = st.text(min_size=1, max_size=5)


@given(NAMES, BLOCKS)
def test_a_block_that_was_written_and_read_has_the_same_digest(name: str, block: dict[str, object]) -> None:
    for indent in (None, 2):
        assert digest(name, json.loads(json.dumps(block, indent=indent))) == digest(name, block)


@given(NAMES, BLOCKS)
def test_the_order_of_fields_does_not_matter(name: str, block: dict[str, object]) -> None:
    assert digest(name, dict(reversed(block.items()))) == digest(name, block)


@given(NAMES, BLOCKS, st.text(max_size=5))
def test_its_own_digest_and_signature_are_left_out(name: str, block: dict[str, object], text: str) -> None:
    rest = {key: value for key, value in block.items() if key not in ("digest", "signature")}
    assert digest(name, {**rest, "digest": text, "signature": text}) == digest(name, rest)


@given(NAMES, NAMES, BLOCKS)
def test_a_block_cannot_be_moved_to_another_runtime(name: str, other: str, block: dict[str, object]) -> None:
    assert (canonical(name, block) == canonical(other, block)) is (name == other)


@pytest.mark.parametrize(
    "changed",
    [
        {"verdict": "adopt"},
        {"verdict": "reject", "reason": ""},
        {"verdict": "reject", "benchmarks": [{"digest": "x"}]},
        {},
    ],
)
def test_any_other_change_is_another_digest(changed: dict[str, object]) -> None:
    """A field `digest` deeper in a block is content."""
    assert digest("lua", changed) != digest("lua", {"verdict": "reject"})
    nested = {"verdict": "reject", "benchmarks": [{"digest": "y"}]}
    assert digest("lua", nested) != digest("lua", changed)


def test_the_form_is_the_one_that_ledgers_were_signed_in() -> None:
    """Another form would make every signature of an earlier version worthless."""
    assert canonical("lua", {"b": [1, 0.5], "a": "é", "digest": "x"}) == (
        b'{"block":{"a":"\\u00e9","b":[1,0.5]},"runtime":"lua"}'
    )
