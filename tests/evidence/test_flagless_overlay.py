"""Overlays without their flags: which words go, and that nothing else does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base import process
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.evidence.flagless_overlay import message_without_flags, without_flags
from pytest_rtopt.nix.client import find_nix

if TYPE_CHECKING:
    from pytest_rtopt.evidence.flagless_overlay import FlaglessOverlay

TESTS = Path(__file__).parent.parent


def taken(text: str, place: str = "/home/user") -> FlaglessOverlay:
    found = without_flags(text, place)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "left", "flags"),
    [
        ('"-O3"', '""', ("-O3",)),
        ('[ "-O3" "-march=skylake" "-pipe" ]', '[ "" "" "-pipe" ]', ("-O3", "-march=skylake")),
        ('"${old} -O3"', '"${old} "', ("-O3",)),
        ('"-march=${f "x"} -g"', '" -g"', ('-march=${f "x"}',)),
        ('"${f "-O3"}"', '"${f ""}"', ("-O3",)),
        ('"CFLAGS=-O3 -flto=auto"', '"CFLAGS= "', ("-O3", "-flto=auto")),
        ("''\n  make CFLAGS=\"-O3 -g\"\n''", "''\n  make CFLAGS=\" -g\"\n''", ("-O3",)),
        ("''sed -i 's/-O2/-O3/' a''", "''sed -i 's///' a''", ("-O2", "-O3")),
        ('"-Wl,-O1,--as-needed -lm"', '" -lm"', ("-Wl,-O1,--as-needed",)),
        ('"-C target-cpu=native -C lto"', '" "', ("-C target-cpu=native", "-C lto")),
        ('[ "-C" "target-cpu=native" ]', '[ "-C" "" ]', ("target-cpu=native",)),
        ('{ GOAMD64 = "v9"; }', '{ GOAMD64 = ""; }', ("GOAMD64=v9",)),
        ("''export GOAMD64=v9''", "''export GOAMD64=''", ("GOAMD64=v9",)),
        ('[ "--with-lto" "--enable-optimizations" "--with-pic" ]', '[ "" "" "--with-pic" ]', None),
        ('"-O3 -O3"', '" "', ("-O3",)),
        ('{ a = "rm -rf x; cp -fr a b; find . -name x -o -O"; }', None, ("-O",)),
        ('"-fPIC -o -Output -Ofast-ish -fr -mv -x-O3"', None, ("-fPIC",)),
        ('# "-O3"\n-O3', None, ()),
        ('"${x}-O3"', '"${x}"', ("-O3",)),
    ],
)
def test_words_that_are_flags(text: str, left: str | None, flags: tuple[str, ...] | None) -> None:
    found = taken(text)
    if left is not None:
        assert found.text == left
    if flags is not None:
        assert found.flags == flags


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("import ./a.nix { }", "import /home/user/./a.nix { }"),
        ("import ../a.nix", "import /home/user/../a.nix"),
        ("./${x}.nix", "/home/user/./${x}.nix"),
        ("lib/a.nix", "/home/user/lib/a.nix"),
        ('"./a -O3"', '"./a "'),
    ],
)
def test_relative_paths_lead_where_they_led(text: str, left: str) -> None:
    assert taken(text).text == left


def test_where_it_cannot_be_done() -> None:
    assert without_flags('"', "/a") is None
    assert without_flags('"' + "a" * (1 << 20) + '"', "/a") is None
    assert without_flags("./a", "/a b") is None
    # Without relative paths the directory does not matter.
    assert without_flags('"-O3"', "/a b") is not None


def test_lines_keep_their_numbers() -> None:
    found = taken('{\n  a = "-march=${\n    x\n  }";\n  b = 1;\n}\n')
    assert found.text.splitlines()[4] == "  b = 1;"
    assert found.flags == ("-march=${ x }",)


FLAGS = st.sampled_from(
    [
        "-O3",
        "-Os",
        "-march=skylake",
        "-mtune=native",
        "-flto",
        "-fno-plt",
        "-mavx2",
        "-Wl,-O1",
        "-Ctarget-cpu=x",
    ]
)
OTHERS = st.sampled_from(["-g", "-lm", "-I/x", "make", "all", "PREFIX=/x", "-o", "lua", "${old}", "-DNDEBUG"])


@given(st.lists(st.tuples(st.booleans(), FLAGS, OTHERS), max_size=8), st.sampled_from(['"', "''"]))
def test_all_flags_go_and_all_other_words_stay(words: list[tuple[bool, str, str]], mark: str) -> None:
    text = " ".join(flag if is_flag else other for is_flag, flag, other in words)
    found = taken(f"{{ a = {mark}{text}{mark}; }}")
    kept = re.fullmatch(rf"{{ a = {mark}(.*){mark}; }}", found.text)
    assert kept is not None
    assert kept[1].split() == [other for is_flag, _, other in words if not is_flag]
    assert set(found.flags) == {flag for is_flag, flag, _ in words if is_flag}
    assert taken(found.text).flags == ()


@given(st.text("-Ofm=\"'${} \\\nxo3,/.#", max_size=40))
def test_any_text(text: str) -> None:
    found = without_flags(text, "/")
    if found is not None:
        assert found.text.count("\n") == text.count("\n")
        again = without_flags(found.text, "/")
        if not found.flags and "/" not in text:
            assert found.text == text
            assert again == found


def test_overlays_are_nix_without_their_flags_too(tmp_path: Path) -> None:
    """Of every overlay here, of the shipped ones and of the embedded set."""
    named = [
        path.resolve()
        for place in (
            *(TESTS / name for name in ("sabotage", "honest", "partial", "neutral")),
            directory("overlays"),
            PACKAGE / "embedded",
        )
        for path in sorted(place.rglob("*.nix"))
    ]
    copies, with_flags = [], 0
    for number, path in enumerate(named):
        found = taken(path.read_text(), str(path.parent))
        copy = tmp_path / f"{number}.nix"
        copy.write_text(found.text)
        copies.append(str(copy))
        with_flags += bool(found.flags)
    assert with_flags > 70
    nix = find_nix()
    process.check(nix.command("nix-instantiate", "--parse", "--store", "dummy://", *copies), timeout=60)


def test_a_message_without_the_flags_that_it_quotes() -> None:
    assert message_without_flags('in `env`: "-O3 -march=a"; at 3') == 'in `env`: " "; at 3'
    assert message_without_flags("attribute 'x' missing") == "attribute 'x' missing"
