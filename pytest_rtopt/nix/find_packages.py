"""Which package set `--rtopt-packages` names: the embedded one, a path, or an output of a flake."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.nix.attribute_path import parse_attribute_path
from pytest_rtopt.nix.package_set import EMBEDDED, PackageSet

if TYPE_CHECKING:
    from pytest_rtopt.nix.client import Nix

_LOOKUP_SECONDS: Final = 60.0
_CHANNEL: Final = "<nixpkgs>"
_IN_NIX_PATH: Final = re.compile(r"<(?P<name>[^<>]+)>")
# Where a flake keeps packages if nothing else is said; that of nixpkgs does.
_PLAIN_OUTPUT: Final = ("legacyPackages", "x86_64-linux")


def find_package_set(reference: str | None, rootdir: Path, nix: Nix) -> PackageSet:
    """Return the package set that `reference` names.

    `None` is `<nixpkgs>` where it resolves, else the embedded one. Raises `NixError` for a reference that
    leads nowhere.
    """
    if reference is None:
        found = _find_file(nix, "nixpkgs")
        return PackageSet(_CHANNEL, "path", found) if found is not None else _embedded()
    if reference == EMBEDDED:
        return _embedded()
    if channel := _IN_NIX_PATH.fullmatch(reference):
        found = _find_file(nix, channel["name"])
        if found is None:
            raise NixError(
                f"--rtopt-packages: {reference} does not resolve; set NIX_PATH, or name a path, a flake or "
                "`embedded`."
            )
        return PackageSet(reference, "path", found)
    location, _, attributes = reference.partition("#")
    path = (rootdir / Path(location).expanduser()).resolve()
    if "#" not in reference and location and path.exists() and not (path / "flake.nix").exists():
        return PackageSet(reference, "path", str(path))
    if location in {".", ".."} or location.startswith(("/", "~", "./", "../")):
        if not (path / "flake.nix").exists():
            raise NixError(
                f"--rtopt-packages: {path} holds neither a package set nor a flake.nix; name a directory "
                "that does, or `embedded`."
            )
        location = str(path)
    elif "#" not in reference and ":" not in location:
        raise NixError(
            f"--rtopt-packages: {reference!r} is not a path, a flake reference, `embedded` or '<nixpkgs>'."
        )
    return PackageSet(reference, "flake", location, parse_attribute_path(attributes) or _PLAIN_OUTPUT)


def _embedded() -> PackageSet:
    return PackageSet(EMBEDDED, EMBEDDED, str(PACKAGE / "embedded"))


def _find_file(nix: Nix, name: str) -> str | None:
    completed = process.run(
        nix.command("nix-instantiate", "--find-file", name),
        timeout=_LOOKUP_SECONDS,
        surroundings=nix.surroundings,
    )
    return completed.text.strip() if completed.returncode == 0 else None
