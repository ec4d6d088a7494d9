"""Package sets for tests of the overlays: the shapes of `tests/data/shapes`, and a real nixpkgs."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_rtopt.base.resources import PACKAGE, directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.derivation import Derivation

SHAPES: Final = Path(__file__).parent.parent / "data" / "shapes"
UNTIL_25_11: Final = "nixpkgs-25.11"
OF_2026: Final = "nixpkgs-2026"
RUNTIMES: Final = ("go", "nodejs", "python", "rust")


@dataclass(frozen=True)
class Overlay:
    """An overlay file and the argument that it takes before `final: prev:`."""

    file: Path
    argument: Mapping[str, Any]


def ours(profile: Mapping[str, Any], *runtimes: str) -> list[Overlay]:
    """Return this project's overlays of the runtimes (default: all four) for a profile."""
    names = runtimes or RUNTIMES
    return [Overlay(directory("overlays") / f"{name}-hardware-optimized.nix", profile) for name in names]


@dataclass(frozen=True)
class Evaluated:
    """A package set with overlays: the names of its attributes, and its derivations by role."""

    attrs: Mapping[str, str]
    standing: Mapping[str, str]
    added: Mapping[str, str]
    nix: Nix

    def __getitem__(self, point: str) -> Derivation:
        path = {**self.standing, **self.added}[point]
        return self.nix.derivations([path])[path]

    def needs(self, point: str, of: str) -> bool:
        """Return whether a build of `point` builds or fetches the derivation of `of`."""
        paths = {**self.standing, **self.added}
        return paths[of] in self.nix.derivations([paths[point]], recursive=True)


@dataclass(frozen=True)
class PackageSet:
    """One of the shapes, or the nixpkgs at `nixpkgs`."""

    shape: str
    nix: Nix
    nixpkgs: str | None = None
    system: str = "x86_64-linux"
    compiler: str = "gcc (GCC) 14.2.0"
    without: tuple[str, ...] = ()

    def under(self, *overlays: Overlay) -> Evaluated:
        """Evaluate the set with the overlays in this order; raises `NixError` if Nix fails."""
        case: dict[str, Any] = {
            "overlays": [
                {"file": str(overlay.file), "argument": dict(overlay.argument)} for overlay in overlays
            ]
        }
        if self.nixpkgs is not None:
            case["nixpkgs"] = self.nixpkgs
        else:
            case |= {
                "embedded": str(PACKAGE / "embedded"),
                "shape": self.shape,
                "system": self.system,
                "compiler": self.compiler,
                "without": self.without,
            }
        value = self.nix.evaluate(SHAPES / "evaluate.nix", {"case": json.dumps(case)})
        assert isinstance(value, dict)
        return Evaluated(value["attrs"], value["standing"], value["added"], self.nix)


def real_nixpkgs() -> str | None:
    """Return the directory in the variable RTOPT_NIXPKGS, or `None` if it is not set."""
    return os.environ.get("RTOPT_NIXPKGS") or None


def full_profile(stock: Evaluated, scope: str = "replace") -> dict[str, Any]:
    """Return a profile with all settings for every runtime; `go_1_24` applies to any version of Go."""
    packages: dict[str, dict[str, Any]] = {
        "go_1_24": {"goamd64": "v3"},
        stock.attrs["nodejs"]: {
            "enableLTO": True,
            "enableJemalloc": True,
            "pgoLevel": "FULL",
            "v8Options": "--max-lazy",
            "compileCache": True,
        },
        "python313": {
            "pgoLevel": "FULL",
            "enableLTO": True,
            "relaxHardening": True,
            "staticTls": True,
            "staticInterpreter": True,
            "loopWithoutProfile": True,
        },
        "rust": {
            "targetCpu": "haswell",
            "preferVectorWidth": "128",
            "codegenUnits": 1,
            "enableLTO": True,
            "linker": "lld",
        },
    }
    return {
        "build": {"compiler": {"march": "skylake"}},
        "packages": {name: fields | {"scope": scope} for name, fields in packages.items()},
    }
