"""Bring a toolchain of the embedded set into the store: its packages, and the program that unpacks them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.base.toolchains import LOCKS
from pytest_rtopt.sources import deb
from pytest_rtopt.sources.packages import fetch_packages
from pytest_rtopt.sources.toolchain import BUSYBOX

if TYPE_CHECKING:
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.sources.toolchain import Toolchain

_PATHS: Final = PACKAGE / "nix" / "toolchain.nix"


def add_packages_to_store(toolchain: Toolchain, nix: Nix, sources: Path, *, rust: bool) -> None:
    """Add what a toolchain is unpacked from, unless it is built already; fetch what is missing.

    `sources` is the directory of pinned sources. With `rust`, the packages of rustc and cargo are added, too.
    Raises `SourceError` where packages cannot be fetched.
    """
    paths = _paths(toolchain, nix)
    if nix.missing([paths["out"]]):
        add_busybox_to_store(toolchain, nix, sources)
        nix.add_fixed(*fetch_packages(toolchain, toolchain.packages, sources))
    if rust and nix.missing([paths["rust"]]):
        nix.add_fixed(*fetch_packages(toolchain, toolchain.rust, sources))


def add_busybox_to_store(toolchain: Toolchain, nix: Nix, sources: Path) -> str:
    """Add the program that unpacks the packages, and return its directory in the store."""
    path = _paths(toolchain, nix)["busybox"]
    if nix.missing([path]):
        [package] = fetch_packages(toolchain, [toolchain.package(BUSYBOX)], sources)
        with tempfile.TemporaryDirectory(prefix="rtopt-busybox-") as directory:
            # The program looks at the end of its path for what it is called as.
            program = Path(directory) / "busybox" / "busybox"
            program.parent.mkdir()
            program.write_bytes(deb.extract(package, "usr/bin/busybox"))
            program.chmod(0o555)
            if (added := nix.add_fixed_directory(program.parent)) != path:
                raise NixError(f"Nix added busybox as {added}, which does not match its hash; run again.")
    return path


def _paths(toolchain: Toolchain, nix: Nix) -> dict[str, str]:
    answer = nix.evaluate(_PATHS, {"toolchains": str(LOCKS), "name": toolchain.name})
    return cast("dict[str, str]", answer)
