"""The derivations of target attributes, by evaluation only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.nix.attribute_path import parse_attribute_path
from pytest_rtopt.nix.package_set import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.overlay_source import Overlay
    from pytest_rtopt.nix.package_set import PackageSet

_OPTION = "--rtopt-target"


@dataclass(frozen=True)
class Targets:
    """Attribute paths in a package set, such as `python313Packages.numpy`.

    Each of them has to evaluate if a user `named` them. `runtime_attrs` are the attributes of runtimes, by
    which a package set that is overlaid already is recognized.
    """

    names: tuple[str, ...]
    named: bool
    runtime_attrs: tuple[str, ...]


@dataclass(frozen=True)
class Applied:
    """Overlays, and the profile that those of this project take; `shipped` says that they are these."""

    overlays: tuple[Overlay, ...]
    profile: Mapping[str, object]
    shipped: bool = False


def evaluate_targets(
    nix: Nix, packages: PackageSet, targets: Targets, applied: Applied | None
) -> dict[str, str]:
    """Return the derivations of those targets that are packages in stock (`None`) or under overlays, by name.

    Raises `NixError` for a name that is no attribute path, and where a named target does not evaluate.
    """
    request: dict[str, object] = {
        "targets": {name: parse_attribute_path(name, _OPTION) for name in targets.names},
        "named": targets.named,
        "attrs": targets.runtime_attrs,
        "overlays": None if applied is None else [overlay.as_request() for overlay in applied.overlays],
        "shipped": applied is None or applied.shipped,
        "profile": {} if applied is None else dict(applied.profile),
    }
    try:
        found: dict[str, str | None] = ask(nix, "targets.nix", packages, request)
    except NixError as error:
        if not targets.named:
            raise
        raise NixError(
            f"{_OPTION}: {', '.join(targets.names)} cannot be evaluated; leave out what Nix complains about, "
            f"or repair it.\n{error}"
        ) from error
    return {name: drv for name, drv in found.items() if drv is not None}


def check_present(targets: Targets, *evaluated: Mapping[str, str]) -> None:
    """Raise `NixError` unless each target that a user named was found on some side."""
    absent = [name for name in targets.names if not any(name in side for side in evaluated)]
    if targets.named and absent:
        raise NixError(
            f"{_OPTION}: there is no package {', '.join(absent)}, neither in the package set nor under the "
            "overlays; give the attribute path of one, such as go_1_24 or python313Packages.numpy."
        )
