"""What would be installed, from an evaluation and from a manifest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import NixError, ProfileError, ReportError
from pytest_rtopt.hardware.gate_policy import GatePolicy, Require
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.hardware.profile import parse_profile
from pytest_rtopt.nix.package_set import Instantiation, RuntimeDerivations
from pytest_rtopt.stages.installed import installed_by_evaluation, installed_by_manifest
from tests.support.gate_cases import INPUTS, OPTIMIZED, STOCK, Switch

if TYPE_CHECKING:
    from pathlib import Path

HOST = read_host()
PROFILE: dict[str, object] = {
    "packages": {"lua5_4": {"expect": {"lua/tables": 0.07, "strings": 0.02}}},
    "gate": {"require": "adopt"},
}


def edited(switch: Switch, **changes: object) -> Path:
    """Change fields of the manifest, and return its path."""
    switch.manifest.write_text(json.dumps({**json.loads(switch.manifest.read_text()), **changes}))
    return switch.manifest


@pytest.fixture
def switch(tmp_path: Path) -> Switch:
    """Return a switch with a manifest of Lua."""
    made = Switch(tmp_path)
    made.install(PROFILE)
    return made


@pytest.mark.detection
def test_both_ways_give_the_same_state(switch: Switch) -> None:
    sides = RuntimeDerivations("lua5_4", "5.4.7", STOCK, OPTIMIZED, None, None, inputs=INPUTS)
    derivations = Instantiation({"lua": sides}, overlaid=False, everything=None)
    profile = parse_profile(PROFILE, name="manifest", source="manifest.json")
    evaluated = installed_by_evaluation(derivations, profile, HOST)
    assert installed_by_manifest(switch.manifest, ["lua"], HOST) == evaluated
    assert evaluated.policy == GatePolicy(require=Require.ADOPT)
    state = evaluated.of("lua")
    assert (state.stock, state.optimized, state.inputs) == (STOCK, OPTIMIZED, INPUTS)
    assert (state.cpu_features, state.kernel) == (HOST.features, HOST.kernel)


def test_the_profile_decides_the_threshold_of_a_workload_by_either_name(switch: Switch) -> None:
    thresholds = installed_by_manifest(switch.manifest, ["lua"], HOST).of("lua").thresholds
    assert thresholds == {"lua/tables": 0.07, "lua/strings": 0.02, "lua/closures": 0.0}


def test_a_runtime_that_does_not_evaluate_has_no_state() -> None:
    derivations = Instantiation({}, overlaid=False, everything=None, failures={"lua": "no lua today"})
    profile = parse_profile({}, name="host", source="host")
    with pytest.raises(NixError, match="lua cannot be judged: no lua today"):
        installed_by_evaluation(derivations, profile, HOST).of("lua")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": 2}, "has schema 2, and this version of pytest-rtopt reads schema 1"),
        ({"schema": 0}, "manifest.json"),
        ({"runtimes": {}}, "manifest.json"),
        ({"runtimes": {"lua": {}}}, "manifest.json"),
        ({"profile": []}, "manifest.json"),
    ],
)
def test_a_manifest_of_another_form_is_refused(
    switch: Switch, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ReportError, match=words):
        installed_by_manifest(edited(switch, **changes), ["lua"], HOST)


def test_a_manifest_that_is_not_there_says_what_writes_one(switch: Switch) -> None:
    switch.manifest.unlink()
    with pytest.raises(ReportError, match="there is no such manifest; evaluate the configuration again"):
        installed_by_manifest(switch.manifest, ["lua"], HOST)


def test_a_profile_in_a_manifest_is_checked_like_any_other(switch: Switch) -> None:
    with pytest.raises(ProfileError, match=r"field `gate\.require`"):
        installed_by_manifest(edited(switch, profile={"gate": {"require": "fast"}}), ["lua"], HOST)
