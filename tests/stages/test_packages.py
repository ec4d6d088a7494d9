"""`--rtopt-builders` with a real builder: an SSH server on the loopback address with its own store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import BuildError
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.client import Nix, find_nix
from pytest_rtopt.nix.package_set import PackageSet
from pytest_rtopt.stages.packages import Packages
from tests.support.loopback_builder import loopback_builder
from tests.support.private_store import private_environment

if TYPE_CHECKING:
    from pathlib import Path

_PLAIN = """derivation {
  name = "somewhere"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo hello > $out" ];
}"""


def packages_of(nix: Nix, builders: str | None) -> Packages:
    return Packages(PackageSet("embedded", "embedded", "/x"), nix, None, None, builders=builders)


def test_a_builder_behind_ssh_builds_and_this_machine_does_not(tmp_path: Path) -> None:
    (tmp_path / "builder").mkdir()
    file = tmp_path / "plain.nix"
    file.write_text(_PLAIN)
    nix = replace(find_nix(), environment=private_environment(tmp_path / "here"))
    # This machine builds nothing itself, so that the output can only have come from there.
    nix = nix.with_settings("max-jobs = 0")
    drv = nix.instantiate(file, {})
    out = nix.derivations([drv])[drv].outputs["out"]
    with pytest.raises(BuildError):
        Builder(packages_of(nix, "").building, tmp_path / "records").build(drv)
    with loopback_builder(tmp_path / "builder", nix.store_dir) as builder:
        hired = replace(nix, environment={**nix.environment, "NIX_SSHOPTS": builder.ssh_options})
        for line in (builder.line, f"@{listed(tmp_path, builder.line)}"):
            nix.delete(out)
            Builder(packages_of(hired, line).building, tmp_path / "records").build(drv)
            assert not nix.missing([out])
            (tmp_path / "records" / "roots" / drv.rsplit("/", 1)[-1].removesuffix(".drv")).unlink()
        assert builder.has(out), "it was built in the builder's own store"


def listed(directory: Path, line: str) -> Path:
    file = directory / "machines"
    file.write_text(f"{line}\n")
    return file
