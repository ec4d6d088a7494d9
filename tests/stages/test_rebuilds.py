"""Rebuild impact with a real Nix: the evaluated targets, and the rebuilds for each runtime's overlay."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.hardware.profile import parse_profile
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.targets import Targets, evaluate_targets
from pytest_rtopt.plugin.settings import parse_settings
from pytest_rtopt.results.values import Impact
from pytest_rtopt.stages.build import instantiate_runtimes
from pytest_rtopt.stages.packages import Packages
from pytest_rtopt.stages.rebuilds import ALL_OVERLAYS, rebuild_impacts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_rtopt.nix.client import Nix
    from tests.support.private_store import PrivateStore

HASWELL: Final = {"build": {"compiler": {"march": "haswell"}}}
TUNE: Final = 'final: prev: { lua5_4 = prev.lua5_4.overrideAttrs (_: { pname = "lua-mine"; }); }'
FLAKE: Final = """{
  outputs = { self }: {
    mine = import ./nixpkgs { overlays = [ (import ./tune.nix) ]; };
  };
}
"""


@dataclass(frozen=True)
class Count:
    """Counts rebuilds as a run with these settings in its environment does, for a profile's `values`."""

    config: pytest.Config
    nix: Nix
    values: Mapping[str, Any] = field(default_factory=lambda: HASWELL)

    def __call__(self, **requested: str) -> Mapping[str, Impact]:
        environment = {f"RTOPT_{name.upper()}": words for name, words in requested.items()}
        settings = parse_settings(self.config, {"RTOPT_PACKAGES": "embedded", **environment})
        found = find_package_set(settings.packages, settings.packages_base, self.nix)
        packages = Packages(replace(found, compiler="gcc (GCC) 14.2.0"), self.nix, None, None)
        profile = parse_profile(dict(self.values), name="made-up", source="made-up")
        derivations = instantiate_runtimes(settings, packages, profile)
        return rebuild_impacts(settings, packages, profile, derivations)


@pytest.fixture
def count(pytestconfig: pytest.Config, private_store: PrivateStore) -> Count:
    return Count(pytestconfig, private_store.nix)


def test_each_overlay_is_counted_on_its_own(count: Count) -> None:
    found = count(runtime="lua go python nodejs")
    assert {name: impact.rebuilt for name, impact in found.items()} == {
        "lua": ("lua-5.4.7",),
        "go": ("go-1.24.11",),
        "python": ("python3-3.13.5",),
        "nodejs": (),
    }
    targets = found["go"].targets
    assert found["go"].changed == ("go", "go_1_24")
    assert {"go", "go_1_24", "jemalloc", "lua5_4", "nodejs_24", "python313"} <= set(targets)
    nothing = replace(count, values={})(runtime="lua go python nodejs")
    assert all(impact == Impact(targets, (), (), 0) for impact in nothing.values())


def test_targets_are_named_by_attribute_path(count: Count) -> None:
    packaging = "python313Packages.packaging"
    found = count(runtime="lua python", target=f"{packaging} go")
    assert found["lua"] == Impact(("go", packaging), (), (), 0)
    assert found["python"].changed == (packaging,)
    assert found["python"].rebuilt == ("python3-3.13.5", "python3.13-packaging-25.0")


def test_a_package_beside_stock_makes_nothing_else_follow(count: Count) -> None:
    """Stock tools build the new package. They count as built, even if the new package is the only target."""
    beside = replace(count, values=HASWELL | {"packages": {"lua5_4": {"scope": "add"}}})
    found = beside(runtime="lua")["lua"]
    assert (found.changed, found.rebuilt) == (("lua5_4-optimized",), ("lua-5.4.7",))
    assert beside(runtime="lua", target="lua5_4")["lua"].rebuilt == ()
    assert beside(runtime="lua", target="lua5_4-optimized")["lua"].rebuilt == ("lua-5.4.7",)


def test_somebody_elses_overlays_are_counted_together(count: Count, tmp_path: Path) -> None:
    """Overlays that the flake already applies are not applied a second time."""
    (tmp_path / "tune.nix").write_text(TUNE)
    (tmp_path / "flake.nix").write_text(FLAKE)
    shutil.copytree(PACKAGE / "embedded", tmp_path / "nixpkgs")
    given = count(runtime="lua go", overlays=str(tmp_path / "tune.nix"))
    assert list(given) == [ALL_OVERLAYS]
    assert (given[ALL_OVERLAYS].changed, given[ALL_OVERLAYS].rebuilt) == (("lua5_4",), ("lua-mine-5.4.7",))
    assert count(runtime="lua go", packages=f"{tmp_path}#mine") == {
        ALL_OVERLAYS: replace(given[ALL_OVERLAYS], targets=("go_1_24", "lua5_4"))
    }


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("lua5_5", "--rtopt-target: there is no package lua5_5, neither in the package set nor"),
        ("python313Packages", "--rtopt-target: there is no package python313Packages, "),
        ("lua5_4.nothing.deeper", "--rtopt-target: there is no package lua5_4.nothing.deeper, "),
        ("a..b", "--rtopt-target: 'a..b' is not an attribute path"),
    ],
)
def test_a_target_that_is_no_package(count: Count, target: str, said: str) -> None:
    with pytest.raises(NixError) as caught:
        count(runtime="lua", target=f"go {target}")
    assert str(caught.value).startswith(said)


def test_a_target_that_throws(private_store: PrivateStore, tmp_path: Path) -> None:
    """It is an error if --rtopt-target names it, and is skipped otherwise."""
    file = tmp_path / "packages.nix"
    file.write_text(
        f'arguments: import {PACKAGE}/embedded arguments // {{ gone = throw "gone was removed"; }}\n'
    )
    packages = find_package_set(str(file), tmp_path, private_store.nix)
    targets = Targets(("lua5_4", "gone"), named=False, runtime_attrs=("lua5_4",))
    assert list(evaluate_targets(private_store.nix, packages, targets, None)) == ["lua5_4"]
    with pytest.raises(NixError, match="--rtopt-target: lua5_4, gone cannot be evaluated; ") as caught:
        evaluate_targets(private_store.nix, packages, replace(targets, named=True), None)
    assert "gone was removed" in str(caught.value)
