"""What a derivation exports, where flags stand in vain, and what an overlay asks for by it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.derivation.exported import (
    added_flags,
    lost_variables,
    misplaced,
    scripts_naming,
    scripts_rewriting,
)
from pytest_rtopt.evidence.requested import requested_by
from tests.support.observations import derivation

FLAG = "-march=skylake"
STOCK = derivation("stock", {"LC_ALL": "C", "buildPhase": "make ${GOAMD64:-v1}"})


def test_the_wrapper_adds_before_and_after() -> None:
    exported = {
        "NIX_CFLAGS_COMPILE_BEFORE": "-a",
        "NIX_CFLAGS_COMPILE": "-b  -c",
        "NIX_CXXSTDLIB_COMPILE": "-d",
    }
    added = added_flags(derivation("d", exported))
    assert (added.before, added.after) == (("-a",), ("-b", "-c"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("NIX_CFLAGS_COMPILE", None),
        ("NIX_CFLAGS_COMPILE_BEFORE", None),
        ("NIX_CFLAGS_COMPILE_FOR_BUILD", "is read only for code of another machine"),
        ("NIX_CXXSTDLIB_COMPILE", "is read for C++ only"),
        ("NIX_CXXSTDLIB_COMPILE_FOR_TARGET", "is read for C++ only"),
        ("NIX_LDFLAGS", "is read when linking only; NIX_CFLAGS_COMPILE was probably meant"),
        ("NIX_CFLAGS_LINK", "is read when linking only"),
        ("NIX_CXXFLAGS_COMPILE", "or NIX_CXXSTDLIB_COMPILE for C++ alone, was probably meant"),
        ("CFLAGS", "is read by no compiler wrapper; NIX_CFLAGS_COMPILE was probably meant"),
        ("LDFLAGS", "is read by no compiler wrapper; NIX_LDFLAGS was probably meant"),
        ("OPTIMIZE", "is read by no compiler wrapper"),
        ("makeFlags", None),
        ("configureFlags", None),
        ("preBuild", None),
        ("postInstall", None),
        ("buildPhase", None),
        ("shellHook", None),
        # No hooks, though they begin like some.
        ("preferred", "is read by no compiler wrapper"),
        ("poster", "is read by no compiler wrapper"),
        ("prE", "is read by no compiler wrapper"),
    ],
)
def test_where_a_flag_stands_in_vain(name: str, reason: str | None) -> None:
    """`preferred` and its like once were taken for hooks, and NIX_LDFLAGS for a variable of compilations."""
    found = misplaced(derivation("d", {name: f"-O3 '{FLAG}'"}), "-march=")
    if reason is None:
        assert found == ()
    else:
        (place,) = found
        assert (place.flag, place.attribute) == (FLAG, name)
        assert reason in place.reason


def test_with_structured_attributes_only_env_is_exported() -> None:
    (place,) = misplaced(
        derivation("d", {}, NIX_CFLAGS_COMPILE_BEFORE=FLAG, env={"A": FLAG}, preBuild=FLAG), FLAG
    )
    assert place.attribute == "NIX_CFLAGS_COMPILE_BEFORE"
    assert "with __structuredAttrs only what is in `env`" in place.reason


def test_lost_variables() -> None:
    assert lost_variables(STOCK, derivation("d", {"buildPhase": ""})) == ("LC_ALL",)
    assert lost_variables(STOCK, derivation("d", {**STOCK.exported, "MORE": "1"})) == ()


def test_an_emptied_variable_is_lost() -> None:
    """LC_ALL = "" was counted as kept; an attribute that is false is no variable."""
    stock = derivation("stock", {"LC_ALL": "C", "doCheck": "1", "EMPTY": ""})
    assert lost_variables(stock, derivation("d", {"LC_ALL": " ", "doCheck": "", "EMPTY": ""})) == ("LC_ALL",)


def test_hardening_that_is_switched_off_is_no_lost_variable() -> None:
    """Bug: `hardeningDisable = [ "all" ]` empties the list, and was told to keep `old.env`."""
    stock = derivation("stock", {"NIX_HARDENING_ENABLE": "bindnow format relro"})
    assert lost_variables(stock, derivation("d", {"NIX_HARDENING_ENABLE": ""})) == ()
    # Bug: `hardeningDisable = [ ]` on a package without hardening was an environment that was wiped.
    assert lost_variables(stock, derivation("d")) == ()


@pytest.mark.parametrize(
    ("line", "rewrites"),
    [
        ("for v in ${!NIX_CF*}; do unset $v; done", True),
        ("unset -v NIX_CFLAGS", True),
        ('eval "$prepared"', True),
        ("env -u NIX_CFLAGS make", True),
        ("export PATH=$PWD/fake:$PATH", True),
        ("gcc () { /usr/bin/gcc; }", True),
        ("make -j2 && cp lua $out/bin", False),
        ("export MANPATH=$out PKG_CONFIG_PATH=$out", False),
        ("echo evaluation of unsettled environments", False),
    ],
)
def test_scripts_that_change_flags_or_commands_without_naming_them(line: str, rewrites: bool) -> None:  # noqa: FBT001  # a case
    optimized = derivation("d", {**STOCK.exported, "preBuild": line, "note": "eval"})
    assert scripts_rewriting(STOCK, optimized) == (("preBuild",) if rewrites else ())
    had = derivation("stock", {"preBuild": line})
    assert scripts_rewriting(had, derivation("d", {"preBuild": f"{line}\nmore"})) == ()


def test_structuring_the_attributes_moves_variables_and_loses_none() -> None:
    """A package that took up __structuredAttrs once "lost" its name, its builder and its sources."""
    stock = derivation("stock", {"name": "lua", "out": "/out", "src": "/src", "LC_ALL": "C"})
    moved = replace(derivation("d", {"LC_ALL": "C"}, src="/src"), outputs={"out": "/out"})
    assert lost_variables(stock, moved) == ()
    wiped = replace(derivation("d", {}, src="/src"), outputs={"out": "/out"})
    assert lost_variables(stock, wiped) == ("LC_ALL",)


def test_only_scripts_that_the_overlay_changed_are_named() -> None:
    """The package's own buildPhase once was given as the place where the overlay's level stood."""
    optimized = derivation("d", {**STOCK.exported, "postInstall": "export GOAMD64=v3", "note": "GOAMD64"})
    assert scripts_naming(STOCK, optimized, "GOAMD64") == ("postInstall",)


def test_an_overlay_asks_by_what_it_changed() -> None:
    stock = derivation("stock", {"NIX_CFLAGS_COMPILE": "-march=haswell -flto", "GOAMD64": "v2"})
    same = requested_by((stock, stock))
    assert (same.marches, same.levels, same.lto, same.pgo_level) == (frozenset(), frozenset(), False, "NONE")


def test_requests_are_found_wherever_they_stand() -> None:
    assert requested_by((STOCK, derivation("d", {"A": f"x '{FLAG}'", "B": '-march=x86-64-v3"'}))).marches == {
        "skylake",
        "x86-64-v3",
    }
    assert requested_by((STOCK, derivation("d", {}, makeFlags=["MYCFLAGS=-march=znver3"]))).marches == {
        "znver3"
    }
    assert requested_by((STOCK, derivation("d", {"preBuild": "echo 'export GOAMD64=v3' > x"}))).levels == {
        "v3"
    }
    assert requested_by((STOCK, derivation("d", {"GOAMD64": "v4"}))).levels == {"v4"}
    assert requested_by((STOCK, derivation("d", {}, GOAMD64="v2"))).levels == {"v2"}


@pytest.mark.parametrize(
    ("text", "marches"),
    [
        ("sed -i 's/^CFLAGS= -O2/CFLAGS= -O3 -march=x86-64-v3/' src/Makefile", {"x86-64-v3"}),
        ("substituteInPlace a --replace-fail '-march=native)' '-march=skylake)'", {"skylake"}),
        ('rustflags = ["-Ctarget-cpu=znver3"]', {"znver3"}),
        ("-march=x86-64-v$level -march=${architecture}", set()),
    ],
)
def test_a_request_in_a_script_ends_where_its_name_does(text: str, marches: set[str]) -> None:
    """An architecture in a command of sed's was not seen, and its overlay refuted for this machine's."""
    assert requested_by((STOCK, derivation("d", {"postPatch": text}))).marches == marches


@pytest.mark.parametrize(
    ("text", "lto", "pgo"),
    [
        ("-O3 -flto=auto", True, False),
        ("-flto", True, False),
        ("-fno-lto -O3", False, False),
        ("-fprofile-generate=/x", False, True),
        ("-fprofile-use -flto", True, True),
        ("-fprofile-arcs", False, False),
    ],
)
def test_optimizations_that_flags_name(text: str, *, lto: bool, pgo: bool) -> None:
    requested = requested_by((STOCK, derivation("d", {"NIX_CFLAGS_COMPILE": text})))
    assert (requested.lto, requested.pgo_level != "NONE") == (lto, pgo)


@pytest.mark.parametrize("word", ["NODECOMPIL" * 20_000, "NODE" * 50_000, "A" * 500_000 + "DISABLE"])
def test_long_words_take_little_time(word: str) -> None:
    """Looking for a compile cache's variable once took the cube of the length of a word."""
    started = time.process_time()
    assert not requested_by((STOCK, derivation("d", {"data": word}))).compile_cache
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("text", "requested"),
    [
        ("NODE_COMPILE_CACHE=/x", True),
        ("export RTOPT_NODE_COMPILE_CACHE=1", True),
        ("NODE_COMPILER_CACHE", True),
        ("NODE_DISABLE_COMPILE_CACHE=1", False),
        ("COMPILE_CACHE", False),
    ],
)
def test_a_compile_cache_is_asked_for_by_any_spelling(text: str, *, requested: bool) -> None:
    assert requested_by((STOCK, derivation("d", {"preFixup": text}))).compile_cache is requested


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=60), max_size=4))
def test_any_attributes_can_be_read(attributes: dict[str, str]) -> None:
    optimized = derivation("d", attributes)
    assert all(march for march in requested_by((STOCK, optimized)).marches)
    assert {place.attribute for place in misplaced(optimized, "-march=")} <= attributes.keys()
