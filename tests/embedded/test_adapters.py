"""Adapters, defaults and arguments of the embedded set mean what those of nixpkgs mean; all by evaluation.

What is expected stands in the public sources that each test names: files of `ekala-project/corepkgs` at
9c8533e, a package set derived from nixpkgs. None of their text is here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.private_store import PrivateStore

EXPRESSIONS: Final = Path(__file__).parent.parent / "data" / "nix" / "expressions"
# `stdenv/generic/make-derivation.nix` and `build-support/bintools-wrapper/default.nix`
DEFAULT_HARDENING: Final = (
    "bindnow format fortify fortify3 libcxxhardeningextensive libcxxhardeningfast pic relro "
    "stackclashprotection stackprotector strictoverflow zerocallusedregs"
)


@pytest.fixture
def evaluated(private_store: PrivateStore, tmp_path: Path) -> Callable[[str], object]:
    """Return a function from an expression over `x`, which is `setup.nix`, and `set` to its value."""

    def evaluate(expression: str) -> object:
        path = tmp_path / "selected.nix"
        path.write_text(
            f"let embedded = {PACKAGE}/embedded; x = import {EXPRESSIONS}/setup.nix {{ inherit embedded; }}; "
            f'set = more: import embedded ({{ compiler = "gcc 12.2.0"; }} // more); in {expression}'
        )
        return private_store.nix.evaluate(path, {})

    return evaluate


def test_what_is_the_default_anyway_changes_nothing(evaluated: Callable[[str], object]) -> None:
    """`stdenv/generic/make-derivation.nix`: here `doCheck = false` once made another derivation."""
    assert evaluated("x.defaults") == {
        "doCheck": True,
        "empty": True,
        "passthru": True,
        "meta": True,
        "check": False,
        "mainProgram": "luac",
    }


def test_hardening_by_name(evaluated: Callable[[str], object]) -> None:
    """`stdenv/generic/make-derivation.nix`: without the weaker form there is no stronger one."""
    assert evaluated("x.hardening") == {
        "nothing": None,
        "disabled": " ".join(
            word for word in DEFAULT_HARDENING.split() if not word.startswith(("fortify", "libcxxhardening"))
        ),
        "enabled": f"{DEFAULT_HARDENING.removeprefix('bindnow ')} trivialautovarinit",
        "all": "",
        "ofEnvironment": "pic",
        "byDefault": DEFAULT_HARDENING.split(),
        "less": "pic relro",
    }


def test_an_unknown_name_of_hardening_is_an_error(evaluated: Callable[[str], object]) -> None:
    with pytest.raises(NixError, match="unsupported hardening flags"):
        evaluated("x.unknownHardening")


def test_adapters(evaluated: Callable[[str], object]) -> None:
    """`stdenv/adapters.nix`; linkers are chosen in `env`, as in newer nixpkgs; older ones clash with it."""
    assert evaluated("x.adapters") == {
        "withCFlags": " -O3 -pipe",
        "ofString": " -O3",
        "composed": " -O3 -g",
        "keepsEnv": "C",
        "native": [" -march=native", False, True, False],
        "added": "lost",
        "debug": " -ggdb -Og",
        "linkers": [" -fuse-ld=mold", " -fuse-ld=gold"],
        "null": True,
        "derivation": "lua-5.4.7",
        "ofLib": "renamed",
        "whole": [" -O3", True, True],
    }


def test_arguments_of_python(evaluated: Callable[[str], object]) -> None:
    """`python/cpython/default.nix` and `python/passthrufun.nix`: packages do not change the interpreter."""
    assert evaluated("x.python") == {
        "sameBytes": True,
        "added": 1,
        "beside": [True, True, True],
        "optimized": "made",
        "reproducible": "made",
        "wrong": ["refused", "refused", "refused"],
        "flags": [
            "--without-ensurepip",
            "--enable-loadable-sqlite-extensions",
            "--enable-shared",
            "--enable-gil",
            "--enable-optimizations",
        ],
        "pythonVersion": "3.13",
        "sitePackages": "lib/python3.13/site-packages",
        "implementation": "cpython",
        "executable": "python3.13",
        "pythonAttr": "python313",
    }


def test_a_tuned_platform(evaluated: Callable[[str], object]) -> None:
    """`cc-wrapper/default.nix` (machineFlags): it is in the compiler, and no package says so."""
    lua = '.lua5_4.NIX_CFLAGS_COMPILE or "nothing"'
    tuned = '(set { localSystem = { system = "x86_64-linux"; gcc.arch = "skylake"; }; })'
    assert evaluated(f"[ {tuned}.stdenv.cc.before {tuned}.stdenv.hostPlatform.gcc.arch ({tuned}{lua}) ]") == [
        "-fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -march=skylake",
        "skylake",
        "nothing",
    ]
    assert evaluated(f"{tuned}.lua5_4.drvPath == (set {{ }}).lua5_4.drvPath") is False
    assert evaluated(f"let p = {tuned}.stdenv; in p.hostPlatform == p.buildPlatform") is True


def test_a_stdenv_of_the_configuration(evaluated: Callable[[str], object]) -> None:
    """`config.replaceStdenv` and `config.packageOverrides` of `stdenv/default.nix` and `stdenv/stage.nix`."""
    replaced = 'set { config.replaceStdenv = { pkgs }: pkgs.withCFlags "-O3" pkgs.stdenv; }'
    assert evaluated(f"({replaced}).lua5_4.NIX_CFLAGS_COMPILE") == " -O3"
    overrides = "set { config.packageOverrides = prev: { added = prev.lua5_4.pname; }; }"
    assert evaluated(f"({overrides}).added") == "lua"


def test_further_overlays(evaluated: Callable[[str], object]) -> None:
    one, two = "(_: _: { a = 1; })", "(_: prev: { a = prev.a + 1; })"
    assert evaluated(f"((set {{ overlays = [ {one} ]; }}).appendOverlays [ {two} {two} ]).a") == 3
    assert evaluated(f"((set {{ overlays = [ {one} ]; }}).extend {two}).a") == 2


def test_a_missing_argument_is_named(evaluated: Callable[[str], object]) -> None:
    """`lib.callPackageWith`."""
    with pytest.raises(NixError, match='without required argument "absent"'):
        evaluated("(set { }).callPackage ({ absent }: absent) { }")
    assert evaluated("((set { }).callPackage ({ lib, more ? 1 }: { inherit more; }) { }).more") == 1
