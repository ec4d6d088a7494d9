"""The registry of runtimes, `overlays/runtimes.json`: one list, which the Nix code reads as well."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.resources import directory

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Registered:
    """What is known of one runtime before it is evaluated or built.

    `title` is its name in prose. `attributes` are its attribute paths in a package set, preferred first.
    `profile_attribute` is its name under `packages` in a profile. `overlay` is its file in `overlays/`.
    `family` lists the attribute names without their version: `packages.nodejs_22` in a profile belongs to the
    same family as `nodejs_24`. `layout` is the kind of build, as `nix/layout.nix` names it: what can give the
    functions of the runtime other addresses. `gate` says whether `make gate` judges the runtime by default.
    `build_seconds` is the usual time of an optimized build on two cores. `detected` are the settings that the
    detected profile has for it on any machine.
    """

    name: str
    title: str
    attributes: tuple[str, ...]
    profile_attribute: str
    overlay: str
    family: tuple[str, ...]
    layout: str
    gate: bool
    build_seconds: float
    detected: Mapping[str, object]

    def has_in_family(self, attribute: str) -> bool:
        """Return whether an attribute is this runtime in some version, such as `go_1_25` for Go."""
        names = "|".join(map(re.escape, self.family))
        return re.fullmatch(f"(?:{names})[0-9_]*", attribute) is not None


def _read() -> dict[str, Registered]:
    entries = json.loads((directory("overlays") / "runtimes.json").read_text(encoding="utf-8"))
    return {
        name: Registered(
            name=name,
            title=entry["title"],
            attributes=tuple(entry["attributes"]),
            profile_attribute=entry["profileAttribute"],
            overlay=entry["overlay"],
            family=tuple(entry["family"]),
            layout=entry["layout"],
            gate=entry["gate"],
            build_seconds=entry["buildSeconds"],
            detected=MappingProxyType(entry["detected"]),
        )
        for name, entry in entries.items()
    }


REGISTRY: Final = _read()
"""All runtimes by name, in the order of the file: the runtime that builds fastest is first."""

NAMES: Final = tuple(REGISTRY)
"""The names of all runtimes."""
