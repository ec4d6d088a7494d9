"""What scripts and variables ask for, and what they only name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.flags.script_text import fragments, requested_text


@pytest.mark.parametrize(
    ("line", "requested"),
    [
        ("# -O3 would be nice", ""),
        ("make # with -O3", "make"),
        ("echo '# -O3' >> flags", "echo '# -O3' >> flags"),
        ("echo a#-O3", "echo a#-O3"),
        ("sed -i 's/-O2//' Makefile", "sed -i ' ' Makefile"),
        ("sed -i s/-flto//g Makefile", "sed -i g Makefile"),
        ("sed -i 's|-O2|-O3|' Makefile", "sed -i ' -O3 ' Makefile"),
        ("sed -i 's,-O2 -g,-g -O2 -march=skylake,' x", "sed -i ' -march=skylake ' x"),
        (r"sed -i -e 's/\-flto//;s/-O2/-Os/' x", "sed -i -e ' ; -Os ' x"),
        ("sed -i '/-flto/d' Makefile", "sed -i ' ' Makefile"),
        ("sed -i '/-flto/s/a/b/' Makefile", "sed -i ' b ' Makefile"),
        ("perl -pi -e 's/-O2/-O3/' x", "perl -pi -e ' -O3 ' x"),
        ("substituteInPlace x --replace -O2 -O3", "substituteInPlace x -O3"),
        (
            'substituteInPlace x --replace-fail "CFLAGS= -O2" "CFLAGS= -O3"',
            'substituteInPlace x "CFLAGS= -O3"',
        ),
        ("substituteInPlace x \\\n  --replace-warn '-flto' \\\n  ''", "substituteInPlace x ''"),
        ("substituteInPlace x --replace '-O2' '-O2 -g'", "substituteInPlace x ' -g'"),
        ('export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE//-flto/}"', 'export NIX_CFLAGS_COMPILE=""'),
        ('export CFLAGS="${CFLAGS/-O2/-O3}"', 'export CFLAGS="-O3"'),
        ("gcc -O3 -c src/a.c", "gcc -O3 -c src/a.c"),
    ],
)
def test_a_script_asks_for_what_it_adds(line: str, requested: str) -> None:
    assert " ".join(requested_text(line).split()) == " ".join(requested.split())


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("makeFlags", "PLAT=linux MYLDFLAGS=-Wl,-O1", {"PLAT": ["linux"]}),
        ("makeFlags", "MYCFLAGS=-O3 LDFLAGS=-O1", {"MYCFLAGS": ["-O3"], "LDFLAGS": ["-O1"]}),
        (
            "preBuild",
            'export NIX_CFLAGS_COMPILE+=" -O3 -DX=-O1"',
            {"preBuild": ["export"], "NIX_CFLAGS_COMPILE": ["-O3"]},
        ),
        ("preBuild", "makeFlagsArray+=('CFLAGS=-O3 -flto')", {"CFLAGS": ["-O3", "-flto"]}),
        ("cmakeFlags", "-DCMAKE_C_FLAGS:STRING=-O3 -DX=-O1", {"CMAKE_C_FLAGS": ["-O3"]}),
        ("text", 'NIX_LDFLAGS = "-O1";', {"NIX_LDFLAGS": ["-O1"]}),
        ("env", "-Xlinker -O1 -O2", {"env": ["-O2"]}),
        ("RUSTFLAGS", "-C lto=fat -C target-cpu=x", {"RUSTFLAGS": ["-C", "lto=fat", "-C", "target-cpu=x"]}),
    ],
)
def test_words_belong_to_the_variable_that_gets_them(
    name: str, text: str, found: dict[str, list[str]]
) -> None:
    words = {fragment.name: list(fragment.words) for fragment in fragments(name, text) if fragment.words}
    assert words == found


@given(st.text(alphabet="sed/-O2'\"#\\ =ab\n${}|,;", max_size=60))
def test_any_text_is_read_and_no_flag_is_invented(text: str) -> None:
    requested = requested_text(text)
    assert requested.count("-O2") <= text.count("-O2")
    for fragment in fragments("preBuild", requested):
        assert sum(word.count("-O2") for word in fragment.words) <= text.count("-O2")


@given(st.text(alphabet="-O23 flto=march", max_size=40).filter(lambda text: "#" not in text))
def test_plain_flags_stay_as_they_are(text: str) -> None:
    """What is neither a comment nor removed is asked for."""
    assert requested_text(f"gcc {text}").split() == ["gcc", *text.split()]


def test_a_long_line_takes_no_time() -> None:
    """Quotation marks and slashes without an end must not take the square of the line."""
    for piece in ("s/", "'s/-O2", '--replace "', "${a/", "\\"):
        text = f"sed {piece * 3000}"
        assert len(requested_text(text)) <= len(text) + 10_000
