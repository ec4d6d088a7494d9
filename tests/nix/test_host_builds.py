"""How builds come to see their compilers: tried in order, and said when nothing helps."""

from __future__ import annotations

import grp
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.nix import host_builds
from pytest_rtopt.nix.host_builds import Isolation, prepare_host_builds, prepare_toolchain_builds
from pytest_rtopt.sources.toolchain import read_toolchain
from pytest_rtopt.stages.toolchain import add_busybox_to_store

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.nix.client import Nix
    from tests.support.private_store import PrivateStore

TOOLCHAIN: Final = read_toolchain("debian-13")


def refusing(nix: Nix, directory: Path, condition: str) -> Nix:
    """Return `nix` with a `nix-store` that refuses to build where the shell's `condition` holds."""
    for name in ("nix-instantiate", "nix"):
        (directory / name).symlink_to(nix.directory / name)
    script = directory / "nix-store"
    script.write_text(
        f"#!/bin/bash\nif {condition}; then echo 'error: refused' >&2; exit 1; fi\n"
        f'exec {nix.directory}/nix-store "$@"\n'
    )
    script.chmod(0o755)
    return replace(nix, directory=directory)


def test_without_a_sandbox_where_that_is_refused(private_store: PrivateStore, tmp_path: Path) -> None:
    nix = refusing(private_store.nix, tmp_path, '[[ "$NIX_CONFIG" == *"sandbox = true"* ]]')
    prepared = prepare_host_builds(nix)
    assert prepared.isolation is Isolation.OPEN
    assert "sandbox = false" in prepared.nix.settings
    assert "gcc" in prepared.compiler


def test_every_refusal_is_shown(private_store: PrivateStore, tmp_path: Path) -> None:
    nix = refusing(private_store.nix, tmp_path, "true")
    with pytest.raises(NixError, match="No build can see the host's compilers") as caught:
        prepare_host_builds(nix)
    assert str(caught.value).count("error: refused") == 2


def test_missing_tools_are_named(private_store: PrivateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_builds, "_TOOLS", ("/usr/bin/gcc", "/absent/make"))
    with pytest.raises(NixError, match="these are missing: /absent/make; install them"):
        prepare_host_builds(private_store.nix)


def test_no_network_is_tried(private_store: PrivateStore) -> None:
    assert "substituters =" in prepare_host_builds(private_store.nix).nix.settings


def test_root_without_build_users_builds_itself(
    private_store: PrivateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> grp.struct_group:
        raise KeyError(name)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(grp, "getgrnam", absent)
    assert "build-users-group =" in prepare_host_builds(private_store.nix).nix.settings


def test_a_daemon_keeps_its_build_users(private_store: PrivateStore) -> None:
    nix = replace(private_store.nix, environment={**private_store.environment, "NIX_REMOTE": "local"})
    assert "build-users-group =" not in prepare_host_builds(nix).nix.settings


@pytest.fixture
def busybox(private_store: PrivateStore) -> str:
    return add_busybox_to_store(TOOLCHAIN, private_store.nix, private_store.directory / "sources")


def test_a_toolchain_needs_nothing_of_the_host(private_store: PrivateStore, busybox: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    prepared = prepare_toolchain_builds(private_store.nix, TOOLCHAIN, busybox)
    assert prepared.isolation is Isolation.CLOSED
    assert f"sandbox-paths = /bin/sh={busybox}/busybox" in prepared.nix.settings
    assert prepared.compiler == TOOLCHAIN.compiler
    assert prepared.rust == TOOLCHAIN.rustc


def test_a_toolchain_without_a_sandbox_where_that_is_refused(
    private_store: PrivateStore, busybox: str, tmp_path: Path
) -> None:
    nix = refusing(private_store.nix, tmp_path, '[[ "$NIX_CONFIG" == *"sandbox = true"* ]]')
    prepared = prepare_toolchain_builds(nix, TOOLCHAIN, busybox)
    assert prepared.isolation is Isolation.OPEN


def test_a_toolchain_that_nothing_builds_with_shows_every_refusal(
    private_store: PrivateStore, busybox: str, tmp_path: Path
) -> None:
    nix = refusing(private_store.nix, tmp_path, "true")
    with pytest.raises(NixError, match="Nix builds nothing with the toolchain debian-13") as caught:
        prepare_toolchain_builds(nix, TOOLCHAIN, busybox)
    assert str(caught.value).count("error: refused") == 2


def test_a_toolchain_asks_for_no_program_of_the_host(
    private_store: PrivateStore, busybox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_builds, "_TOOLS", ("/absent/gcc",))
    monkeypatch.setattr(host_builds, "_COMPILER", "/absent/gcc")
    prepared = prepare_toolchain_builds(private_store.nix, TOOLCHAIN, busybox)
    assert prepared.gcc_version == TOOLCHAIN.gcc_version
