"""Attribute paths as users write them behind `#`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.nix.attribute_path import parse_attribute_path


@given(st.lists(st.from_regex(r'[^"\x00]+', fullmatch=True), max_size=4))
def test_quoted_attribute_paths_are_read_back(names: list[str]) -> None:
    assert list(parse_attribute_path(".".join(f'"{name}"' for name in names))) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("lua5_4", ("lua5_4",)),
        ("python313Packages.numpy", ("python313Packages", "numpy")),
        ('homes."me@host".pkgs', ("homes", "me@host", "pkgs")),
        ('"a.b".c', ("a.b", "c")),
    ],
)
def test_names_are_joined_by_dots(text: str, names: tuple[str, ...]) -> None:
    assert parse_attribute_path(text) == names


@pytest.mark.parametrize("text", ["a..b", ".a", "a.", "a b", 'a."b', '""', '"a"b', "a.b "])
def test_what_nix_does_not_read_is_refused_with_the_option(text: str) -> None:
    with pytest.raises(NixError, match=r"^--rtopt-target: .* is not an attribute path"):
        parse_attribute_path(text, "--rtopt-target")


@given(st.text(alphabet='ab."@ ', max_size=10))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        names = parse_attribute_path(text)
    except NixError:
        return
    assert all(names)
    assert "".join(names).replace(".", "") == text.replace(".", "").replace('"', "")
