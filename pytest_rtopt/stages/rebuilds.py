"""What Nix rebuilds because of the overlay of each runtime, found by evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.nix.derivation import name_of
from pytest_rtopt.nix.rebuild_impact import Evaluation, impact_of
from pytest_rtopt.nix.targets import Applied, Targets, check_present, evaluate_targets
from pytest_rtopt.report.progress import duration
from pytest_rtopt.results.phrases import listing, size
from pytest_rtopt.runtimes import runtime as runtime_named
from pytest_rtopt.stages.build import overlays_of

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Runtime
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.nix.build import Builder
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.derivation import Derivation
    from pytest_rtopt.nix.overlay_source import Overlay
    from pytest_rtopt.nix.package_set import Instantiation, RuntimeDerivations
    from pytest_rtopt.results.values import Impact
    from pytest_rtopt.stages.packages import Packages
    from pytest_rtopt.stages.settings import Settings

ALL_OVERLAYS: Final = "all overlays"
"""The key of the impact of overlays that do not belong to one runtime each."""


def rebuild_impacts(
    settings: Settings, packages: Packages, profile: HardwareProfile, derivations: Instantiation
) -> dict[str, Impact]:
    """Return the impact of each shipped overlay on its own, or of all user overlays together.

    Whatever the targets are, the needs of stock runtimes count as built.

    Raises `NixError` if a target of --rtopt-target is not a package or does not evaluate.
    """
    nix, targets = packages.nix, targets_of(settings, derivations)
    stock = evaluate_targets(nix, packages.set, targets, None)
    optimized = {
        name: evaluate_targets(
            nix, packages.set, targets, Applied(overlays, profile.values, settings.uses_shipped_overlays)
        )
        for name, overlays in _overlays(settings, derivations).items()
    }
    check_present(targets, stock, *optimized.values())
    differing = {name: dict(side.items() - stock.items()) for name, side in optimized.items()}
    present = {*stock.values(), *(ours.stock.drv for ours in derivations.runtimes.values())}
    before = Evaluation(stock, _closure(nix, present if any(differing.values()) else set()))
    return {
        name: impact_of(before, Evaluation(side, _closure(nix, set(differing[name].values()))))
        for name, side in optimized.items()
    }


def rebuild_note(
    runtime: Runtime, derivations: RuntimeDerivations, impact: Impact | None, builder: Builder
) -> str:
    """Return what must be built before the runtime can be judged again, and the cost.

    The cost is that of the latest build of the same version on this machine, else the usual one.
    """
    if not builder.nix.missing([derivations.optimized.out]):
        return f"nothing of {runtime.name} has to be built: `-m 'verify or benchmark'` judges what is there"
    record = builder.latest(f"{runtime.name} {derivations.version} optimized")
    seconds, memory = record.get("seconds"), record.get("peak_rss_bytes")
    known = (
        f"{duration(seconds)} the last time"
        if seconds
        else f"usually about {duration(runtime.build_seconds)}"
    )
    limit = f", {size(memory)} of memory at most" if memory else ""
    others = [
        name for name in (impact.rebuilt if impact else ()) if name != name_of(derivations.optimized.drv)
    ]
    together = f"; {len(others)} other derivations are rebuilt with it ({listing(others)})" if others else ""
    return f"{runtime.name} {derivations.version} has to be built ({known}{limit}){together}"


def targets_of(settings: Settings, derivations: Instantiation) -> Targets:
    """Return the targets of --rtopt-target.

    By default, these are all packages of a small set, else the runtimes and the packages that overlays add
    beside them.
    """
    attrs = tuple(attr for name in settings.runtimes for attr in runtime_named(name).attributes)
    if settings.targets:
        return Targets(settings.targets, named=True, runtime_attrs=attrs)
    if derivations.everything is not None:
        stock, optimized = derivations.everything
        return Targets(tuple(sorted({*stock, *optimized})), named=False, runtime_attrs=attrs)
    found = [ours.attr for ours in derivations.runtimes.values()]
    # An overlay names what it adds after any of the runtime's attributes, whichever the set has.
    names = dict.fromkeys((*found, *(f"{attr}-optimized" for attr in (*found, *attrs))))
    return Targets(tuple(names), named=False, runtime_attrs=attrs)


def _overlays(settings: Settings, derivations: Instantiation) -> dict[str, tuple[Overlay, ...]]:
    overlays = overlays_of(settings)
    if derivations.overlaid or not settings.uses_shipped_overlays:
        return {ALL_OVERLAYS: overlays}
    return {name: (overlay,) for name, overlay in zip(settings.runtimes, overlays, strict=True)}


def _closure(nix: Nix, drvs: set[str]) -> dict[str, Derivation]:
    return nix.derivations(sorted(drvs), recursive=True) if drvs else {}
