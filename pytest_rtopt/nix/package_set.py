"""A package set without and with overlays, and the derivations of the runtimes in both."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.results.values import Inputs, Programs, StorePaths

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.overlay_source import Overlay

_HERE: Final = Path(__file__).parent
EMBEDDED: Final = "embedded"


@dataclass(frozen=True)
class PackageSet:
    """A package set as `package-set.nix` takes it; `reference` is what the user called it.

    `compiler` and `rust` identify the compilers that the embedded one builds with. `toolchain` is the name of
    the toolchain that the C compiler belongs to; `None` is the host.
    """

    reference: str
    kind: str
    location: str
    attribute_path: tuple[str, ...] = ()
    compiler: str = "unknown"
    rust: str | None = None
    toolchain: str | None = None

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
    def attributes(self) -> tuple[str, ...]:
        """Its attribute names in a package set, preferred first."""

    @property
    def profile_attribute(self) -> str:
        """Its name under `packages` in a profile."""

    @property
    def layout(self) -> str:
        """What decides where its functions lie, as `layout.nix` names it."""


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
    """What is evaluated with a package set: overlays, and the profile that those of this project take.

    `own` are the overlays of this project, by runtime; any other is an overlay for all of them. With
    `everything`, all packages of a small set are evaluated too. `layout` is the number of the build: each has
    its functions elsewhere, as far as `layout.nix` can vary that, and 0 is the package as it is. With `once`,
    runtimes that do not evaluate together are not evaluated each by itself.
    """

    profile: Mapping[str, object]
    overlays: tuple[Overlay, ...]
    own: Mapping[str, Overlay]
    everything: bool = True
    layout: int = 0
    once: bool = False

    def of(self, name: str) -> tuple[Overlay, ...]:
        """Return the overlays that a runtime's verdict depends on."""
        return (self.own[name],) if name in self.own else self.overlays


@dataclass(frozen=True)
class Instantiation:
    """Derivations by runtime; `overlaid` if the packages came optimized and are judged instead of overlays.

    `everything` holds the derivation of every package of a small set by name, stock and optimized; `None` for
    a large one, and where something in it does not evaluate. `failures` has what Nix says of the runtimes
    that do not evaluate, and `touched_attrs` the names that overlays of others define. `platform` is what a
    user's packages are built for beyond the plain platform: `arch` and `tune`, as in `hostPlatform.gcc`.
    `stdenv_flags` are what their standard environment gives every C compilation beyond stock's.
    """

    runtimes: Mapping[str, RuntimeDerivations]
    overlaid: bool
    everything: tuple[Mapping[str, str], Mapping[str, str]] | None
    failures: Mapping[str, str] = field(default_factory=dict)
    touched_attrs: tuple[str, ...] = ()
    platform: Mapping[str, str] = field(default_factory=dict)
    stdenv_flags: tuple[str, ...] = ()

    def of(self, name: str) -> RuntimeDerivations:
        """Return the derivations of a runtime; raises `NixError` for one that does not evaluate."""
        if name in self.failures:
            raise NixError(f"{name} cannot be judged: {self.failures[name]}")
        return self.runtimes[name]


