"""Names of microarchitectures: what archspec knows, and the table that the overlays read."""

from __future__ import annotations

import json

import archspec.cpu
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import ProcessError, ProfileError
from pytest_rtopt.base.resources import directory
from pytest_rtopt.hardware import microarch

REGENERATE = "python -m pytest_rtopt.hardware.microarch > overlays/microarchitectures.json"
ALL_FEATURES = sorted(
    {feature for march in microarch.known_marches() for feature in microarch.features(march)}
)


def test_known_marches_are_gcc_names() -> None:
    known = microarch.known_marches()
    assert {"skylake", "znver4", "x86-64-v3", "skylake-avx512", "icelake-client"} <= set(known)
    assert not {"zen4", "x86_64_v3", "native", "generic"} & set(known)
    assert list(known) == sorted(set(known))


def test_levels_are_no_tuning() -> None:
    assert "generic" in microarch.known_mtunes()
    assert "skylake" in microarch.known_mtunes()
    assert not [name for name in microarch.known_mtunes() if name.startswith("x86-64")]
    assert microarch.default_mtune("x86-64-v3") == "generic"
    assert microarch.default_mtune("znver3") == "znver3"


@pytest.mark.parametrize(
    ("march", "level"),
    [
        ("x86-64", 1),
        ("core2", 1),
        ("nehalem", 2),
        ("sandybridge", 2),
        ("haswell", 3),
        ("skylake", 3),
        ("znver3", 3),
        ("alderlake", 3),
        ("knl", 3),  # AVX-512, and yet without the parts that level 4 takes
        ("skylake-avx512", 4),
        ("znver4", 4),
        ("x86-64-v4", 4),
    ],
)
def test_psabi_level(march: str, level: int) -> None:
    assert microarch.psabi_level(march) == level


def test_a_level_contains_the_levels_below() -> None:
    for march in microarch.known_marches():
        for level in range(1, microarch.psabi_level(march) + 1):
            assert microarch.features(microarch.level_march(level)) <= microarch.features(march)


def test_nearest_names() -> None:
    assert microarch.nearest("skylak")[0] == "skylake"
    assert microarch.nearest("Zen4") == ("znver4",)
    assert microarch.nearest("qqqqqqqq") == ()


def test_unknown_march_is_an_error_with_the_nearest() -> None:
    with pytest.raises(ProfileError, match=r"`skylke` is not a known microarchitecture.*`skylake`"):
        microarch.features("skylke")


@pytest.mark.detection
def test_identifies_as_archspec_identifies_this_machine() -> None:
    info = archspec.cpu.detect.detected_info()
    if archspec.cpu.host().family.name != "x86_64":
        pytest.skip("archspec names no x86-64 target here")
    assert microarch.identify(info.vendor, info.features) == archspec.cpu.host().name


def test_a_hidden_feature_leaves_the_level() -> None:
    zen4 = archspec.cpu.TARGETS["zen4"].features
    assert microarch.identify("AuthenticAMD", zen4) == "zen4"
    assert microarch.identify("AuthenticAMD", zen4 - {"pku"}) == "x86_64_v4"
    assert microarch.identify("GenuineIntel", zen4) == "x86_64_v4"


@pytest.mark.parametrize(
    ("gcc_version", "march", "mtune"),
    [
        ("12.2.0", "x86-64-v4", "znver3"),  # GCC learnt znver4 in 12.3
        ("12.3.0", "znver4", "znver4"),
        ("12", "x86-64-v4", "znver3"),  # maybe 12.2
        ("15.2.0", "znver4", "znver4"),
        (None, "znver4", "znver4"),
        ("9.4.0", "znver2", "znver2"),  # before the psABI levels had names
        ("4.9.4", "x86-64", "generic"),
    ],
)
def test_gcc_names_for_zen4(gcc_version: str | None, march: str, mtune: str) -> None:
    live = archspec.cpu.TARGETS["zen4"].features
    assert microarch.gcc_names_for("AuthenticAMD", live, gcc_version) == microarch.GccNames(march, mtune)


@given(
    vendor=st.sampled_from(["GenuineIntel", "AuthenticAMD", "Unheard", None]),
    hidden=st.sets(st.sampled_from(ALL_FEATURES), max_size=4),
    gcc_version=st.sampled_from(["4.9", "8.5", "12.2.0", "14.1", None]),
)
def test_gcc_names_never_ask_for_what_is_not_live(
    vendor: str | None, hidden: set[str], gcc_version: str | None
) -> None:
    live = set(ALL_FEATURES) - hidden
    names = microarch.gcc_names_for(vendor, live, gcc_version)
    if names is None:
        assert hidden & {"sse", "sse2"}
    else:
        assert microarch.features(names.march) <= live
        assert names.mtune in microarch.known_mtunes()


def test_no_names_without_x86_64_features() -> None:
    assert microarch.gcc_names_for("GenuineIntel", set(), "12.2.0") is None
    assert microarch.identify(None, {"fp", "asimd"}) is None


def test_overlays_table_is_what_archspec_yields() -> None:
    committed = (directory("overlays") / "microarchitectures.json").read_text()
    assert committed == microarch.overlay_table(), f"regenerate it: {REGENERATE}"
    table = json.loads(committed)
    assert table["znver4"] == {"gcc": "12.3", "level": 4, "vendor": "AuthenticAMD"}
    assert table["x86-64-v3"] == {"gcc": "11.1", "level": 3, "vendor": "generic"}


def test_known_names_are_accepted_by_gcc() -> None:
    """Ask GCC itself, so that neither a misspelling nor a name of another compiler can slip in."""
    try:
        requested = process.run(["gcc", "-march=?", "-E", "-x", "c", "/dev/null"], timeout=60)
    except ProcessError:
        pytest.skip("no gcc here")
    listed = requested.error_text.split("are: ")[-1].split()
    if "skylake" not in listed:
        pytest.skip("this gcc does not list its x86 names")
    # Names that came with GCC 13 and later.
    newer = {"arrowlake", "arrowlake-s", "znver4", "znver5", "znver6"}
    assert set(microarch.known_marches()) - newer <= set(listed)
