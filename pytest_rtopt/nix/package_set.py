"""Which package set the overlays are applied to, and the derivations of the runtimes in it."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.results.values import Inputs, Programs, StorePaths

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_rtopt.nix.client import Nix

_HERE: Final = Path(__file__).parent
_LOOKUP_SECONDS: Final = 60.0
EMBEDDED: Final = "embedded"
_CHANNEL: Final = "<nixpkgs>"
_IN_NIX_PATH: Final = re.compile(r"<(?P<name>[^<>]+)>")
_ATTRIBUTE: Final = re.compile(r'"(?P<quoted>[^"]+)"|(?P<plain>[^."\s]+)')
# Where a flake keeps packages if nothing else is said; that of nixpkgs does.
_PLAIN_OUTPUT: Final = ("legacyPackages", "x86_64-linux")


@dataclass(frozen=True)
class PackageSet:
    """A package set as `package-set.nix` takes it; `reference` is what the user called it.

    `compiler` and `rust` identify the compilers of the host that the embedded one builds with.
    """

    reference: str
    kind: str
    location: str
    attribute_path: tuple[str, ...] = ()
    compiler: str = "unknown"
    rust: str | None = None

    @property
    def is_embedded(self) -> bool:
        """Whether it is this project's own."""
        return self.kind == EMBEDDED


class NamedRuntime(Protocol):
    """What evaluation needs to know of a runtime: its attributes in a package set and in a profile."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def attrs(self) -> tuple[str, ...]:
        """Its attribute names in a package set, preferred first."""

    @property
    def profile_attr(self) -> str:
        """Its name under `packages` in a profile."""


@dataclass(frozen=True)
class RuntimeDerivations:
    """The derivations of one runtime, and of what the set builds with it for others.

    `prebuilt` says that the package set does not compile the runtime but brings its binaries.
    """

    attr: str
    version: str
    stock: StorePaths
    optimized: StorePaths
    stock_programs: StorePaths | None
    optimized_programs: StorePaths | None
    prebuilt: bool = False
    inputs: Inputs | None = None

    @property
    def touched(self) -> bool:
        """Whether an overlay changes the runtime, or what the set builds with it."""
        return (self.stock, self.stock_programs) != (self.optimized, self.optimized_programs)

    @property
    def programs(self) -> Programs | None:
        """What the set builds with the runtime for others, where it builds anything."""
        if self.stock_programs is None or self.optimized_programs is None:
            return None
        return Programs(self.stock_programs, self.optimized_programs)


@dataclass(frozen=True)
class Judged:
    """What is evaluated with a package set: overlay files, and the profile that those of this project take.

    `own` are the files of this project, by runtime; any other file is an overlay for all of them. With
    `everything`, all packages of a small set are evaluated too. `layout` is the number of the build: each has
    its functions elsewhere, as far as `layout.nix` can vary that, and 0 is the package as it is.
    """

    profile: Mapping[str, object]
    files: tuple[Path, ...]
    own: Mapping[str, Path]
    everything: bool = True
    layout: int = 0

    def of(self, name: str) -> tuple[Path, ...]:
        """Return the files that a runtime's verdict depends on."""
        return (self.own[name],) if name in self.own else self.files


@dataclass(frozen=True)
class Instantiation:
    """Derivations by runtime; `overlaid` if the set came with overlays that are judged instead of ours.

    `everything` holds the derivation of every package of a small set by name, stock and optimized; `None` for
    a large one.
    """

    runtimes: Mapping[str, RuntimeDerivations]
    overlaid: bool
    everything: tuple[Mapping[str, str], Mapping[str, str]] | None


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
            f"--rtopt-packages: {reference!r} is no path, no flake reference, and not `embedded` or "
            "'<nixpkgs>'."
        )
    return PackageSet(reference, "flake", location, parse_attribute_path(attributes) or _PLAIN_OUTPUT)


def parse_attribute_path(text: str, option: str = "--rtopt-packages") -> tuple[str, ...]:
    """Return the names in an attribute path such as `homes."me@host".pkgs`; none in an empty one.

    Raises `NixError` that names the `option` for a path that Nix would not read either.
    """
    names = tuple(match["quoted"] or match["plain"] for match in _ATTRIBUTE.finditer(text))
    rebuilt = ".".join(match[0] for match in _ATTRIBUTE.finditer(text))
    if rebuilt != text:
        raise NixError(
            f"{option}: {text!r} is no attribute path; names are joined by dots, and quoted where "
            "they hold a dot or a space."
        )
    return names


