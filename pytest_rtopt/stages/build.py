"""The steps from settings to builds: derivations, and their outputs in the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.errors import BuildError, NixError
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.bench.workload import Places
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.derivation import name_of
from pytest_rtopt.nix.overlay_source import Overlay
from pytest_rtopt.nix.package_set import Judged, instantiate
from pytest_rtopt.report.progress import BuildProgress, duration
from pytest_rtopt.results.values import BuildRecord, RuntimeResult
from pytest_rtopt.runtimes import runtime as runtime_named
from pytest_rtopt.sources.fetch import fetch
from pytest_rtopt.sources.pins import SOURCES
from pytest_rtopt.sources.toolchain import read_toolchain
from pytest_rtopt.stages.fleet import JudgedBuilds, fetch_builds
from pytest_rtopt.stages.labels import labels_of
from pytest_rtopt.stages.settings import BuildPolicy
from pytest_rtopt.stages.toolchain import add_packages_to_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_rtopt.bench.sampler import Comparison
    from pytest_rtopt.bench.workload import Workload
    from pytest_rtopt.claims.model import Runtime
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.hardware.runtime_settings import RuntimeSettings
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.package_set import Instantiation, RuntimeDerivations
    from pytest_rtopt.report.progress import Display
    from pytest_rtopt.results.values import StorePaths
    from pytest_rtopt.stages.fleet import Parcel
    from pytest_rtopt.stages.packages import Packages
    from pytest_rtopt.stages.settings import Settings

_QUICK_SECONDS: Final = 600.0


@dataclass(frozen=True)
class RuntimeBuild:
    """Both builds of one runtime in the store, and the cost of the optimized one.

    `parcel` came with them from a cache. It has their ledger entry and their build logs.
    """

    derivations: RuntimeDerivations
    record: BuildRecord
    parcel: Parcel | None = None


def overlays_of(settings: Settings) -> tuple[Overlay, ...]:
    """Return the overlays to judge: the user's, or the shipped ones of the requested runtimes."""
    if not settings.uses_shipped_overlays:
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
    own = dict(zip(settings.runtimes, overlays, strict=True)) if settings.uses_shipped_overlays else {}
    return instantiate(
        packages.nix,
        packages.set,
        [runtime_named(name) for name in settings.runtimes],
        Judged(profile.values, overlays, own, everything, layout),
    )


def untouched_by_overlays(runtime: Runtime, settings: Settings, derivations: Instantiation) -> bool:
    """Return whether the user's overlays leave this runtime as it is, and --rtopt-runtime does not name it.

    A runtime that does not evaluate under the overlays is not untouched.
    """
    if settings.runtimes_given or (settings.uses_shipped_overlays and not derivations.overlaid):
        return False
    return runtime.name not in touched_runtimes(derivations)


def touched_runtimes(derivations: Instantiation) -> set[str]:
    """Return the runtimes that the overlays change, or break."""
    changed = {name for name, sides in derivations.runtimes.items() if sides.touched}
    return changed | set(derivations.failures)


def builder_with_progress(nix: Nix, records: Path, derivations: Instantiation, display: Display) -> Builder:
    """Return a builder that keeps its records in `records` and shows its progress on `display`."""
    usual = {name: runtime_named(name).build_seconds for name in derivations.runtimes}
    labels = labels_of(derivations.runtimes, usual)
    silent = Builder(nix, records, labels={drv: label.text for drv, label in labels.items()})

    def label(drv: str) -> str:
        return labels[drv].text if drv in labels else name_of(drv)

    def expected(drv: str) -> float | None:
        if drv not in labels:
            return None
        earlier = silent.expected_seconds(labels[drv].text)
        return labels[drv].usual_seconds if earlier is None else earlier

    return replace(silent, on_event=BuildProgress(display, label, expected))


