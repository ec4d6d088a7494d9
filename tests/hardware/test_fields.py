"""Typed access to the fields of a profile."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.errors import ProfileError
from pytest_rtopt.hardware.fields import Fields, check_plain, is_number

if TYPE_CHECKING:
    from collections.abc import Callable

READS: dict[str, Callable[[Fields], object]] = {
    "section": lambda fields: fields.section("x"),
    "text": lambda fields: fields.text("x"),
    "flag": lambda fields: fields.flag("x"),
    "count": lambda fields: fields.count("x", 1),
    "gigabytes": lambda fields: fields.gigabytes("x"),
    "choice": lambda fields: fields.choice("x", ("a", "b")),
    "choices": lambda fields: fields.choices("x", ("a", "b")),
}
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def fields(value: object) -> Fields:
    return Fields("mine.nix", {"x": value}, "build")


@pytest.mark.parametrize(
    ("read", "value", "result"),
    [
        ("text", "abc", "abc"),
        ("flag", False, False),
        ("count", 1, 1),
        ("gigabytes", 16, 16.0),
        ("gigabytes", "1.5", 1.5),
        ("choice", "b", "b"),
        ("choices", ["b", "a"], ("b", "a")),
        ("choices", [], ()),
    ],
)
def test_a_value_of_the_right_type_is_returned(read: str, value: object, result: object) -> None:
    found = READS[read](fields(value))
    assert (found, type(found)) == (result, type(result))


@pytest.mark.parametrize("read", READS)
def test_an_absent_field_and_a_null_are_alike(read: str) -> None:
    absent = READS[read](Fields("mine.nix", path="build"))
    assert absent == READS[read](fields(None))
    assert absent in (None, (), Fields("mine.nix", path="build.x"))


@pytest.mark.parametrize(
    ("read", "value"),
    [
        ("section", []),
        ("text", 1),
        ("flag", 1),
        ("flag", "true"),
        ("count", True),
        ("count", 1.0),
        ("count", 0),
        ("gigabytes", 0),
        ("gigabytes", True),
        ("gigabytes", math.inf),
        ("gigabytes", "16 GB"),
        ("gigabytes", "3-4"),
        ("choice", "c"),
        ("choice", ["a"]),
        ("choices", "a"),
        ("choices", ["a", "c"]),
        ("choices", [["a"]]),
    ],
)
def test_a_wrong_value_is_refused_with_its_file_and_its_full_name(read: str, value: object) -> None:
    with pytest.raises(ProfileError, match=r"^mine\.nix: field `build\.x`: expected .*, got .*; .*\.$"):
        READS[read](fields(value))


@given(st.sampled_from(sorted(READS)), PLAIN)
def test_any_value_is_read_or_refused_in_one_line(read: str, value: object) -> None:
    message = ""
    try:
        READS[read](fields(value))
    except ProfileError as error:
        message = str(error)
    assert "\n" not in message
    assert len(message) < 250


def test_sections_are_named_from_the_top() -> None:
    inner = Fields("mine.nix", {"build": {"compiler": {"march": 3}}}).section("build").section("compiler")
    assert inner.name_of("march") == "build.compiler.march"
    assert Fields("mine.nix").section("build").section("compiler").values == {}
    assert list(Fields("mine.nix", {"a": {}, "b": 1, "c": {"d": 1}}).sections()) == ["a", "c"]


@given(PLAIN)
def test_what_json_cannot_carry_is_refused_and_nothing_else(value: object) -> None:
    """Integers of Nix have 64 bits, its strings end at a NUL, and JSON has neither infinity nor NaN."""

    def strange(part: object) -> bool:
        match part:
            case bool() | None:
                return False
            case int():
                return not -(2**63) <= part < 2**63
            case float():
                return not math.isfinite(part)
            case str():
                return "\0" in part or any(0xD800 <= ord(letter) < 0xE000 for letter in part)
            case list():
                return any(map(strange, part))
            case dict():
                return any(map(strange, part.values()))
        raise AssertionError(part)

    if strange(value):
        with pytest.raises(ProfileError, match="expected text, a number, true, false, a list or a set"):
            check_plain(value, source="mine.nix", path="x")
    else:
        check_plain(value, source="mine.nix", path="x")
        assert json.loads(json.dumps(value, allow_nan=False)) == value


def test_integers_have_the_width_of_those_of_nix() -> None:
    for value in (-(2**63), 2**63 - 1):
        check_plain(value, source="mine.nix", path="x")
    for value in (-(2**63) - 1, 2**63):
        with pytest.raises(ProfileError, match=f"got {value}; change it"):
            check_plain(value, source="mine.nix", path="x")


def test_the_place_of_a_value_that_cannot_be_expressed_is_named() -> None:
    with pytest.raises(ProfileError, match=r"field `gpu\.ids\[1\]\.at`"):
        check_plain({"gpu": {"ids": [1, {"at": b"x"}]}}, source="mine.nix")


@pytest.mark.parametrize("value", [True, None, "1", math.nan, -math.inf])
def test_what_is_no_number(value: object) -> None:
    assert not is_number(value)
