"""Loads a profile from its name or file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_rtopt.base.errors import NixError, ProfileError
from pytest_rtopt.hardware.detect import HOST, profile_for
from pytest_rtopt.hardware.profile import HardwareProfile, parse_profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_rtopt.hardware.host import Host

_SUFFIXES = (".nix", ".toml")


@dataclass(frozen=True)
class LoadContext:
    """The dependencies of `load_profile`.

    `shipped` is the directory of named profiles. Relative paths start at `rootdir`. `read_nix` evaluates a
    `.nix` file to plain values and raises `NixError`. `host` reads this machine; it is called only for the
    profile `host`. `gcc_version` is the version of the compiler that builds, if known.
    """

    shipped: Path
    rootdir: Path
    read_nix: Callable[[Path], object]
    host: Callable[[], Host]
    gcc_version: str | None


def load_profile(reference: str, context: LoadContext) -> HardwareProfile:
    """Return the profile for `reference`: `host`, a shipped name, or a `.nix` or `.toml` file.

    Raises `ProfileError` for a profile that does not exist, cannot be read or is wrong.
    """
    if reference == HOST:
        return profile_for(context.host(), context.gcc_version)
    shipped = context.shipped / f"{reference}.nix"
    if "/" not in reference and shipped.is_file():
        path = shipped
    else:
        path = context.rootdir / Path(reference).expanduser()
        _check_is_profile_file(path, reference, context)
    return parse_profile(_read(path, context), name=path.stem, source=str(path))


def shipped_names(directory: Path) -> tuple[str, ...]:
    """Return the names of the profiles in `directory`, sorted."""
    return tuple(sorted(path.stem for path in directory.glob("*.nix")))


def _check_is_profile_file(path: Path, reference: str, context: LoadContext) -> None:
    names = ", ".join(f"`{name}`" for name in (HOST, *shipped_names(context.shipped)))
    remedy = f"give one of {names}, or the path of a .nix or .toml file"
    if "/" not in reference and not path.suffix:
        raise ProfileError(f"There is no profile named `{reference}`; {remedy}.")
    if path.is_dir():
        raise ProfileError(f"{path}: a profile is a file, but this is a directory; {remedy}.")
    if path.suffix not in _SUFFIXES:
        suffix = f"has the suffix `{path.suffix}`" if path.suffix else "has no suffix"
        raise ProfileError(f"{path}: a profile is a .nix or .toml file, but this {suffix}; {remedy}.")
    if not path.exists():
        raise ProfileError(f"{path}: this profile does not exist; {remedy}.")


def _read(path: Path, context: LoadContext) -> object:
    if path.suffix == ".nix":
        try:
            return context.read_nix(path)
        except NixError as error:
            raise ProfileError(f"{path}: this profile could not be evaluated. {error}") from error
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileError(f"{path}: this profile could not be read: {error.strerror}.") from error
    except ValueError as error:
        # The file is not TOML, or it is not UTF-8.
        raise ProfileError(f"{path}: this profile is not valid TOML: {error}.") from error
