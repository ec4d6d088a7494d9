"""Lines of build logs, split into commands and words."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.log.words import commands_of, split_words


@given(st.lists(st.text(alphabet="ab -='\"$", min_size=1, max_size=8), min_size=1, max_size=6))
def test_words_are_split_as_the_standard_library_splits_them(words: list[str]) -> None:
    line = shlex.join(words)
    assert split_words(line) == shlex.split(line)


@given(st.text(alphabet="ab \t\"'\\$", max_size=20))
def test_any_line_is_split_without_losing_what_is_not_quoting(line: str) -> None:
    words = split_words(line)
    for letter in "ab$":
        assert "".join(words).count(letter) == line.count(letter)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("gcc  -O2\t-c", ["gcc", "-O2", "-c"]),
        ("gcc -DNAME='a b'", ["gcc", "-DNAME=a b"]),
        (r"gcc -DNAME=\"a\"", ["gcc", '-DNAME="a"']),
        (r'gcc "-DNAME=\"a b\""', ["gcc", '-DNAME="a b"']),
        # A message, and no command: the mark has no partner.
        ("it's here", ["it's", "here"]),
    ],
)
def test_words(line: str, words: list[str]) -> None:
    assert split_words(line) == words


@pytest.mark.parametrize(
    ("line", "commands"),
    [
        ("gcc -c a.c", [["gcc", "-c", "a.c"]]),
        ("cd x && gcc -c a.c", [["cd", "x"], ["gcc", "-c", "a.c"]]),
        ("cd x; gcc -c a.c | tee log", [["cd", "x"], ["gcc", "-c", "a.c"], ["tee", "log"]]),
        ("[12/345] CC=gcc ccache gcc -c a.c", [["gcc", "-c", "a.c"]]),
        ("[ 12%] gcc -c a.c", [["gcc", "-c", "a.c"]]),
        ("++ gcc -c a.c", [["gcc", "-c", "a.c"]]),
        ("if gcc -c a.c; then mv a b; fi", [["gcc", "-c", "a.c"], ["mv", "a", "b"], ["fi"]]),
        ("(gcc -c 'a;b.c')", [["gcc", "-c", "a;b.c)"]]),
        ("LC_ALL=C", []),
        ("", []),
    ],
)
def test_commands(line: str, commands: list[list[str]]) -> None:
    assert list(commands_of(line)) == commands


@given(st.text(alphabet="ab=;&|() \"'[1/2]+", max_size=30))
def test_a_command_is_never_empty(line: str) -> None:
    assert all(commands_of(line))
