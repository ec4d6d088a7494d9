"""Whose code a tuned platform or standard environment reaches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_rtopt.nix.package_set import Instantiation, RuntimeDerivations
from pytest_rtopt.results.values import PlatformReach, StorePaths
from pytest_rtopt.runtimes import NAMES
from pytest_rtopt.runtimes import runtime as runtime_named
from pytest_rtopt.stages.platform_reach import platform_reach

SIDES = RuntimeDerivations("x", "1", StorePaths("a", "a"), StorePaths("b", "b"), None, None)
TUNED = Instantiation(
    dict.fromkeys(NAMES, SIDES),
    overlaid=True,
    everything=None,
    platform={"tune": "znver3", "arch": "skylake"},
    stdenv_flags=("-O3", "-g"),
)


@pytest.mark.parametrize("name", NAMES)
def test_the_c_compiler_gets_it_and_no_other(name: str) -> None:
    reach = platform_reach(runtime_named(name), TUNED)
    assert reach is not None
    assert reach.settings == {"gcc.arch": "skylake", "gcc.tune": "znver3", "flags": "-O3 -g"}
    assert reach.reached == (name not in ("go", "rust"))
    assert (reach.instead is None) == reach.reached


def test_nothing_is_told_of_plain_packages() -> None:
    plain = replace(TUNED, platform={}, stdenv_flags=())
    assert platform_reach(runtime_named("lua"), plain) is None


def test_what_is_not_compiled_is_not_reached() -> None:
    prebuilt = replace(TUNED, runtimes={"nodejs": replace(SIDES, prebuilt=True)}, stdenv_flags=())
    assert platform_reach(runtime_named("nodejs"), prebuilt) == PlatformReach(
        {"gcc.arch": "skylake", "gcc.tune": "znver3"}, reached=False
    )
