"""What the embedded set does otherwise than nixpkgs is what the documentation lists, row by row.

Each row of the table names what nixpkgs does. Its source is recorded with it here: a file of
`ekala-project/corepkgs`, a package set derived from nixpkgs, at commit
9c8533eb0c406106b0c9e20dc0a788892a9307fd. None of its text is here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.host_builds import prepare_host_builds

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore

ROOT: Final = PACKAGE.parent
ARCHITECTURE: Final = ROOT / "docs" / "architecture.md"
EXPRESSION: Final = Path(__file__).parent.parent / "data" / "nix" / "expressions" / "differences.nix"
HEADING: Final = "| what | nixpkgs | embedded set |"


@dataclass(frozen=True)
class Difference:
    """One row: its first cell, the file that says what nixpkgs does, and what is seen here, by name."""

    what: str
    source: str
    seen: dict[str, object]


DIFFERENCES: Final = (
    Difference(
        "compiler and tools",
        "stdenv/linux/default.nix",
        {"compiler": "extra flags before to /usr/bin/gcc:", "linker": "1"},
    ),
    Difference("files outside of the store", "stdenv/linux/default.nix (commonPreHook)", {"purity": "unset"}),
    Difference("run paths", "pkgs/patchelf/setup-hook.sh", {"run path": "1"}),
    Difference(
        "fixup of outputs",
        "stdenv/generic/default.nix (defaultNativeBuildInputs)",
        {"outputs": "./bin/script ./dangling ./man/man1/page.1 ./sbin/program ./text"},
    ),
    Difference(
        "interpreters of scripts", "build-support/setup-hooks/patch-shebangs.sh", {"script": "#!/bin/sh"}
    ),
    Difference(
        "hardening that the compiler lacks",
        "build-support/cc-wrapper/add-hardening.sh, pkgs/gcc/default.nix",
        {"hardening": True},
    ),
    Difference("`meta`", "stdenv/generic/check-meta.nix", {"meta": True}),
    Difference(
        "other machines", "stdenv/stage.nix (pkgsCross)", {"platforms": {"cross": False, "same": True}}
    ),
    Difference("fetchers", "build-support/rust/fetch-cargo-vendor.nix", {"fetchers": [], "crates": False}),
    Difference("tests of Go modules", "build-support/go/module.nix (doCheck)", {"goTests": False}),
    Difference(
        "Python's packages",
        "python/passthrufun.nix",
        {"pythonPackages": ["packaging", "python"], "pythonEnvironment": True},
    ),
    Difference("linkers", "stdenv/adapters.nix (useMoldLinker)", {"linkers": False}),
    Difference(
        "`writeShellApplication`", "build-support/trivial-builders/default.nix", {"shellcheck": False}
    ),
    Difference("Lua", "pkgs-many/lua/interpreter.nix", {"lua": ""}),
)


@pytest.fixture(scope="module")
def seen(private_store: PrivateStore, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Return what builds and evaluation show."""
    builds = prepare_host_builds(private_store.nix)
    nix, directory = builds.nix, tmp_path_factory.mktemp("differences")
    call = f"(import {EXPRESSION} {{ embedded = {PACKAGE}/embedded; compiler = ''{builds.compiler}''; }})"
    expressions = {name: directory / f"{name}.nix" for name in ("built", "evaluated")}
    for name, path in expressions.items():
        path.write_text(f"{call}.{name}")
    drv = nix.instantiate(expressions["built"], {})
    Builder(nix, directory).build(drv)
    text = (Path(nix.derivations([drv])[drv].outputs["out"]) / "text").read_text()
    evaluated = nix.evaluate(expressions["evaluated"], {})
    assert isinstance(evaluated, dict)
    lines = (line.partition(": ") for line in text.splitlines())
    return {**{name: value.strip() for name, _, value in lines}, **evaluated}


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.what)
def test_a_difference_is_what_it_is_said_to_be(difference: Difference, seen: dict[str, object]) -> None:
    assert {name: seen[name] for name in difference.seen} == difference.seen


def test_nothing_is_seen_that_no_row_is_about(seen: dict[str, object]) -> None:
    assert set(seen) == {name for difference in DIFFERENCES for name in difference.seen}


def test_the_documentation_has_these_rows() -> None:
    lines = ARCHITECTURE.read_text().splitlines()
    rows = []
    for line in lines[lines.index(HEADING) + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    assert [row[0] for row in rows] == [difference.what for difference in DIFFERENCES]
    assert all(len(row) == len(HEADING.strip("|").split("|")) and all(row) for row in rows)