def _embedded() -> PackageSet:
    return PackageSet(EMBEDDED, EMBEDDED, str(PACKAGE / "embedded"))


def instantiate(
    nix: Nix,
    packages: PackageSet,
    runtimes: Sequence[NamedRuntime],
    judged: Judged,
) -> Instantiation:
    """Evaluate stock and optimized derivations of `runtimes` in one go.

    Raises `NixError` where a package set has none of a runtime's attributes, or something does not evaluate.
    """
    request: dict[str, object] = {
        "profile": dict(judged.profile),
        "runtimes": {
            runtime.name: {
                "attrs": list(runtime.attrs),
                "profileAttr": runtime.profile_attr,
                "overlays": [str(file) for file in judged.of(runtime.name)],
            }
            for runtime in runtimes
        },
        "overlays": [str(overlay) for overlay in judged.files],
        "inputs": str(directory("overlays") / "inputs.nix"),
        "everything": judged.everything,
        "layout": judged.layout,
        "workloads": str(PACKAGE / "workloads"),
    }
    answer = ask(nix, "instantiate.nix", packages, request)
    absent = [runtime for runtime in runtimes if answer["runtimes"][runtime.name] is None]
    if absent:
        wanted = "; ".join(f"{runtime.name} ({' or '.join(runtime.attrs)})" for runtime in absent)
        raise NixError(
            f"The package set {packages.reference} does not have {wanted}; name the others with "
            "--rtopt-runtime."
        )
    everything = answer["everything"]
    return Instantiation(
        runtimes={name: _derivations(entry) for name, entry in answer["runtimes"].items()},
        overlaid=answer["overlaid"],
        everything=None if everything is None else (everything["stock"], everything["optimized"]),
    )


def evaluate_bundle(nix: Nix, packages: PackageSet, snippet: Path, attrs: Sequence[str]) -> dict[str, str]:
    """Return the derivations of those `attrs` that the packages of a generated bundle have."""
    request: dict[str, object] = {"snippet": str(snippet), "attrs": list(attrs)}
    return ask(nix, "evaluate-bundle.nix", packages, request)


def ask(nix: Nix, file: str, packages: PackageSet, request: dict[str, object]) -> dict[str, Any]:
    """Evaluate one of this room's files, which take their request as a file of JSON and return a set."""
    described = {
        "kind": packages.kind,
        "location": packages.location,
        "attributePath": list(packages.attribute_path),
        "compiler": packages.compiler,
        "rust": packages.rust,
    }
    with tempfile.NamedTemporaryFile("w", prefix="rtopt-request-", suffix=".json") as written:
        json.dump({**request, "packages": described}, written)
        written.flush()
        answer = nix.evaluate(_HERE / file, {"request": written.name})
    return cast("dict[str, Any]", answer)


def _derivations(entry: dict[str, object]) -> RuntimeDerivations:
    def paths(name: str) -> StorePaths | None:
        value = entry[name]
        return StorePaths(value["drv"], value["out"]) if isinstance(value, dict) else None

    stock, optimized = paths("stock"), paths("optimized")
    assert stock is not None  # noqa: S101  # instantiate.nix gives both for every runtime that it found
    assert optimized is not None  # noqa: S101
    return RuntimeDerivations(
        attr=str(entry["attr"]),
        version=str(entry["version"]),
        stock=stock,
        optimized=optimized,
        stock_programs=paths("stockPrograms"),
        optimized_programs=paths("optimizedPrograms"),
        prebuilt=bool(entry["prebuilt"]),
        inputs=Inputs(**cast("dict[str, str]", entry["inputs"])),
    )


def _find_file(nix: Nix, name: str) -> str | None:
    completed = process.run(
        nix.command("nix-instantiate", "--find-file", name),
        timeout=_LOOKUP_SECONDS,
        surroundings=nix.surroundings,
    )
    return completed.text.strip() if completed.returncode == 0 else None
