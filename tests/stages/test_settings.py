"""What follows from the settings of a run."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.nix.overlay_source import Overlay
from pytest_rtopt.stages.settings import DETECTED, BuildPolicy, FleetSettings, Settings
from tests.support.ledger_keys import key_file, secret

HERE = Path("/repository")
SETTINGS = Settings(
    profile=DETECTED,
    profile_base=HERE,
    packages=None,
    packages_base=HERE,
    build=BuildPolicy.AUTO,
    overlays=(),
    runtimes=("lua",),
    runtimes_given=False,
    targets=(),
    json=None,
    html=None,
    markdown=None,
    budget_seconds=60.0,
    ledger=HERE / "rtopt.lock.json",
    ledger_given=False,
    ledger_key=None,
    manifest=None,
    explain=False,
    bundle=None,
    fleet=FleetSettings(),
)
MINE = replace(SETTINGS, overlays=(Overlay.in_file(HERE / "mine.nix"),))


def test_a_profile_is_detected_unless_another_one_is_named() -> None:
    assert SETTINGS.detects_profile
    assert not replace(SETTINGS, profile="shoshin").detects_profile


def test_a_budget_that_was_given_is_not_shared() -> None:
    assert SETTINGS.shared_seconds == 540
    assert replace(SETTINGS, budget_given=True).shared_seconds == math.inf


@pytest.mark.parametrize(
    ("settings", "writes"),
    [
        (SETTINGS, True),
        (MINE, False),
        (replace(MINE, ledger_given=True), True),
        (replace(SETTINGS, ledger_given=True), True),
    ],
    ids=["shipped overlays", "own overlays", "own overlays and a ledger", "a ledger"],
)
def test_verdicts_on_own_overlays_need_a_ledger_of_their_own(settings: Settings, *, writes: bool) -> None:
    assert settings.writes_ledger is writes


def test_outputs_are_the_files_that_were_named() -> None:
    """The ledger of the rootdir is written by default, and nobody named it."""
    assert SETTINGS.outputs == {}
    named = replace(SETTINGS, json=HERE / "a.json", markdown=HERE / "a.md", ledger_given=True)
    assert named.outputs == {
        "--rtopt-json": HERE / "a.json",
        "--rtopt-markdown": HERE / "a.md",
        "--rtopt-ledger": HERE / "rtopt.lock.json",
    }


def test_keys_are_read_where_a_file_of_keys_is_named(tmp_path: Path) -> None:
    assert SETTINGS.keys() is None
    keys = replace(SETTINGS, ledger_key=key_file(tmp_path / "keys", secret())).keys()
    assert keys is not None
    with pytest.raises(ReportError):
        replace(SETTINGS, ledger_key=tmp_path / "absent").keys()
