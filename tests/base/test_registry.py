"""The registry of runtimes, and which attribute names belong to one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.registry import NAMES, REGISTRY


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("go", "go"),
        ("go", "go_1_25"),
        ("python", "python3"),
        ("python", "python314"),
        ("nodejs", "nodejs_22"),
        ("nodejs", "nodejs-slim_24"),
        ("lua", "lua5_4"),
    ],
)
def test_another_version_is_in_the_family(name: str, attribute: str) -> None:
    assert REGISTRY[name].has_in_family(attribute)


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("go", "gopls"),
        ("go", "go-tools"),
        ("go", "buildGoModule"),
        ("python", "python313Packages"),
        ("python", "pypy3"),
        ("nodejs", "nodejs-slim-headers"),
        ("lua", "luajit"),
        ("lua", "my-lua5_4"),
        ("lua", ""),
    ],
)
def test_another_package_is_not_in_the_family(name: str, attribute: str) -> None:
    assert not REGISTRY[name].has_in_family(attribute)


@pytest.mark.parametrize("name", NAMES)
def test_a_runtime_is_in_its_own_family_and_in_no_other(name: str) -> None:
    attribute = REGISTRY[name].profile_attribute
    assert [other for other in NAMES if REGISTRY[other].has_in_family(attribute)] == [name]


@given(
    st.sampled_from(NAMES), st.text(alphabet="0123456789_", max_size=8), st.text(alphabet="a-.", max_size=2)
)
def test_only_a_version_may_follow_the_name(name: str, version: str, rest: str) -> None:
    for family in REGISTRY[name].family:
        assert REGISTRY[name].has_in_family(family + version)
        assert not rest or not REGISTRY[name].has_in_family(family + version + rest)


def test_the_settings_of_the_detected_profile_cannot_be_changed() -> None:
    for entry in REGISTRY.values():
        with pytest.raises(TypeError):
            entry.detected["enable"] = False  # type: ignore[index]
