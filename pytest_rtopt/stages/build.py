"""One way, no back and forth: package set and profile to derivations, derivations to store paths."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.errors import BuildError, NixError
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.bench.workload import Places
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.derivation import name_of
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.host_builds import host_for_evaluation, prepare_host_builds
from pytest_rtopt.nix.overlay_source import Overlay
from pytest_rtopt.nix.package_set import Judged, PackageSet, instantiate
from pytest_rtopt.report.progress import BuildProgress, duration
from pytest_rtopt.results.values import BuildRecord, RuntimeResult
from pytest_rtopt.runtimes import runtime as runtime_named
from pytest_rtopt.sources.fetch import fetch
from pytest_rtopt.sources.pins import SOURCES
from pytest_rtopt.stages.fleet import Judgement, find_caches, take_builds
from pytest_rtopt.stages.labels import labels_of
from pytest_rtopt.stages.settings import BuildPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_rtopt.bench.sampler import Comparison
    from pytest_rtopt.bench.workload import Workload
    from pytest_rtopt.claims.model import Runtime
    from pytest_rtopt.hardware.host import Host
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.hardware.runtime_settings import RuntimeSettings
    from pytest_rtopt.nix.cache import Cache
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.package_set import Instantiation, RuntimeDerivations
    from pytest_rtopt.report.progress import Display
    from pytest_rtopt.results.values import StorePaths
    from pytest_rtopt.stages.fleet import Parcel
    from pytest_rtopt.stages.settings import Settings

_QUICK_SECONDS: Final = 600.0


@dataclass(frozen=True)
class Packages:
    """A package set with the Nix that evaluates and builds it.

    `isolation` says how its builds are kept apart (`None`: as the user's Nix does it, or nothing is built);
    `gcc_version` is that of the compiler that builds, where it is known without evaluating. Builds are taken
    from `caches`; only what `building` starts sees them, and other `builders`: evidence is not read there.
    """

    set: PackageSet
    nix: Nix
    isolation: str | None
    gcc_version: str | None
    caches: tuple[Cache, ...] = ()
    builders: str | None = None

    @property
    def building(self) -> Nix:
        """The Nix that builds what no cache has."""
        urls = " ".join(cache.url for cache in self.caches)
        requested = (f"extra-substituters = {urls}",) if urls else ()
        hired = () if self.builders is None else (f"builders = {self.builders}",)
        return self.nix.with_settings(*requested, *hired)

    @property
    def compiler(self) -> str | None:
        """The identity of the compiler that builds; `None` where only evaluation would tell."""
        return self.set.compiler if self.set.is_embedded else None

    def as_json(self) -> dict[str, object]:
        """Return what the results say of it."""
        return {
            "ref": self.set.reference,
            "nix": str(self.nix.version),
            "isolation": self.isolation,
            "compiler": self.compiler,
        }


@dataclass(frozen=True)
class Subject:
    """What a run is about: the profile, the machine, the package set."""

    profile: HardwareProfile
    host: Host
    packages: Packages

    def as_json(self) -> dict[str, dict[str, object]]:
        """Return `host`, `profile` and `packages` as the results schema has them."""
        return {
            "host": self.host.as_json(),
            "profile": {
                "name": self.profile.name,
                "source": self.profile.source,
                "values": dict(self.profile.values),
            },
            "packages": self.packages.as_json(),
        }


@dataclass(frozen=True)
class RuntimeBuild:
    """Both builds of one runtime, present in the store, and what the optimized one cost.

    `parcel` is what came with them from a cache: a ledger with their entry, and logs.
    """

    derivations: RuntimeDerivations
    record: BuildRecord
    parcel: Parcel | None = None


def prepare_packages(settings: Settings, nix: Nix, *, builds: bool = True) -> Packages:
    """Return the package set that was asked for, and for the embedded one a Nix whose builds see the host.

    Whether `builds` are isolated is found out by a trial build; a run that only evaluates, or builds nothing,
    makes none. Only one that needs builds asks caches. Raises `CacheError` where one of them is not there.
    """
    found = find_package_set(settings.packages, settings.packages_base, nix)
    if not found.is_embedded:
        packages = Packages(found, nix, None, None)
    else:
        tries = builds and settings.build is not BuildPolicy.NEVER
        host = prepare_host_builds(nix) if tries else host_for_evaluation(nix)
        embedded = replace(found, compiler=host.compiler, rust=host.rust)
        isolation = None if host.isolation is None else str(host.isolation)
        packages = Packages(embedded, host.nix, isolation, host.gcc_version)
    if not builds:
        return packages
    caches = find_caches(settings.fleet, packages.nix)
    return replace(packages, caches=caches, builders=settings.fleet.builders)


def overlays_of(settings: Settings) -> tuple[Overlay, ...]:
    """Return the overlays that are judged: the user's, or ours for the requested runtimes."""
    if not settings.own_overlays:
        return settings.overlays
    return tuple(
        Overlay.in_file(directory("overlays") / runtime_named(name).overlay) for name in settings.runtimes
    )


def instantiate_runtimes(
    settings: Settings,
    packages: Packages,
    profile: HardwareProfile,
    *,
    everything: bool = True,
    layout: int = 0,
) -> Instantiation:
    """Evaluate the requested runtimes with and without overlays, and `everything` of a small set.

    `layout` is the number of a further build (`nix/layout.nix`).
    """
    overlays = overlays_of(settings)
    own = dict(zip(settings.runtimes, overlays, strict=True)) if settings.own_overlays else {}
    return instantiate(
        packages.nix,
        packages.set,
        [runtime_named(name) for name in settings.runtimes],
        Judged(profile.values, overlays, own, everything, layout),
    )


def left_alone(runtime: Runtime, settings: Settings, derivations: Instantiation) -> bool:
    """Say whether a user's overlays leave this runtime as it is, and nobody named it either.

    One that does not evaluate is not left alone: something was done to it.
    """
    if settings.named_runtimes or (settings.own_overlays and not derivations.overlaid):
        return False
    return runtime.name not in touched_runtimes(derivations)


def touched_runtimes(derivations: Instantiation) -> set[str]:
    """Return the runtimes that the overlays change, or break."""
    changed = {name for name, sides in derivations.runtimes.items() if sides.touched}
    return changed | set(derivations.failures)


def visible_builder(nix: Nix, records: Path, derivations: Instantiation, display: Display) -> Builder:
    """Return a builder that keeps its records in `records` and shows what it builds on `display`."""
    usual = {name: runtime_named(name).build_seconds for name in derivations.runtimes}
    labels = labels_of(derivations.runtimes, usual)
    quiet = Builder(nix, records, labels={drv: label.text for drv, label in labels.items()})

    def label(drv: str) -> str:
        return labels[drv].text if drv in labels else name_of(drv)

    def expected(drv: str) -> float | None:
        if drv not in labels:
            return None
        earlier = quiet.expected_seconds(labels[drv].text)
        return labels[drv].usual_seconds if earlier is None else earlier

    return replace(quiet, on_event=BuildProgress(display, label, expected))


def build_runtime(
    runtime: Runtime,
    derivations: RuntimeDerivations,
    packages: Packages,
    builder: Builder,
    sources: Path | None,
) -> RuntimeBuild:
    """Take what is missing of both sides from a cache that has it, and build the rest.

    `sources` is where pinned sources are kept; `None` forbids building.

    Raises `CacheError` where a cache has something that cannot be trusted, and `BuildError` where something
    would have to be built and may not be.
    """
    wanted = paths_to_build(derivations)
    absent = packages.nix.missing([paths.out for paths in wanted])
    take_builds(
        packages.caches, {paths.out: builder.root(paths.drv) for paths in wanted if paths.out in absent}
    )
    absent = packages.nix.missing(absent)
    if absent:
        if sources is None:
            nowhere = ", and no cache that was named has it" if packages.caches else ""
            raise BuildError(
                f"{runtime.name} is not built{nowhere}, and takes about {duration(runtime.build_seconds)}; "
                "build it by the same run with `-m build` or --rtopt-build always."
            )
        if packages.set.is_embedded:
            _provide(runtime, packages.nix, sources)
        for paths in wanted:
            if paths.out in absent:
                builder.build(paths.drv)
    cached = derivations.optimized.out not in absent
    record = builder.record(derivations.optimized.drv, derivations.optimized.out, cached=cached)
    return RuntimeBuild(derivations, record)


def result_of(runtime: Runtime, built: RuntimeBuild) -> RuntimeResult:
    """Return what the builds alone say of a runtime."""
    derivations = built.derivations
    return RuntimeResult(
        name=runtime.name,
        attr=derivations.attr,
        version=derivations.version,
        baseline=derivations.stock,
        optimized=derivations.optimized,
        build=built.record,
        programs=derivations.programs,
        inputs=derivations.inputs,
    )


def judgement_of(name: str, derivations: RuntimeDerivations) -> Judgement:
    """Return what an entry for these derivations would be about."""
    return Judgement(name, derivations.stock, derivations.optimized, derivations.programs, derivations.inputs)


def threshold_of(workload: Workload, settings: RuntimeSettings) -> float:
    """Return the gain that the profile asks of a workload, by its name with or without the runtime's."""
    short = workload.name.partition("/")[2]
    return settings.expect.get(workload.name, settings.expect.get(short, workload.threshold))


def comparison_of(
    workload: Workload, settings: RuntimeSettings, derivations: RuntimeDerivations, scratch: Path
) -> Comparison:
    """Return `workload` with the threshold that the profile sets and the places of both sides.

    The scratch directories have names of one length: a longer path is more work, and must not favour a side.
    """
    from pytest_rtopt.bench.sampler import Comparison  # noqa: PLC0415  # SciPy, which the gate has no time for

    def places(name: str, paths: StorePaths, programs: StorePaths | None) -> Places:
        (scratch / name).mkdir()
        built = None if programs is None else Path(programs.out)
        return Places(Path(paths.out), PACKAGE / "workloads", scratch / name, built)

    return Comparison(
        workload=replace(workload, threshold=threshold_of(workload, settings)),
        stock=places("a", derivations.stock, derivations.stock_programs),
        optimized=places("b", derivations.optimized, derivations.optimized_programs),
    )


def may_build(policy: BuildPolicy, *, asked_for: bool, seconds: float) -> bool:
    """Decide whether a run may build: nobody's `-m verify` starts half an hour of compiling unasked."""
    if policy is BuildPolicy.AUTO:
        return asked_for or seconds < _QUICK_SECONDS
    return policy is BuildPolicy.ALWAYS


def paths_to_build(derivations: RuntimeDerivations) -> Sequence[StorePaths]:
    """Return all that has to be built of a runtime."""
    every = (
        derivations.stock,
        derivations.stock_programs,
        derivations.optimized,
        derivations.optimized_programs,
    )
    return [paths for paths in every if paths is not None]


def _provide(runtime: Runtime, nix: Nix, sources: Path) -> None:
    """Put the sources of `runtime` into the store, fetched where this machine does not have them yet."""
    for source in map(SOURCES.__getitem__, runtime.sources):
        path = nix.fixed_path(source.file_name, source.sha256)
        if nix.missing([path]) and (added := nix.add_fixed(fetch(source, sources))) != path:
            raise NixError(
                f"Nix put {source.file_name} at {added}, which is not where its hash belongs; run again."
            )
