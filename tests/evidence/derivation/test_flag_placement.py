"""The places of the flags that an overlay adds, and who reads a flag there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.derivation.flag_placement import Reading, placements
from tests.support.observations import derivation

STOCK = derivation("stock", {"LC_ALL": "C", "NIX_LDFLAGS": "-rpath /x"})


def test_only_what_the_overlay_added_has_a_place() -> None:
    stock = derivation("stock", {"NIX_CFLAGS": "-O2", "NIX_LDFLAGS": "-flto"})
    optimized = derivation("optimized", {"NIX_CFLAGS": "-O2", "NIX_LDFLAGS": "-flto -L/x"})
    assert placements(stock, optimized) == ()


def test_the_reader_of_a_variable_decides() -> None:
    variables = {
        "NIX_CFLAGS_COMPILE": "-march=skylake",
        "NIX_CFLAGS": "-march=skylake",
        "RUSTFLAGS": "-Ctarget-cpu=skylake",
        "makeFlags": "CFLAGS=-march=skylake",
    }
    found = {place.attribute: place.reading for place in placements(STOCK, derivation("o", variables))}
    assert found == {
        "NIX_CFLAGS_COMPILE": Reading.BY_WRAPPER,
        "NIX_CFLAGS": Reading.UNREAD,
        "RUSTFLAGS": Reading.READ,
        "makeFlags": Reading.JUDGED_ELSEWHERE,
    }


def test_an_optimization_level_in_a_variable_of_the_linker_is_the_linkers() -> None:
    """Bug: -O1 in LDFLAGS was refuted as a level that no compilation got."""
    for name in ("LDFLAGS", "NIX_LDFLAGS", "NIX_LDFLAGS_AFTER"):
        changed = derivation("o", {name: "-O1 --as-needed -Wl,-O2"})
        assert not [place for place in placements(derivation("s"), changed) if "-O" in place.flag]


NAMES = st.sampled_from(
    ["NIX_CFLAGS_COMPILE", "CFLAGS", "preBuild", "RUSTFLAGS", "NIX_LDFLAGS", "GOFLAGS", "x"]
)
WORDS = st.sampled_from(
    ["-O3", "-march=skylake", "-flto", "-fuse-ld=mold", "--gc-sections", "$CFLAGS", "\n", "'"]
)


@given(st.dictionaries(NAMES, st.lists(WORDS, max_size=5).map(" ".join), max_size=5))
def test_a_place_is_an_attribute_that_has_the_flag(variables: dict[str, str]) -> None:
    for place in placements(STOCK, derivation("optimized", variables)):
        assert place.flag in variables[place.attribute]
