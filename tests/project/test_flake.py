"""The flake, the template and the files for CI: evaluated, and held against what the project really has."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_rtopt import runtimes
from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.generate.bundle import Bundle
from pytest_rtopt.plugin.options import OPTIONS
from tests.support.nixpkgs_sets import OF_2026, UNTIL_25_11

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore

ROOT: Final = Path(__file__).resolve().parent.parent.parent
TEMPLATE: Final = ROOT / "templates" / "home-manager"
SKYLAKE: Final = {"build": {"compiler": {"march": "skylake"}}}


def evaluate(store: PrivateStore, profile: object) -> Any:  # noqa: ANN401  # JSON
    case = {"flake": str(ROOT), "embedded": str(PACKAGE / "embedded"), "profile": profile}
    return store.nix.evaluate(ROOT / "tests" / "data" / "flake.nix", {"case": json.dumps(case)})


def test_the_outputs_are_those_that_the_guide_uses(private_store: PrivateStore) -> None:
    found = evaluate(private_store, SKYLAKE)
    assert set(found["names"]["overlays"]) == {"default", *runtimes.NAMES}
    assert set(found["names"]["lib"]) == {"mkProfile", "mkOverlays"}
    assert "default" in found["names"]["homeManagerModules"]
    assert "default" in found["names"]["nixosModules"]
    assert found["files"]
    lua = found["lua"]
    assert lua["overlay"] == lua["every"] == lua["list"] != lua["stock"]


def test_a_profile_is_made_of_a_shipped_one_and_changes(private_store: PrivateStore) -> None:
    profile = evaluate(private_store, {"from": "shoshin", "cpu": {"cores": 8}})["profile"]
    assert profile["cpu"] == {
        "vendor": "intel",
        "model": "i7-6700K",
        "family": "skylake",
        "cores": 8,
        "threads": 8,
    }
    with pytest.raises(NixError, match='there is no profile "nobody"; shipped are'):
        evaluate(private_store, {"from": "nobody"})
    with pytest.raises(NixError, match='"skylark" is not an x86-64 architecture'):
        evaluate(private_store, {"build": {"compiler": {"march": "skylark"}}})


def test_the_flake_that_the_readme_shows_evaluates(private_store: PrivateStore, tmp_path: Path) -> None:
    """In a repository with the profile that `-m generate` writes, and the other files of the template."""
    shown = re.search(r"```nix\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert shown is not None
    shutil.copytree(TEMPLATE, tmp_path, dirs_exist_ok=True)
    flake = tmp_path / "flake.nix"
    flake.write_text(shown[1])
    profile = Bundle(tmp_path / "rtopt").profile("host")
    profile.parent.mkdir(parents=True)
    shutil.copy(TEMPLATE / "profiles" / "hardware" / "me.nix", profile)
    case = {
        "project": str(ROOT),
        "embedded": str(PACKAGE / "embedded"),
        "flake": str(flake),
        "package": sys.prefix,
    }
    found = private_store.nix.evaluate(ROOT / "tests" / "data" / "readme.nix", {"case": json.dumps(case)})
    assert isinstance(found, dict)
    assert set(found["runtimes"]) <= set(runtimes.NAMES)
    assert found["packageIsOurs"]
    assert "writeBoundary" in found["evaluated"]["before"]
    assert f"--rtopt-runtime={found['runtimes'][0]}" in found["evaluated"]["check"]


def test_the_package_depends_on_what_the_project_depends_on(private_store: PrivateStore) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[<>=]", line)[0] for line in declared}
    formals = set(evaluate(private_store, SKYLAKE)["formals"])
    assert formals - {"lib", "buildPythonPackage", "hatchling", "makeWrapper", "python"} == names


@pytest.mark.parametrize(
    "file", [".github/workflows/rtopt.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml", "pyproject.toml"]
)
def test_files_for_ci_name_options_that_there_are(file: str) -> None:
    text = (TEMPLATE / file).read_text()
    known = {option.flag for option in OPTIONS} | {option.variable for option in OPTIONS}
    used = set(re.findall(r"--rtopt-[a-z-]+", text)) | set(re.findall(r"RTOPT_[A-Z]+(?=:)", text))
    assert used <= known
    keys = re.findall(r"^(rtopt_[a-z]+)", text, re.MULTILINE)
    assert set(keys) <= {option.ini for option in OPTIONS}


@pytest.mark.parametrize(("shape", "go"), [(UNTIL_25_11, "go_1_24"), (OF_2026, "go")])
def test_the_template_evaluates_on_each_shape_of_nixpkgs(
    private_store: PrivateStore, shape: str, go: str
) -> None:
    """Bug: a runtime that the package set does not have ended the evaluation for all of them."""
    case = {
        "embedded": str(PACKAGE / "embedded"),
        "package": sys.prefix,
        "project": str(ROOT),
        "shape": shape,
        "template": str(TEMPLATE),
    }
    found = private_store.nix.evaluate(ROOT / "tests" / "data" / "template.nix", {"case": json.dumps(case)})
    assert isinstance(found, dict)
    assert found["inShell"] == [sys.prefix]
    assert "writeBoundary" in found["before"]
    assert found["judged"] == {
        "go": go,
        "lua": "lua5_4",
        "nodejs": "nodejs_24",
        "python": "python313",
        "rust": "rustc",
    }
    assert all(f" {name}=" in found["check"] for name in found["judged"])
    # Each package of the home is another one under the overlays that the suites judge.
    assert not set(found["stock"]) & set(found["optimized"])
