"""Strings and relative paths of Nix files, as Nix's lexer finds them."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base import process
from pytest_rtopt.evidence.nix_source import HOLE, NixTextError, read_nix_source
from pytest_rtopt.nix.client import find_nix


def strings(text: str) -> list[str]:
    return [literal.shown.replace(HOLE, "·") for literal in read_nix_source(text).strings]


def paths(text: str) -> list[str]:
    starts = read_nix_source(text).relative_paths
    return [re.split(r"[\s;)\]]", text[start:])[0] for start in starts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{ a = "x y"; }', ["x y"]),
        (r'{ a = "x\"y"; b = "\\"; }', [r"x\"y", r"\\"]),
        ('# "no"\n/* "no" */ "yes"', ["yes"]),
        ('"a${b}c"', ["a····c"]),
        ('"a${f "in"}c"', ["in", "a" + "·" * 9 + "c"]),
        ('"${{ a = 1; }.a}"', ["·" * 15]),
        ('"$${a}"', ["$${a}"]),
        (r'"\${a}"', [r"\${a}"]),
        ('"$$${a}"', ["$$····"]),
        ("''a'b''", ["a'b"]),
        ("''a''${b}''", ["a''${b}"]),
        ("''a'''b''", ["a'''b"]),
        (r"''a''\n''", [r"a''\n"]),
        ("''a${b}''", ["a····"]),
        ('foldl\' (a: b) "x"', ["x"]),
        ('{ ${"a"} = 1; }', ["a"]),
        ("''\n  x \"y\" '''\n''", ["\n  x \"y\" '''\n"]),
        ('{ "a" = "b"; }', ["a", "b"]),
    ],
)
def test_strings(text: str, expected: list[str]) -> None:
    assert strings(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import ./a.nix", ["./a.nix"]),
        ("import ../a/b.nix {}", ["../a/b.nix"]),
        ("[ ./. ../. nix/x.nix ]", ["./.", "../.", "nix/x.nix"]),
        ("./${x}.nix", ["./${x}.nix"]),
        ("./a/${x}/b", ["./a/${x}/b"]),
        ("[ /etc/x ~/x <nixpkgs/lib> https://a.org/b a//b (a // b) 1.5 ]", []),
        ("f: x:x/y", []),
        ('"./no"', []),
        ('"${./yes}"', ['./yes}"']),
        ("{ a, ... }: a.b", []),
        ("a //./b", ["./b"]),
    ],
)
def test_relative_paths(text: str, expected: list[str]) -> None:
    assert paths(text) == expected


@pytest.mark.parametrize("text", ['"a', "''a", '"${a"', '"${a', "}", "{ } }", '"a${' * 200])
def test_what_is_no_nix(text: str) -> None:
    with pytest.raises(NixTextError):
        read_nix_source(text)


# Characters that have a meaning in a string, or next to one.
_PIECES = st.lists(st.sampled_from(["a", " ", "$", "{", "}", '"', "'", "\\", "\n", "''", "${", "-O3"]))


@given(_PIECES.map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = read_nix_source(text)
    except NixTextError:
        return
    for literal in found.strings:
        assert len(literal.shown) == literal.end - literal.start
        assert all(
            shown in (HOLE, character)
            for shown, character in zip(literal.shown, text[literal.start : literal.end], strict=True)
        )


@given(st.lists(st.text("ab ${}\"'\\\n", max_size=6), max_size=3))
def test_a_string_with_an_escape_for_everything_is_one(values: list[str]) -> None:
    """JSON's strings are Nix's, apart from `${`."""
    text = "[ " + " ".join(json.dumps(value).replace("$", "\\$") for value in values) + " ]"
    assert len(strings(text)) == len(values)


def test_nix_finds_the_same_strings() -> None:
    """Each text is one string and nothing else to Nix, too."""
    texts = ['"a\\"b"', '"$$x"', '"a$"', "''a'b''", "''a''${b}''", "''a'''b''", "''$$x''", "''a$''", '"a\n$"']
    nix = find_nix()
    for text in texts:
        literals = read_nix_source(text).strings
        mark = 2 if text.startswith("''") else 1
        assert [(literal.start, literal.end) for literal in literals] == [(mark, len(text) - mark)]
        kind = f"builtins.typeOf ({text})"
        command = nix.command("nix-instantiate", "--eval", "--store", "dummy://", "--expr", kind)
        assert process.check(command, timeout=60).text.strip() == '"string"', text
