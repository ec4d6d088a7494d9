"""Which package set a reference names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.package_set import PackageSet

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.nix.client import Nix
    from tests.support.private_store import PrivateStore


@pytest.fixture
def nix(private_store: PrivateStore) -> Nix:
    return private_store.nix


@pytest.fixture
def flake(tmp_path: Path) -> Path:
    """Return a directory with a flake, a package set and an overlay, which nothing evaluates here."""
    (tmp_path / "nixpkgs").mkdir()
    for name in ("flake.nix", "tune.nix", "nixpkgs/default.nix"):
        (tmp_path / name).write_text("{ }")
    return tmp_path


def test_without_a_reference_it_is_nixpkgs_where_that_resolves(nix: Nix, tmp_path: Path) -> None:
    assert find_package_set(None, tmp_path, nix).is_embedded
    assert find_package_set("embedded", tmp_path, nix).is_embedded
    resolving = replace(nix, environment={**nix.environment, "NIX_PATH": f"nixpkgs={tmp_path}"})
    for reference in (None, "<nixpkgs>"):
        found = find_package_set(reference, tmp_path, resolving)
        assert found == PackageSet("<nixpkgs>", "path", str(tmp_path))
    with pytest.raises(NixError, match="<nixpkgs> does not resolve; set NIX_PATH"):
        find_package_set("<nixpkgs>", tmp_path, nix)


def test_references_are_relative_to_the_root_directory(nix: Nix, flake: Path) -> None:
    assert find_package_set("nixpkgs", flake, nix).location == str(flake / "nixpkgs")
    assert find_package_set("./tune.nix", flake, nix).kind == "path"
    for reference in (".", "./", str(flake)):
        found = find_package_set(reference, flake, nix)
        assert (found.kind, found.location) == ("flake", str(flake))
        assert found.attribute_path == ("legacyPackages", "x86_64-linux")
    named = find_package_set('.#homes."me@host".pkgs', flake, nix)
    assert named.attribute_path == ("homes", "me@host", "pkgs")
    remote = find_package_set("github:owner/name#pkgs", flake, nix)
    assert (remote.kind, remote.location) == ("flake", "github:owner/name")


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("./absent.nix", "absent.nix holds neither a package set nor a flake.nix"),
        ("./nixpkgs#pkgs", "nixpkgs holds neither a package set nor a flake.nix"),
        ("", "'' is not a path, a flake reference"),
        ("absent", "'absent' is not a path, a flake reference"),
        ("absent.nix", "'absent.nix' is not a path, a flake reference"),
        (".#a..b", "'a..b' is not an attribute path"),
        ('.#a."b', "is not an attribute path"),
    ],
)
def test_a_reference_that_leads_nowhere(nix: Nix, flake: Path, reference: str, said: str) -> None:
    with pytest.raises(NixError, match="--rtopt-packages: ") as caught:
        find_package_set(reference, flake, nix)
    assert said in str(caught.value)