def instantiate(
    nix: Nix,
    packages: PackageSet,
    runtimes: Sequence[NamedRuntime],
    judged: Judged,
) -> Instantiation:
    """Evaluate stock and optimized derivations of `runtimes`, in one go if all of them evaluate.

    Raises `NixError` where a package set has none of a runtime's attributes, where the packages or overlays
    do not evaluate at all, and where none of the runtimes does.
    """
    requests = {overlay: overlay.as_request() for overlay in (*judged.overlays, *judged.own.values())}

    def evaluate(question: _Question) -> dict[str, Any]:
        request: dict[str, object] = {
            "profile": dict(judged.profile),
            "runtimes": {
                runtime.name: {
                    "attributes": list(runtime.attributes),
                    "profileAttribute": runtime.profile_attribute,
                    "layout": runtime.layout,
                    "overlays": [requests[overlay] for overlay in judged.of(runtime.name)],
                }
                for runtime in question.runtimes
            },
            "attrs": [attr for runtime in question.telling for attr in runtime.attributes],
            "overlaid": question.overlaid,
            "shipped": bool(judged.own) or not judged.overlays,
            "overlays": [requests[overlay] for overlay in judged.overlays],
            "inputs": str(directory("overlays") / "inputs.nix"),
            "added": str(directory("overlays") / "added.nix"),
            "everything": question.everything,
            "layout": judged.layout,
            "workloads": str(PACKAGE / "workloads"),
        }
        return ask(nix, "instantiate.nix", packages, request)

    failures: dict[str, str] = {}
    together = _Question(runtimes, runtimes, "all" if judged.everything else "none")
    try:
        answer = evaluate(together)
    except NixError as error:
        if judged.once:
            raise
        answer, failures = _each_by_itself(evaluate, together, error)
    found: dict[str, dict[str, object] | None] = answer["runtimes"]
    absent = [runtime for runtime in runtimes if runtime.name in found and found[runtime.name] is None]
    if absent:
        wanted = "; ".join(f"{runtime.name} ({' or '.join(runtime.attributes)})" for runtime in absent)
        raise NixError(
            f"The package set {packages.reference} does not have {wanted}; name the others with "
            "--rtopt-runtime."
        )
    packages_of = answer["everything"]
    return Instantiation(
        runtimes={name: _derivations(entry) for name, entry in found.items() if entry is not None},
        overlaid=answer["overlaid"],
        everything=None if packages_of is None else (packages_of["stock"], packages_of["optimized"]),
        failures=failures,
        touched_attrs=() if judged.own and not answer["overlaid"] else tuple(answer["touched"]),
        platform=answer["platform"],
        stdenv_flags=_added_words(**answer["stdenvFlags"]),
    )


def _added_words(stock: str, optimized: str) -> tuple[str, ...]:
    known = stock.split()
    return tuple(word for word in optimized.split() if word not in known)


@dataclass(frozen=True)
class _Question:
    """What one evaluation of `instantiate.nix` is to tell.

    `telling` are the runtimes by which packages that are optimized already are recognized, unless it is known
    whether they are `overlaid`. `everything` is "all", "evaluating" (packages that throw are left out) or
    "none".
    """

    runtimes: Sequence[NamedRuntime]
    telling: Sequence[NamedRuntime]
    everything: str
    overlaid: bool | None = None


def _each_by_itself(
    evaluate: Callable[[_Question], dict[str, Any]], together: _Question, error: NixError
) -> tuple[dict[str, Any], dict[str, str]]:
    """Evaluate each runtime on its own after all together failed with `error`; return also the failures.

    Only `throw` and `assert` can be caught inside of Nix, and without their messages. Raises `error` where no
    runtime evaluates.
    """

    def optimized(runtime: NamedRuntime) -> bool:
        try:
            return bool(evaluate(_Question((), (runtime,), "none"))["overlaid"])
        except NixError:
            # It evaluates in plain packages, so that the given ones have changed it.
            return True

    answer = evaluate(_Question((), (), "none"))
    overlaid = any(map(optimized, together.runtimes))
    failures: dict[str, str] = {}
    for runtime in together.runtimes:
        try:
            answer = _merged(answer, evaluate(_Question((runtime,), (), "none", overlaid)))
        except NixError as own:
            failures[runtime.name] = str(own)
    if not answer["runtimes"]:
        raise error
    if together.everything != "none":
        # What depends on a runtime that fails is left out.
        with suppress(NixError):
            answer["everything"] = evaluate(_Question((), (), "evaluating", overlaid))["everything"]
    return answer, failures


def _merged(answer: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {**other, "runtimes": answer["runtimes"] | other["runtimes"]}


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
        "toolchain": packages.toolchain,
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
