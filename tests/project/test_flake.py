"""The flake, the template and the files for CI: evaluated, and held against what the project really has."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_rtopt import runtimes
from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.plugin.options import OPTIONS

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


def test_the_package_depends_on_what_the_project_depends_on(private_store: PrivateStore) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[<>=]", line)[0] for line in declared}
    formals = set(evaluate(private_store, SKYLAKE)["formals"])
    assert formals - {"lib", "buildPythonPackage", "hatchling"} == names


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