def build_runtime(
    runtime: Runtime,
    derivations: RuntimeDerivations,
    packages: Packages,
    builder: Builder,
    sources: Path | None,
) -> RuntimeBuild:
    """Fetch missing builds of both sides from a cache, and build the rest.

    `sources` is the directory of pinned sources; `None` forbids building.

    Raises `CacheError` if a cache has a build that cannot be trusted, and `BuildError` if a build is missing
    and building is forbidden.
    """
    required = paths_to_build(derivations)
    absent = packages.nix.missing([paths.out for paths in required])
    fetch_builds(
        packages.caches, {paths.out: builder.root(paths.drv) for paths in required if paths.out in absent}
    )
    absent = packages.nix.missing(absent)
    if absent:
        if sources is None:
            nowhere = ", no --rtopt-cache has it" if packages.caches else ""
            raise BuildError(
                f"{runtime.name} is not built{nowhere}, and building takes about "
                f"{duration(runtime.build_seconds)}; build it with the same options and `-m build` or "
                "--rtopt-build always."
            )
        if packages.set.is_embedded:
            _add_sources_to_store(runtime, packages.nix, sources)
            if packages.set.toolchain is not None:
                toolchain = read_toolchain(packages.set.toolchain)
                add_packages_to_store(toolchain, packages.nix, sources, rust=runtime.uses_rustc)
        for paths in required:
            if paths.out in absent:
                builder.build(paths.drv)
    cached = derivations.optimized.out not in absent
    record = builder.record(derivations.optimized.drv, derivations.optimized.out, cached=cached)
    return RuntimeBuild(derivations, record)


def result_of(runtime: Runtime, built: RuntimeBuild) -> RuntimeResult:
    """Return the result of a runtime with its builds, without findings and benchmarks."""
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


def judged_builds(name: str, derivations: RuntimeDerivations) -> JudgedBuilds:
    """Return the builds that a ledger entry for these derivations would be about."""
    return JudgedBuilds(
        name, derivations.stock, derivations.optimized, derivations.programs, derivations.inputs
    )


def threshold_of(workload: Workload, settings: RuntimeSettings) -> float:
    """Return the gain that the profile requires of a workload, by its name with or without the runtime."""
    short = workload.name.partition("/")[2]
    return settings.expect.get(workload.name, settings.expect.get(short, workload.threshold))


def comparison_of(
    workload: Workload, settings: RuntimeSettings, derivations: RuntimeDerivations, scratch: Path
) -> Comparison:
    """Return `workload` with the threshold of the profile and the paths of both sides.

    Both scratch directories have names of the same length, because a longer path is more work.
    """
    from pytest_rtopt.bench.sampler import Comparison  # noqa: PLC0415  # imports SciPy, which is slow

    def places(name: str, paths: StorePaths, programs: StorePaths | None) -> Places:
        (scratch / name).mkdir()
        built = None if programs is None else Path(programs.out)
        return Places(Path(paths.out), PACKAGE / "workloads", scratch / name, built)

    return Comparison(
        workload=replace(workload, threshold=threshold_of(workload, settings)),
        stock=places("a", derivations.stock, derivations.stock_programs),
        optimized=places("b", derivations.optimized, derivations.optimized_programs),
    )


def may_build(policy: BuildPolicy, *, requested: bool, seconds: float) -> bool:
    """Return whether a run may build. With `auto`, a long build has to be `requested` by `-m build`."""
    if policy is BuildPolicy.AUTO:
        return requested or seconds < _QUICK_SECONDS
    return policy is BuildPolicy.ALWAYS


def paths_to_build(derivations: RuntimeDerivations) -> Sequence[StorePaths]:
    """Return everything of a runtime that must be built."""
    every = (
        derivations.stock,
        derivations.stock_programs,
        derivations.optimized,
        derivations.optimized_programs,
    )
    return [paths for paths in every if paths is not None]


def _add_sources_to_store(runtime: Runtime, nix: Nix, sources: Path) -> None:
    """Add the sources of `runtime` to the store, and fetch those that this machine does not have."""
    for source in map(SOURCES.__getitem__, runtime.sources):
        path = nix.fixed_path(source.file_name, source.sha256)
        if nix.missing([path]) and (added := nix.add_fixed(fetch(source, sources))) != path:
            raise NixError(
                f"Nix added {source.file_name} as {added}, which does not match its hash; run again."
            )
