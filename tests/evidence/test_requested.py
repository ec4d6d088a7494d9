"""What an overlay asks for, and what it only names: words for other tools, removed flags, comments."""

from __future__ import annotations

import pytest

from pytest_rtopt.evidence.requested import requested_by, requested_in
from tests.support.observations import derivation


def requested(**attributes: str) -> object:
    """Return what an overlay asks for that adds these attributes."""
    return requested_by((derivation("stock"), derivation("optimized", attributes)))


NOTHING = requested(unrelated="x")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("makeFlags", "MYLDFLAGS=-Wl,-O1"),
        ("makeFlags", "LDFLAGS=-O1"),
        ("makeFlags", "MYCFLAGS=-Wa,-march=skylake"),
        ("NIX_LDFLAGS", "-O1"),
        ("NIX_CFLAGS_LINK", "-O2"),
        ("NIX_CFLAGS_COMPILE", "-Wl,-O1 -Xlinker -O2 -Xclang -O3 -Wp,-O3"),
        ("NIX_CFLAGS_COMPILE", "-DLEVEL=-O3 -D MARCH=-march=skylake -o -O2"),
        ("NIX_CFLAGS_COMPILE", "-Xassembler -march=skylake -include -flto"),
        ("preBuild", "# NIX_CFLAGS_COMPILE: -O3 -march=skylake -flto -fprofile-use"),
        ("postPatch", "sed -i 's/-flto//; s/-O3//' Makefile # MYCFLAGS"),
        ("postPatch", "sed -i '/CFLAGS.*-march=skylake/d' Makefile"),
        ("postPatch", "substituteInPlace Makefile --replace-fail 'CFLAGS=-O3 -flto' 'CFLAGS='"),
        ("preBuild", 'export NIX_CFLAGS_COMPILE="${NIX_CFLAGS_COMPILE//-flto/}"'),
        ("preBuild", "export LDFLAGS='-Wl,-O1 -O1'"),
    ],
)
def test_what_is_only_named_is_no_request(name: str, text: str) -> None:
    """Bug: `MYLDFLAGS=-Wl,-O1` was a level of the compiler, and `sed s/-flto//` a request for LTO."""
    assert requested(**{name: text}) == NOTHING


@pytest.mark.parametrize(
    ("name", "text", "level"),
    [
        ("NIX_CFLAGS_COMPILE", "-O", "1"),
        ("NIX_CFLAGS_COMPILE", "-Og", "g"),
        ("NIX_CFLAGS_COMPILE", "-Ofast", "fast"),
        ("NIX_CFLAGS_COMPILE", "-O2 -Wl,-O1", "2"),
        ("makeFlags", "MYCFLAGS=-O3 MYLDFLAGS=-O1", "3"),
        ("preBuild", 'makeFlagsArray+=("CFLAGS=-O3 -g")', "3"),
        ("postPatch", "sed -i 's/CFLAGS= -O2/CFLAGS= -O3/' Makefile", "3"),
        ("postPatch", "substituteInPlace Makefile --replace 'CFLAGS= -O2' 'CFLAGS= -Os'", "s"),
        ("cmakeFlags", "-DCMAKE_C_FLAGS=-O3", "3"),
    ],
)
def test_the_level_is_read_as_the_compiler_reads_it(name: str, text: str, level: str) -> None:
    found = requested_by((derivation("stock"), derivation("optimized", {name: text})))
    assert found.optimization == level


def test_an_architecture_is_one_wherever_the_compiler_gets_it() -> None:
    for name, text in (
        ("NIX_CFLAGS_COMPILE", "-march=skylake"),
        ("makeFlags", "MYCFLAGS=-march=skylake"),
        ("postPatch", "sed -i 's/-O2/& -march=skylake/' Makefile"),
        ("preBuild", 'export NIX_CFLAGS_COMPILE="$NIX_CFLAGS_COMPILE -march=skylake" # -march=haswell'),
    ):
        found = requested_by((derivation("stock"), derivation("optimized", {name: text})))
        assert found.marches == {"skylake"}


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ('NIX_LDFLAGS = "-O1";', None),
        ('makeFlags = old.makeFlags ++ [ "MYLDFLAGS=-Wl,-O1" ];', None),
        ('makeFlags = old.makeFlags ++ [ "MYCFLAGS=-O3" ];', "3"),
        ('env.NIX_CFLAGS_COMPILE = "-O3"; # not -O2', "3"),
    ],
)
def test_the_text_of_an_overlay_is_read_as_its_derivation(text: str, level: str | None) -> None:
    assert requested_in(f"final: prev: {{\n  {text}\n}}\n").optimization == level


@pytest.mark.parametrize("flag", ["-z x86-64-v3", "-Wl,-z,x86-64-v3"])
def test_a_level_that_the_linker_writes_into_the_file_is_a_request(flag: str) -> None:
    """Bug: an overlay that only marked the file as x86-64-v3 was held to no architecture."""
    found = requested_by((derivation("stock"), derivation("optimized", {"NIX_LDFLAGS": flag})))
    assert found.marches == {"x86-64-v3"}
    assert found.optimization is None


def test_features_ask_for_an_architecture_without_naming_it() -> None:
    """Bug: features that no compiler knows were taken for no request, and nothing was claimed of them."""
    assert requested_in('RUSTFLAGS = "-Ctarget-feature=+avx-2,+bmi-2"').marches == {"target-feature"}
    both = 'RUSTFLAGS = "-Ctarget-cpu=x86-64-v3 -Ctarget-feature=+aes"'
    assert requested_in(both).marches == {"x86-64-v3"}
    assert not requested_in('RUSTFLAGS = "-C target-feature=-crt-static"').marches
