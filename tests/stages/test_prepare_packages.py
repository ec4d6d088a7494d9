"""From settings to a package set: which toolchain builds it, and where there is no choice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.plugin.settings import parse_settings
from pytest_rtopt.sources.toolchain import read_toolchain
from pytest_rtopt.stages.packages import prepare_packages

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore


def test_the_toolchain_stands_in_the_results(pytester: pytest.Pytester, private_store: PrivateStore) -> None:
    settings = parse_settings(pytester.parseconfig("--rtopt-packages=embedded"), {})
    host = prepare_packages(replace(settings, toolchain="host"), private_store.nix)
    assert host.as_json()["toolchain"] == "host"
    toolchain = prepare_packages(settings, private_store.nix)
    assert toolchain.as_json()["toolchain"] == "debian-13"
    assert toolchain.compiler == read_toolchain("debian-13").compiler != host.compiler
    assert toolchain.gcc_version == read_toolchain("debian-13").gcc_version


def test_other_sets_have_compilers_of_their_own(
    pytester: pytest.Pytester, private_store: PrivateStore
) -> None:
    pytester.makefile(".nix", default="{ overlays }: { }")
    settings = parse_settings(
        pytester.parseconfig("--rtopt-packages=default.nix", "--rtopt-toolchain=debian-13"), {}
    )
    with pytest.raises(NixError, match=r"^--rtopt-toolchain debian-13 is for the embedded package set, and"):
        prepare_packages(settings, private_store.nix)
    plain = prepare_packages(replace(settings, toolchain=None), private_store.nix)
    assert plain.as_json()["toolchain"] is None
