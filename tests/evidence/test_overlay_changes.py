"""Whether what an overlay changed could be meant to make anything faster."""

from __future__ import annotations

import pytest

from pytest_rtopt.evidence.overlay_changes import changes_of
from tests.support.observations import derivation

EXPORTED = {"name": "lua-5.4.7", "src": "/s/a", "NIX_HARDENING_ENABLE": "bindnow fortify"}
STOCK = derivation("lua-5.4.7", EXPORTED)


def changed(attributes: dict[str, str]) -> tuple[tuple[str, ...], bool, str | None]:
    """Return what is found of an overlay that gives the derivation these attributes."""
    found = changes_of((STOCK, derivation("o", {**EXPORTED, **attributes})))
    return found.names, found.flags, found.promise


@pytest.mark.parametrize(
    "attributes",
    [
        {"doCheck": ""},
        {"doCheck": "", "doInstallCheck": "", "checkPhase": "true"},
        {"name": "lua-5.4.8", "version": "5.4.8", "src": "/s/b"},
        {"patches": "/s/fix.patch"},
        {"buildInputs": "/s/readline"},
        {"postInstall": 'wrapProgram $out/bin/lua --set LUA_PATH "/x/?.lua"'},
        {"checkFlags": "-O3 -march=skylake"},
        {"pname": "my-lua"},
        {"name": "breakfast-5.4.7"},
        # Bug: each of these was measured, as if it could make anything faster.
        {"NIX_CFLAGS_COMPILE": "-ggdb -Wno-error=format-security"},
        {"NIX_CFLAGS_COMPILE": "-std=gnu17 -fcommon -isystem /s/include"},
        {"makeFlags": "PREFIX=/s/o MYCFLAGS=-DLUA_COMPAT_5_3"},
        {"configureFlags": "--with-system-expat --sysconfdir=/etc --enable-ipv6"},
        {"ldflags": "-X main.version=1"},
        {"NIX_LDFLAGS": "-lm"},
        {"NIX_HARDENING_ENABLE": "bindnow fortify pie"},
        {"hardeningEnable": "pie", "NIX_HARDENING_ENABLE": "bindnow fortify pie"},
        {"NIX_CFLAGS_COMPILE": ""},
        {"NIX_CFLAGS_COMPILE": "-Wp,-D_FORTIFY_SOURCE=3 -fno-omit-frame-pointer"},
        {"postPatch": "sed -i 's/-march=native//' src/Makefile"},
        {"cargoBuildFlags": "--bin hello --no-default-features"},
        {"postInstall": "rm -fr $out/share/doc; find $out -maxdepth 1 -follow"},
    ],
)
def test_what_people_change_for_other_reasons_asks_for_nothing(attributes: dict[str, str]) -> None:
    """Bug: an overlay of `doCheck = false` was rejected, held to the detected profile."""
    assert changed(attributes) == (tuple(sorted(attributes)), False, None)


@pytest.mark.parametrize(
    "attributes",
    [
        {"NIX_CFLAGS_COMPILE": "-fomit-frame-pointer"},
        {"configureFlags": "--with-jit"},
        {"makeFlags": "MYCFLAGS=-funroll-loops"},
        {"NIX_HARDENING_ENABLE": "bindnow"},
        {"hardeningDisable": "fortify"},
        {"NIX_CFLAGS_COMPILE": "-DNDEBUG"},
        {"NIX_CFLAGS_COMPILE": "-g -frename-registers"},
        {"makeFlags": "MYLDFLAGS=-Wl,-O1"},
        {"makeFlags": "CC=clang"},
        {"makeFlags": "BUILDMODE=static"},
        {"configureFlags": "--disable-assertions"},
        {"NIX_LDFLAGS": "-ljemalloc"},
        {"cargoBuildFlags": "--profile=release-lto"},
        # Bug: nobody measured these.
        {"cargoBuildType": "release-lto"},
        {"CARGO_PROFILE_RELEASE_OPT_LEVEL": "3"},
        {"postPatch": 'printf "[profile.release]\\nopt-level = 3\\n" >> Cargo.toml'},
        {"preBuild": "sed -i 's/-O2/-O3/' src/Makefile"},
        {"preBuild": "export RUSTFLAGS='-C opt-level=3'"},
        {"RUSTFLAGS": "-Ctarget-cpu=skylake"},
    ],
)
def test_changed_flags_could_optimize(attributes: dict[str, str]) -> None:
    assert changed(attributes)[1:] == (True, None)


def test_hardening_that_was_absent_and_is_listed_was_reduced() -> None:
    """The usual hardening has no list; `hardeningDisable` makes one, and nixpkgs may not export that."""
    usual, listed = derivation("s"), derivation("o", {"NIX_HARDENING_ENABLE": "bindnow"})
    assert changes_of((usual, listed)).flags
    assert not changes_of((listed, usual)).flags


def test_another_order_of_flags_is_a_change_of_flags() -> None:
    stock, turned = (
        derivation(name, {"CFLAGS": flags}) for name, flags in (("s", "-O2 -O3"), ("o", "-O3 -O2"))
    )
    assert changes_of((stock, turned)).flags


@pytest.mark.parametrize(
    "name",
    ["lua-skylake-optimized", "lua-optimised", "lua-native-5.4", "lua-znver3", "python-pgo", "lua-avx2"],
)
def test_a_name_can_promise_an_optimization(name: str) -> None:
    assert changed({"name": name}) == (("name",), False, name)


def test_many_changes_are_counted_in_words() -> None:
    optimized = derivation("o", {f"x{number}": "1" for number in range(12)})
    words = changes_of((derivation("s"), optimized)).in_words()
    assert words.endswith("and 4 more")
    assert changes_of((STOCK, STOCK)).in_words() == "nothing that its derivation shows"


def test_a_script_that_names_gos_level_promises_it() -> None:
    """Bug: a script that only answers `go env GOAMD64` was taken for one that asks for nothing."""
    assert changed({"postInstall": 'if [ "$*" = "env GOAMD64" ]; then echo v3; fi'})[2] == "postInstall"
