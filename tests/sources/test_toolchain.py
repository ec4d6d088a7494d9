"""Toolchains by name, and their lock files: what was locked is what is read, in the form of the lock."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.toolchains import HOST, LOCKS, names
from pytest_rtopt.sources.toolchain import (
    BUSYBOX,
    Package,
    Toolchain,
    lock_text,
    parse_toolchain,
    read_toolchain,
)

LOCKED = [name for name in names() if name != HOST]
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
PACKAGES = st.builds(Package, name=TEXTS, version=TEXTS, path=TEXTS, file=TEXTS, sha256=TEXTS)
TOOLCHAINS = st.builds(
    Toolchain,
    name=st.just("any"),
    suite=TEXTS,
    packages=st.lists(PACKAGES, max_size=4).map(tuple),
    rust=st.lists(PACKAGES, max_size=4).map(tuple),
    busybox_sha256=TEXTS,
)


@given(TOOLCHAINS)
def test_what_is_locked_is_what_is_read(toolchain: Toolchain) -> None:
    assert parse_toolchain("any", json.loads(lock_text(toolchain))) == toolchain


@pytest.mark.parametrize("name", LOCKED)
def test_a_lock_file_is_as_it_was_written(name: str) -> None:
    toolchain = read_toolchain(name)
    assert (LOCKS / f"{name}.json").read_text(encoding="utf-8") == lock_text(toolchain)


@pytest.mark.parametrize("name", LOCKED)
def test_every_package_has_a_hash_a_place_and_a_name_for_the_store(name: str) -> None:
    toolchain = read_toolchain(name)
    packages = (*toolchain.packages, *toolchain.rust)
    for package in packages:
        assert re.fullmatch(r"[0-9a-f]{64}", package.sha256), package
        assert re.fullmatch(r"pool/main/\S+\.deb", package.path), package
        assert re.fullmatch(r"[A-Za-z0-9+._?=-]+", package.file), package
    assert len({package.file for package in packages}) == len(packages)
    assert toolchain.package(BUSYBOX).name == BUSYBOX


def test_the_compiler_of_debian_13_is_gcc_14() -> None:
    toolchain = read_toolchain("debian-13")
    assert re.fullmatch(r"14\.\d+\.\d+", toolchain.gcc_version)
    assert re.fullmatch(rf"gcc \(Debian {re.escape(toolchain.gcc_version)}-\S+\) \S+", toolchain.compiler)


def test_rust_of_debian_13_is_of_2025() -> None:
    assert re.fullmatch(r"rustc 1\.85\.\d+ \(Debian 1\.85\.\d+\+\S+\)", read_toolchain("debian-13").rustc)


def test_the_newest_of_two_compilers_counts() -> None:
    def gcc(major: int) -> Package:
        return Package(f"gcc-{major}", f"{major}.1.0-2", "", "", "")

    packages = (
        gcc(9),
        Package("gcc-14-base", "1", "", "", ""),
        gcc(14),
        Package("gcc", "4:14.2.0-1", "", "", ""),
    )
    toolchain = Toolchain("any", "any", packages, (), "")
    assert toolchain.gcc_version == "14.1.0"
    assert toolchain.compiler == "gcc (Debian 14.1.0-2) 14.1.0"
