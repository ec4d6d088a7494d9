"""The toolchain debian-13 in the tests' own store, and what the embedded set builds with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.host_builds import HostBuilds, prepare_toolchain_builds
from pytest_rtopt.sources.toolchain import read_toolchain
from pytest_rtopt.stages.toolchain import add_busybox_to_store, add_packages_to_store

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore

NAME: Final = "debian-13"


@dataclass(frozen=True)
class ToolchainBuilds:
    """Builds of the embedded set with the toolchain, with records in `directory`.

    `busybox` is the program that unpacks the toolchain.
    """

    builds: HostBuilds
    busybox: str
    directory: Path

    def build(self, expression: str) -> Path:
        """Build what an expression makes of the embedded set, `packages`, and return its output."""
        nix = self.builds.nix
        file = self.directory / "wanted.nix"
        file.write_text(
            f'let packages = import {PACKAGE}/embedded {{ compiler = "{self.builds.compiler}"; '
            f'rust = "{self.builds.rust}"; toolchain = "{NAME}"; }}; in {expression}\n'
        )
        drv = nix.instantiate(file, {})
        Builder(nix, self.directory).build(drv)
        return Path(nix.derivations([drv])[drv].outputs["out"])


def toolchain_builds(store: PrivateStore, directory: Path) -> ToolchainBuilds:
    """Return builds with the toolchain, whose packages are fetched once for all runs."""
    toolchain = read_toolchain(NAME)
    sources = store.directory / "sources"
    busybox = add_busybox_to_store(toolchain, store.nix, sources)
    builds = prepare_toolchain_builds(store.nix, toolchain, busybox)
    add_packages_to_store(toolchain, builds.nix, sources, rust=True)
    return ToolchainBuilds(builds, f"{busybox}/busybox", directory)
