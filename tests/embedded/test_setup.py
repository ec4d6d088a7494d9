"""Phases, hooks and helpers of the embedded set do what those of nixpkgs do, seen from inside of real builds.

What is expected stands in the public sources that each test names: files of `ekala-project/corepkgs` at
9c8533e, a package set derived from nixpkgs. None of their text is here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import BuildError
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.host_builds import prepare_host_builds

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.private_store import PrivateStore

EXPRESSIONS: Final = Path(__file__).parent.parent / "data" / "nix" / "expressions"


@pytest.fixture
def built(private_store: PrivateStore, tmp_path: Path) -> Callable[[str], list[str]]:
    """Return a function from an attribute of `setup.nix` to the lines that the built package wrote."""
    nix = prepare_host_builds(private_store.nix).nix

    def build(attribute: str) -> list[str]:
        path = tmp_path / "selected.nix"
        path.write_text(f"(import {EXPRESSIONS}/setup.nix {{ embedded = {PACKAGE}/embedded; }}).{attribute}")
        drv = nix.instantiate(path, {})
        Builder(nix, tmp_path).build(drv)
        return (Path(nix.derivations([drv])[drv].outputs["out"]) / "text").read_text().splitlines()

    return build


def test_shell_options_of_phases(built: Callable[[str], list[str]]) -> None:
    """`stdenv/generic/setup.sh`: a hook that read an unset $CFLAGS ended the build ("unbound variable")."""
    assert built("options") == [
        "nounset: off",
        "errexit: on",
        "pipefail: on",
        "nullglob: on",
        "inherit_errexit: on",
        "unset: []",
        "compile: [ -frandom-]",
        "shell: /bin/bash /bin/bash gcc g++",
    ]


@pytest.mark.parametrize("attribute", ["errexit", "pipefail"])
def test_a_command_that_fails_ends_the_build(built: Callable[[str], list[str]], attribute: str) -> None:
    with pytest.raises(BuildError):
        built(attribute)


def test_hooks(built: Callable[[str], list[str]]) -> None:
    """`runHook` and `runOneHook` of `stdenv/generic/setup.sh`, `makeSetupHook` of `trivial-builders`."""
    assert built("hooks") == ["variable", "substituted array", "given last"]


def test_phases_that_a_package_adds(built: Callable[[str], list[str]]) -> None:
    assert built("order") == ["early", "configured", "late", "checked"]


def test_substitution(built: Callable[[str], list[str]]) -> None:
    """`substituteStream` of `stdenv/generic/setup.sh`."""
    assert built("substitution") == ["c\\1 & b me", "c\\1 & b you", "c\\1 & b them", "failed with 1"]


def test_lists_of_words(built: Callable[[str], list[str]]) -> None:
    """`appendToVar`, `prependToVar`, `concatTo` and `concatStringsSep` of `stdenv/generic/setup.sh`."""
    assert built("words") == ["z a b c default 5 z,a,b,c", "name-1"]


@pytest.mark.parametrize(("attribute", "scripts"), [("shellWrapper", "1"), ("binaryWrapper", "0")])
def test_a_wrapped_program(built: Callable[[str], list[str]], attribute: str, scripts: str) -> None:
    """`make-wrapper.sh`, `make-binary-wrapper.sh` and `symlinkJoin`: nixpkgs' way to wrap what is built.

    A script moves what is in a list already to where it belongs, and a compiled wrapper lists it again.
    """
    listed = {"shellWrapper": "one:two:three", "binaryWrapper": "one:two:two:three"}[attribute]
    assert built(attribute) == [
        f"hello -x y z; WHO=a b LIST={listed} at .greet-wrapped",
        "in the root",
        ".greet-wrapped",
        "greet",
        scripts,
    ]


def test_a_patched_source(built: Callable[[str], list[str]]) -> None:
    assert built("patched") == ["goodbye", "after"]


def test_small_packages_of_text(built: Callable[[str], list[str]]) -> None:
    """`trivial-builders/default.nix`."""
    assert built("text") == [
        "x",
        "a $b",
        "ran it",
        "hello app ; WHO=unset LIST=unset at greet",
        "/usr",
    ]


def test_libraries_of_inputs_are_found_when_a_program_runs(built: Callable[[str], list[str]]) -> None:
    """`bintools-wrapper/ld-wrapper.sh`: a library that NIX_LDFLAGS named was not found by the program."""
    assert built("linked") == ["42"]


def test_interpreters_of_scripts(built: Callable[[str], list[str]]) -> None:
    """`patch-shebangs.sh`; the host's interpreters stay as they are named."""
    assert built("shebangs") == ["1", "#!/bin/sh"]
