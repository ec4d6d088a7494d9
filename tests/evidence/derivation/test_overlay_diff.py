"""The words and lines that an overlay added to a derivation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.derivation.overlay_diff import as_text, overlay_additions
from tests.support.observations import derivation


def test_added_text_is_words_of_values_and_lines_of_scripts() -> None:
    stock = derivation("stock", {"A": "-O2 -g", "B": "x\necho -O2\n", "C": "1"})
    optimized = derivation("o", {"A": "-O2 -g -O3", "B": "x\necho -O2\necho -O3\n", "C": "1", "D": "-O1"})
    assert overlay_additions(stock, optimized) == {"A": "-O3", "B": "echo -O3", "D": "-O1"}
    lists = derivation("o", {}, makeFlags=["A=1", "CFLAGS=-O3"])
    assert overlay_additions(derivation("s", {}, makeFlags=["A=1"]), lists) == {"makeFlags": "CFLAGS=-O3"}


def test_what_was_only_removed_is_left_out() -> None:
    stock = derivation("stock", {"A": "-O2 -g", "B": "x\necho -O2\n"})
    assert overlay_additions(stock, derivation("o", {"A": "-g", "B": "x\n"})) == {}


def test_a_new_attribute_is_listed_even_if_it_is_empty() -> None:
    assert overlay_additions(derivation("stock"), derivation("o", {"doCheck": ""})) == {"doCheck": ""}


def test_another_indentation_of_a_line_is_not_an_addition() -> None:
    stock = derivation("stock", {"B": "make\n  install\n"})
    assert overlay_additions(stock, derivation("o", {"B": "make\ninstall\nstrip\n"})) == {"B": "strip"}


def test_the_env_set_is_read_through_its_variables_only() -> None:
    optimized = derivation("o", {"CFLAGS": "-O3"}, env={"CFLAGS": "-O3"})
    assert overlay_additions(derivation("stock"), optimized) == {"CFLAGS": "-O3"}


def test_lists_are_text_as_in_a_shell() -> None:
    assert as_text(["-O3", 2]) == "-O3 2"
    assert as_text("-O3") == "-O3"


LINES = st.text(alphabet="ab \n", max_size=12)


@given(st.dictionaries(st.sampled_from("ABC"), LINES), st.dictionaries(st.sampled_from("ABC"), LINES))
def test_an_addition_is_in_the_new_value_and_its_words_are_new_or_on_new_lines(
    before: dict[str, str], after: dict[str, str]
) -> None:
    found = overlay_additions(derivation("stock", before), derivation("o", after))
    assert list(found) == sorted(found)
    for name, added in found.items():
        old, new = before.get(name, ""), after[name]
        pieces = str.splitlines if "\n" in old + new else str.split
        assert set(pieces(added)) <= set(pieces(new))
        assert not {piece.strip() for piece in pieces(added)} & {piece.strip() for piece in pieces(old)}


@given(st.dictionaries(st.sampled_from("ABC"), LINES))
def test_nothing_is_added_to_the_same_derivation(values: dict[str, str]) -> None:
    assert overlay_additions(derivation("stock", values), derivation("o", values)) == {}
