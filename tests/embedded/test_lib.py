"""The embedded set's `lib` means what nixpkgs' means, in the cases that its documentation states.

The rows from `trivial` to `scopes` were also evaluated with `ekala-project/nix-lib` at a52fa86, which is
nixpkgs' `lib`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.resources import PACKAGE

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore

EXPECTED: dict[str, object] = {
    "attrs": {
        "optional": {"b": 2},
        "filtered": {"c": 2},
        "generated": {"x": "xx", "y": "yy"},
        "mapped": {"a-": 2},
        "listed": ["a1", "b2"],
        "updated": {"a": {"b": 3, "c": 2}, "l": [2], "n": {}},
        "found": 5,
        "absent": 0,
        "through": 0,
        "has": True,
        "hasNot": False,
    },
    "lists": {
        "optional": [1, 3],
        "flat": [1, 2, 3],
        "unique": [3, 1],
        "without": [1, 3],
        "range": [2, 3, 4],
        "last": 2,
        "toList": [1, 2],
    },
    "strings": {
        "optional": "b",
        "prefix": [True, False, False],
        "suffix": [True, False, False],
        "infix": [True, False],
        "removed": "bcabcab",
        "split": ["a", "b", "", "c"],
        "joined": "1,2",
        "quoted": "'a b' 'it'\\''s'",
    },
    "versions": {"atLeast": [True, True, False], "older": True, "parts": ["1", "24", "1.24"]},
    "trivial": {
        "pipe": 8,
        "flip": [2, 1],
        "mod": [1, 2],
        "functions": [{"a": False}, 3, None],
        "extended": 12,
    },
    "moreLists": {
        "imap": ["a-1", "b-2"],
        "parts": [["b", "c", "d"], ["a", "b"], ["d", "e"], ["a", "b", "c", "d"]],
        "foldr": "abcz",
        "found": [6, 7],
        "intersection": [3, 2],
        "zipped": ["he", "lo"],
        "replicated": [["a", "a"], "aa"],
    },
    "moreAttrs": {
        "concatMap": {"xa": "a", "yb": "b"},
        "fold": "a1b2",
        "until": {"foo": {"bar": 1, "quz": 2}, "bar": 3, "baz": 4},
        "product": [{"a": 1, "b": 10}, {"a": 2, "b": 10}],
        "set": {"a": {"b": 3}},
        "zip": {"a": ["x", "y"], "b": ["z"]},
        "outputs": ["b", "o"],
    },
    "moreStrings": {
        "trim": ["a b", ""],
        "cases": "HOMEhome",
        "numbers": [1337, -4],
        "shell": "foo='bar baz'\ndeclare -a list=(a 'b c')\ndeclare -A map=([k]='v w')",
        "regex": "\\[\\^a-z]\\*\\(\\.\\|\\+\\?\\)\\\\\\{}\\$",
        "names": ["-hello.bar-foo", "unknown", "ok-1.2"],
        "paths": "/opt/bin:/usr/bin",
        "flags": ["--enable-ssl=x", "--without-z", "-DE:BOOL=FALSE", "-Db=enabled"],
        "versions": ["youtube-dl", "2016.01.01", "1.3.0-rc1"],
        "ini": "[foo]\nhi=x\n",
    },
    "scopes": [2, 11, 20, 8],
    "overlays": {
        "composed": {"a": 20, "b": 2, "sum": 22},
        "many": {"a": 21, "b": 2, "sum": 23},
    },
}


@pytest.fixture(scope="module")
def evaluated(private_store: PrivateStore) -> dict[str, object]:
    expression = Path(__file__).parent.parent / "data" / "nix" / "expressions" / "lib.nix"
    value = private_store.nix.evaluate(expression, {"embedded": str(PACKAGE / "embedded")})
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("part", sorted(EXPECTED))
def test_results(evaluated: dict[str, object], part: str) -> None:
    assert evaluated[part] == EXPECTED[part]
