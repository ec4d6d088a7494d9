"""`overlays/inputs.nix`: what of a profile, and of the files, a verdict on a runtime depends on."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.base.resources import directory

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.nix.client import Nix
    from tests.support.private_store import PrivateStore

INPUTS: Final = """{ case }:
let
  asked = builtins.fromJSON case;
in
import (/. + asked.file) {
  inherit (asked) profile name;
  overlays = map (file: /. + file) asked.overlays;
}
"""
FAMILIES: Final = """{ case }:
let
  asked = builtins.fromJSON case;
  has = runtime: attribute: builtins.match runtime.family attribute != null;
in
builtins.mapAttrs (_: runtime: builtins.filter (has runtime) asked.attributes) (import (/. + asked.file))
"""
COMPILER: Final = {"march": "skylake"}


@pytest.fixture(name="nix")
def fixture_nix(private_store: PrivateStore) -> Nix:
    return private_store.nix


@pytest.fixture(name="here")
def fixture_here(tmp_path: Path) -> Path:
    (tmp_path / "inputs.nix").write_text(INPUTS)
    (tmp_path / "families.nix").write_text(FAMILIES)
    return tmp_path


def evaluate(nix: Nix, expression: Path, **case: object) -> Any:  # noqa: ANN401  # JSON
    return nix.evaluate(expression, {"case": json.dumps(case)})


def profile_hash(nix: Nix, here: Path, name: str, **packages: object) -> str:
    found = evaluate(
        nix,
        here / "inputs.nix",
        file=str(directory("overlays") / "inputs.nix"),
        name=name,
        profile={"build": {"compiler": COMPILER}, "packages": packages},
        overlays=[str(directory("overlays") / REGISTRY[name].overlay)],
    )
    return str(found["profile"])


@pytest.mark.parametrize(
    ("name", "own", "other"),
    [
        ("go", "go_1_24", "google-chrome"),
        ("go", "go_1_24", "go-task"),
        ("lua", "lua5_4", "luajit"),
        ("lua", "lua5_4", "luarocks"),
        ("rust", "rust", "rustdesk"),
        ("python", "python313", "pythonpackage"),
        ("nodejs", "nodejs_24", "nodejs-extras"),
    ],
)
def test_another_package_whose_name_begins_alike_is_no_input(
    nix: Nix, here: Path, name: str, own: str, other: str
) -> None:
    """`packages.google-chrome` made Go stale, and `packages.luajit` made Lua stale."""
    alone = profile_hash(nix, here, name, **{own: {"enable": True}})
    assert profile_hash(nix, here, name, **{own: {"enable": True}, other: {"memoryLimit": 4}}) == alone


@pytest.mark.parametrize(
    ("name", "own", "version"),
    [
        ("go", "go_1_24", "go_1_25"),
        ("nodejs", "nodejs_24", "nodejs-slim_22"),
        ("python", "python313", "python314"),
    ],
)
def test_another_version_is_an_input(nix: Nix, here: Path, name: str, own: str, version: str) -> None:
    alone = profile_hash(nix, here, name, **{own: {"enable": True}})
    assert profile_hash(nix, here, name, **{own: {"enable": True}, version: {"enable": True}}) != alone


def test_what_is_hashed_of_a_profile_stays_as_it_was(nix: Nix, here: Path) -> None:
    """Ledgers hold this hash: another form of the same profile would make every verdict stale."""
    settings = {"enableLTO": True, "pgoLevel": "LIGHT"}
    text = json.dumps(
        {"compiler": COMPILER, "packages": [{"name": "lua5_4", "settings": settings}]},
        separators=(",", ":"),
        sort_keys=True,
    )
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert profile_hash(nix, here, "lua", go_1_24={"goamd64": "v3"}, lua5_4=settings) == expected


def test_nix_and_python_have_the_same_families(nix: Nix, here: Path) -> None:
    attributes = [
        *("go", "go_1_24", "go_1_25", "google-chrome", "gopls", "lua", "lua5_4", "luajit", "luajit_2_1"),
        *("nodejs", "nodejs_24", "nodejs-slim_24", "nodejs-slim", "nodejs2nix", "rust", "rust_1_85", "rustc"),
        *("python3", "python313", "python3Packages", "python313-optimized", "lua5_4\n"),
    ]
    registry = str(directory("overlays") / "runtimes.nix")
    found = evaluate(nix, here / "families.nix", file=registry, attributes=attributes)
    expected = {
        name: [attribute for attribute in attributes if known.has_in_family(attribute)]
        for name, known in REGISTRY.items()
    }
    assert found == expected
    assert expected["go"] == ["go", "go_1_24", "go_1_25"]


def test_every_file_that_an_overlay_leaves_work_to_counts_as_its_text() -> None:
    """Bug: Go's collector was patched by a file of its own, whose changes left old verdicts standing."""
    overlays = directory("overlays")
    counted = set(re.findall(r'^    "(.*\.nix)"$', (overlays / "inputs.nix").read_text(), re.MULTILINE))
    shared = {"lib.nix"}
    for runtime in REGISTRY.values():
        text = (overlays / runtime.overlay).read_text()
        assert set(re.findall(r"import \./([\w.-]+\.nix)", text)) <= counted | shared, runtime.overlay
    assert {"go-collector.nix", "gcc-interpreter.nix", "rust-upstream.nix"} == counted
