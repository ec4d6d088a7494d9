"""When overlays are judged by their own requests, and what is known about them before a build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest

from pytest_rtopt.nix.package_set import Instantiation
from pytest_rtopt.stages.observe import ForeignOverlays, foreign_overlays, judges_by_overlay_requests
from tests.support.observations import derivation, side

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.stages.settings import Settings

NOTHING = Instantiation({}, overlaid=False, everything=None)


@dataclass(frozen=True)
class Chosen:
    """The part of the settings that decides."""

    detects_profile: bool
    uses_shipped_overlays: bool


@pytest.mark.parametrize(
    ("detects", "shipped", "overlaid", "by_requests"),
    [
        pytest.param(True, True, False, False, id="our overlays"),
        pytest.param(True, False, False, True, id="the user's overlays"),
        pytest.param(True, True, True, True, id="packages that are overlaid already"),
        pytest.param(False, False, False, False, id="the user's overlays with a profile of the user"),
        pytest.param(False, True, True, False, id="overlaid packages with a profile of the user"),
    ],
)
def test_a_profile_that_the_user_named_is_what_counts(
    *, detects: bool, shipped: bool, overlaid: bool, by_requests: bool
) -> None:
    settings = cast("Settings", Chosen(detects, shipped))
    derivations = Instantiation({}, overlaid=overlaid, everything=None)
    assert judges_by_overlay_requests(settings, derivations) is by_requests


def test_texts_are_those_of_files_and_any_bytes_are_read(tmp_path: Path) -> None:
    """A directory of a flake is no text, and a comment may be in any encoding."""
    (tmp_path / "a.nix").write_bytes(b"# caf\xe9\nfinal: prev: { }")
    found = foreign_overlays([tmp_path / "a.nix", tmp_path, tmp_path / "absent"], NOTHING)
    assert found.texts == ("# caf\ufffd\nfinal: prev: { }",)


def test_changed_packages_are_counted_in_a_small_set_only() -> None:
    stock = {"lua5_4": "a", "go_1_24": "b", "gone": "c"}
    optimized = {"lua5_4": "a", "go_1_24": "B", "new": "d"}
    small = Instantiation({}, overlaid=False, everything=(stock, optimized))
    assert foreign_overlays([], small).rebuilt == 2
    assert foreign_overlays([], NOTHING).rebuilt is None


def test_what_all_packages_are_built_for_is_kept() -> None:
    tuned = Instantiation(
        {}, overlaid=True, everything=None, platform={"arch": "skylake"}, stdenv_flags=("-O3",)
    )
    assert foreign_overlays([], tuned) == ForeignOverlays((), None, {"arch": "skylake"}, ("-O3",))


def test_definitions_are_those_of_the_runtimes_attribute_without_comments() -> None:
    text = """final: prev: {
  # -O1 was here
  lua5_4 = prev.lua5_4.overrideAttrs { CFLAGS = "-O3"; };
  go_1_24 = prev.go_1_24.overrideAttrs { CFLAGS = "-O2"; };
}
"""
    stock = side(derivation("stock"), {})
    about = ForeignOverlays((text,), None).about("lua5_4", stock, stock)
    assert "-O3" in about.definitions
    assert "-O2" not in about.definitions
    assert "-O2" in about.whole
    assert "-O1" not in about.whole
    assert about.patches == ""
