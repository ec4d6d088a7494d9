"""How builds come to see the host's compilers: tried in order, and said when nothing helps."""

from __future__ import annotations

import grp
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.nix import host_builds
from pytest_rtopt.nix.host_builds import Isolation, prepare_host_builds

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.nix.client import Nix
    from tests.support.private_store import PrivateStore


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
