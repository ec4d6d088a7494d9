"""What differs between derivations beside flags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.derivation.beside_flags import changes_beside_flags, closure
from tests.support.observations import derivation

if TYPE_CHECKING:
    from pytest_rtopt.nix.derivation import Derivation

STOCK = {
    "buildPhase": "make -j\nmake check\n",
    "makeFlags": "PREFIX=/x",
    "NIX_CFLAGS_COMPILE": "-DX",
    "doCheck": "1",
    "pname": "lua",
}


def changes(changed: dict[str, str], without: tuple[str, ...] = ()) -> tuple[str, ...]:
    stock = derivation("stock", STOCK)
    kept = {name: value for name, value in STOCK.items() if name not in without}
    other = derivation("other", {**kept, **changed})
    return changes_beside_flags(stock.path, other.path, {made.path: made for made in (stock, other)})


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"CFLAGS": " ", "NIX_LDFLAGS": ""},
        {"makeFlags": "PREFIX=/x  "},
        {"NIX_CFLAGS_COMPILE": "-DX  -O3 -march=a"},
        {"NIX_CFLAGS_COMPILE": "-O3 -DX"},
        {"RUSTFLAGS": "-C target-cpu=native"},
        {"buildPhase": "\n make  -j\n  make check"},
        {"preBuild": 'export NIX_CFLAGS_COMPILE+=" "\n'},
        {"preBuild": 'NIX_CFLAGS_COMPILE="$NIX_CFLAGS_COMPILE "\nexport NIX_CFLAGS_COMPILE'},
        {"preBuild": 'NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE:-} "'},
        {"preBuild": 'appendToVar NIX_CFLAGS_COMPILE ""\n'},
        {"pname": "lua-fast", "name": "lua-fast-1"},
    ],
)
def test_only_flags(changed: dict[str, str]) -> None:
    assert changes(changed) == ()


@pytest.mark.parametrize(
    ("changed", "without"),
    [
        ({"buildPhase": "gcc -o lua lua.c"}, ()),
        ({"NIX_CFLAGS_COMPILE": ""}, ()),
        ({"NIX_CFLAGS_COMPILE": "-O3"}, ()),
        ({"NIX_CFLAGS_COMPILE": "-DX words"}, ()),
        ({"preBuild": 'NIX_CFLAGS_COMPILE=""'}, ()),
        ({"preBuild": "NIX_CFLAGS_COMPILE=$OTHER"}, ()),
        ({"preBuild": 'export CFLAGS+=" "\necho'}, ()),
        ({"makeFlags": "PREFIX=/x CFLAGS="}, ()),
        ({}, ("doCheck",)),
    ],
)
def test_more_than_flags(changed: dict[str, str], without: tuple[str, ...]) -> None:
    assert changes(changed, without) == (*changed, *without)


def test_inputs_count_by_what_they_are() -> None:
    """A library with empty flags has another path and is the same."""
    plain, flagless, other = (
        derivation("library", {"src": "/s"}),
        derivation("flagless", {"src": "/s", "NIX_CFLAGS_COMPILE": ""}),
        derivation("other", {"src": "/t"}),
    )
    made = {library.path: library for library in (plain, flagless, other)}

    def with_library(name: str, library: str) -> str:
        attributes = {"buildInputs": f"/nix/store/{library} /nix/store/x", "out": f"/nix/store/{name}"}
        found = derivation(name, {**attributes, "prefix": f"--prefix=/nix/store/{name}"})
        made[found.path] = replace(found, inputs=(f"/nix/store/{library}.drv",))
        return found.path

    stock = with_library("stock", "library")
    assert changes_beside_flags(stock, with_library("a", "flagless"), made) == ()
    assert changes_beside_flags(stock, with_library("b", "other"), made) == ("buildInputs",)
    assert closure(stock, made) == {stock, plain.path}


def test_a_source_counts_by_its_hash_and_not_by_what_fetches_it() -> None:
    made: dict[str, Derivation] = {}
    for name, tool in (("stock", "curl"), ("other", "wget")):
        source = replace(
            derivation(f"{name}-source", {"tool": tool}), outputs={"out": "/nix/store/s"}, fixed=True
        )
        user = replace(derivation(name, {"src": "/nix/store/s"}), inputs=(source.path,))
        made |= {source.path: source, user.path: user}
    assert changes_beside_flags("/nix/store/stock.drv", "/nix/store/other.drv", made) == ()


def test_arguments_of_the_builder() -> None:
    stock, other = derivation("stock"), replace(derivation("other"), arguments=("-e", "/mine.sh"))
    made = {stock.path: stock, other.path: other}
    assert changes_beside_flags(stock.path, other.path, made) == ("the builder's arguments",)


WORDS = st.lists(st.sampled_from(["-O3", "-DX", "a", "PREFIX=/x", "-march=a"]), max_size=4).map(" ".join)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["CFLAGS", "makeFlags", "buildPhase", "preBuild", "doCheck"]), WORDS, max_size=4
)


@given(ATTRIBUTES)
def test_nothing_differs_from_itself(attributes: dict[str, str]) -> None:
    stock, other = derivation("stock", attributes), derivation("other", attributes)
    assert changes_beside_flags(stock.path, other.path, {stock.path: stock, other.path: other}) == ()


@given(ATTRIBUTES, ATTRIBUTES)
def test_names_are_of_what_differs(before: dict[str, str], after: dict[str, str]) -> None:
    stock, other = derivation("stock", before), derivation("other", after)
    found = changes_beside_flags(stock.path, other.path, {stock.path: stock, other.path: other})
    assert list(found) == sorted(found)
    assert all(before.get(name, "").split() != after.get(name, "").split() for name in found)
    # What is no variable of flags may not change at all.
    assert {
        name
        for name in ("makeFlags", "doCheck")
        if before.get(name, "").split() != after.get(name, "").split()
    } <= set(found)
