"""Values as Nix text: the text evaluates to the values, and is pleasant to read."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_rtopt.base import process
from pytest_rtopt.hardware.nix_text import to_nix

TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from(list("${}\\\"'\n\r\t"))
)
NAMES = TEXT | st.sampled_from(["or", "inherit", "a-b", "x'", "1a", "", "${x}", "if"])
# Nix prints sets with these names as something else than sets.
SET_NAMES = NAMES.filter(lambda name: name not in {"outPath", "__toString"})
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(SET_NAMES, inner, max_size=5)
)


def evaluated(text: str) -> object:
    surroundings = process.Surroundings(stdin=text.encode())
    argv = ["nix-instantiate", "--eval", "--strict", "--json", "--store", "dummy://", "-"]
    return json.loads(process.check(argv, timeout=60, surroundings=surroundings).stdout)


def same(left: object, right: object) -> bool:
    """Compare as JSON values; Nix prints floats with six digits, and whole ones without a point."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, (int, float)):
        return math.isclose(left, right, rel_tol=1e-5)
    return type(left) is type(right) and left == right


@settings(max_examples=15, deadline=None)
@given(st.lists(VALUES, min_size=10, max_size=40))
def test_nix_reads_back_what_was_written(values: list[object]) -> None:
    assert same(values, evaluated(to_nix(values)))


@pytest.mark.parametrize(
    "value",
    [
        -(2**63),
        [-1, -(2**63), -0.5, 1e-7, 1e300, 5e-324, -5e-324],
        {"or": 1, "a b": 2, "": 3, "${x}": 4, "ok-name'": 5},
        "$${a} ${b} \\${c} $ { '' ''${d} \\n",
        [],
        {},
        {"nested": [{"a": [{}]}, []]},
    ],
)
def test_edges_of_the_grammar(value: object) -> None:
    assert same(value, evaluated(to_nix(value)))


def test_layout() -> None:
    values = {
        "build": {"compiler": {"march": "skylake", "optimizationLevel": "3"}, "flags": ["-O3", "-pipe"]},
        "packages": {},
        "with": None,
        "cost": "${price}",
        "offsets": [1, -2],
    }
    assert to_nix(values) == (
        "{\n"
        "  build = {\n"
        "    compiler = {\n"
        '      march = "skylake";\n'
        '      optimizationLevel = "3";\n'
        "    };\n"
        '    flags = [ "-O3" "-pipe" ];\n'
        "  };\n"
        "  packages = { };\n"
        '  "with" = null;\n'
        '  cost = "\\${price}";\n'
        "  offsets = [ 1 (-2) ];\n"
        "}\n"
    )


def test_long_lists_are_broken() -> None:
    text = to_nix({"flags": [f"-fsome-rather-long-option={n}" for n in range(5)]})
    assert text.count("\n") == 9
    assert max(map(len, text.splitlines())) < 100


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="not set"):
        to_nix({"a": {1, 2}})
