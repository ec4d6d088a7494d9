"""Toolchains of the embedded package set: the packages of a Debian release, pinned by SHA-256.

`embedded/toolchains/NAME.json` has an entry for each package. `toolchain_lock.py` writes it, and the Nix code
of the set reads it, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from pytest_rtopt.base.toolchains import LOCKS

BUSYBOX: Final = "busybox-static"
"""The package with the program that unpacks the others."""


@dataclass(frozen=True)
class Package:
    """A binary package: its Debian version, its path in the archive, and its SHA-256 in hexadecimal.

    `file` is the name that it has here: the last part of `path`, in the letters that Nix allows in the name
    of a store path.
    """

    name: str
    version: str
    path: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Toolchain:
    """A toolchain: its name, the suite that its packages come from, and the packages.

    `rust` are the packages that rustc and cargo need beside those. `busybox_sha256` is the hash of the NAR of
    a directory with the program of `BUSYBOX`, which unpacks the others.
    """

    name: str
    suite: str
    packages: tuple[Package, ...]
    rust: tuple[Package, ...]
    busybox_sha256: str

    def package(self, name: str) -> Package:
        """Return the package of this name; raises `KeyError` if the toolchain does not have it."""
        return {package.name: package for package in (*self.packages, *self.rust)}[name]

    @property
    def gcc_version(self) -> str:
        """The version of the compiler, such as "14.2.0"."""
        return self._gcc.version.partition("-")[0]

    @property
    def compiler(self) -> str:
        """The line by which the compiler introduces itself, as `gcc --version` prints it."""
        return f"gcc (Debian {self._gcc.version}) {self.gcc_version}"

    @property
    def rustc(self) -> str:
        """The line by which rustc introduces itself, with the Debian version of its package."""
        version = self.package("rustc").version
        return f"rustc {version.partition('+')[0].partition('-')[0]} (Debian {version})"

    @property
    def _gcc(self) -> Package:
        # `gcc` itself is a package of links to the one whose name has the version: gcc-14.
        found = [package for package in self.packages if package.name.removeprefix("gcc-").isdecimal()]
        return max(found, key=lambda package: int(package.name.removeprefix("gcc-")))


def read_toolchain(name: str) -> Toolchain:
    """Return the toolchain that `embedded/toolchains/NAME.json` pins."""
    return parse_toolchain(name, json.loads((LOCKS / f"{name}.json").read_text(encoding="utf-8")))


def parse_toolchain(name: str, lock: dict[str, Any]) -> Toolchain:
    """Return the toolchain of a lock file's contents."""
    packages, rust = (tuple(Package(**entry) for entry in lock[group]) for group in ("packages", "rust"))
    return Toolchain(name, lock["suite"], packages, rust, lock["busybox"]["sha256"])


def lock_text(toolchain: Toolchain) -> str:
    """Return the contents of the lock file of a toolchain, with a line for each package."""
    groups = ",\n".join(
        f'  "{group}": [\n' + ",\n".join(f"    {json.dumps(vars(package))}" for package in packages) + "\n  ]"
        for group, packages in (("packages", toolchain.packages), ("rust", toolchain.rust))
    )
    return (
        "{\n"
        f'  "suite": {json.dumps(toolchain.suite)},\n'
        f'  "busybox": {{ "sha256": {json.dumps(toolchain.busybox_sha256)} }},\n'
        f"{groups}\n"
        "}\n"
    )
