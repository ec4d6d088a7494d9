"""What the text of an overlay assigns to an attribute."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.overlay_text import definitions_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("f: p: { lua5_4 = p.lua5_4; }", (" p.lua5_4",)),
        ('{ "lua5_4" = a; other = b; }', (" a",)),
        ("{ lua5_4 = x { y = 1; }; z = 2; }", (" x { y = 1; }",)),
        ("{ lua5_4 = a; lua5_4 = b; }", (" a", " b")),
        # Neither a comparison, nor a selection, nor another attribute.
        ("{ x = p.lua5_4 == q; y = lua5_4_skylake; lua5_4_fast = z; }", ()),
        # A comment and a string are no definition, and a semicolon in a string ends none.
        ('# lua5_4 = a;\n/* lua5_4 = b; */ { t = "lua5_4 = c;"; }', ()),
        ("{ lua5_4 = f ''a; ''$x ''' }''; }", (" f ''a; ''$x ''' }''",)),
        ('{ lua5_4 = f "a;\\"b;"; }', (' f "a;\\"b;"',)),
        ("{ lua5_4 = f # no; end\n g; }", (" f \n g",)),
        ("{ lua5_4 = a", (" a",)),
        ("", ()),
    ],
)
def test_a_definition_ends_at_its_own_semicolon(text: str, found: tuple[str, ...]) -> None:
    assert definitions_of("lua5_4", text) == found


@given(st.text(alphabet="lua5_4 =;{}()[]\"'#/*\\$\n-march", max_size=200))
def test_any_text_is_read_to_its_end(text: str) -> None:
    assert all(isinstance(found, str) for found in definitions_of("lua5_4", text))


@given(st.lists(st.sampled_from(["a", "b.c", '"s;"', "{ x = 1; }", "(y: z)"]), min_size=1, max_size=8))
def test_what_is_assigned_is_found_whole(words: list[str]) -> None:
    value = " ".join(words)
    assert definitions_of("lua5_4", f"f: p: {{ lua5_4 = {value}; other = 1; }}") == (f" {value}",)


def test_a_text_that_defines_it_all_the_time_takes_no_square_of_its_length() -> None:
    assert len(definitions_of("a", "a=(" * 50_000)) == 20


def test_a_file_of_megabytes_is_not_read() -> None:
    assert definitions_of("a", "a = b;" + " " * (1 << 20)) == ()
