"""The gate settings of a profile."""

from __future__ import annotations

import pytest

from pytest_rtopt.base.errors import ProfileError
from pytest_rtopt.hardware.gate_policy import GatePolicy, Require, Stale
from pytest_rtopt.hardware.profile import parse_profile


def test_the_policy_is_read_from_the_profile() -> None:
    requested = {"require": "adopt", "stale": "warn", "runtimes": ["go"], "later": {"kept": 1}}
    profile = parse_profile({"gate": requested}, name="mine", source="mine.nix")
    assert profile.gate == GatePolicy(Require.ADOPT, Stale.WARN, ("go",))
    assert profile.values["gate"] == requested
    assert parse_profile({}, name="mine", source="mine.nix").gate == GatePolicy()


@pytest.mark.parametrize(
    "gate", [{"require": "fast"}, {"stale": "ignore"}, {"runtimes": ["perl"]}, {"runtimes": "go"}, "adopt"]
)
def test_an_impossible_policy_names_the_field(gate: object) -> None:
    with pytest.raises(ProfileError, match=r"mine\.nix: field `gate"):
        parse_profile({"gate": gate}, name="mine", source="mine.nix")


def test_each_setting_has_a_default_of_its_own() -> None:
    profile = parse_profile({"gate": {"stale": "warn"}}, name="mine", source="mine.nix")
    assert profile.gate == GatePolicy(Require.NO_REGRESSION, Stale.WARN, ())


def test_an_unknown_runtime_is_answered_with_those_there_are() -> None:
    with pytest.raises(ProfileError, match=r'field `gate\.runtimes`: expected a list of some of .*"lua"'):
        parse_profile({"gate": {"runtimes": ["perl"]}}, name="mine", source="mine.nix")
