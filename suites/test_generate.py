"""Overlays change the derivations that they are meant to change, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt import runtimes
from pytest_rtopt.generate.bundle import write_bundle
from pytest_rtopt.hardware.profile import parse_profile
from pytest_rtopt.nix.package_set import evaluate_bundle
from pytest_rtopt.plugin.recorder import Recorder
from pytest_rtopt.stages.build import instantiate_runtimes, untouched_by_overlays
from pytest_rtopt.stages.rebuilds import rebuild_impacts
from pytest_rtopt.verdict.gate import answer

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.claims.model import Runtime
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.nix.package_set import Instantiation
    from pytest_rtopt.stages.packages import Packages
    from pytest_rtopt.stages.settings import Settings

pytestmark = pytest.mark.generate


def test_overlay_changes_the_runtime(
    runtime: Runtime, rtopt_settings: Settings, hardware_profile: HardwareProfile, derivations: Instantiation
) -> None:
    """A runtime has another derivation than stock exactly if the profile enables it."""
    if untouched_by_overlays(runtime, rtopt_settings, derivations):
        pytest.skip(f"the overlays do not change {runtime.name}, and --rtopt-runtime does not name it")
    ours = derivations.of(runtime.name)
    changed = ours.touched
    requested = hardware_profile.settings(runtime.profile_attribute).enable
    if ours.prebuilt and not changed:
        pytest.skip(f"{ours.attr} is prebuilt in this package set, and no requested setting applies to it")
    states = f"enabled is {requested}, and its derivation changed is {changed}"
    assert changed == requested, f"{ours.attr}: {states}"


def test_nothing_else_changes(package_set: Packages, derivations: Instantiation) -> None:
    """Every other package that changed depends on a changed runtime."""
    if derivations.everything is None:
        pytest.skip("the package set is too large to evaluate as a whole, or a part of it does not evaluate")
    stock, optimized = derivations.everything
    changed = {name: drv for name, drv in optimized.items() if stock.get(name) != drv}
    runtimes_changed = {ours.optimized.drv for ours in derivations.runtimes.values()}
    unexplained = [
        name
        for name, drv in changed.items()
        if not runtimes_changed & package_set.nix.derivations([drv], recursive=True).keys()
    ]
    assert not unexplained, (
        f"the overlays changed {', '.join(unexplained)}, which depend on no changed runtime"
    )


def test_rebuild_impact(
    rtopt_settings: Settings,
    package_set: Packages,
    hardware_profile: HardwareProfile,
    derivations: Instantiation,
    rtopt_recorder: Recorder,
) -> None:
    """The rebuilds because of the overlays are counted, and shown at the end of the run."""
    impacts = rebuild_impacts(rtopt_settings, package_set, hardware_profile, derivations)
    for name, impact in impacts.items():
        rtopt_recorder.impact(name, impact)


def test_what_the_ledger_lets_in(
    runtime: Runtime, rtopt_settings: Settings, request: pytest.FixtureRequest
) -> None:
    """The test records for JUnit which runtimes `overlays/default.nix` applies with this ledger."""
    if not rtopt_settings.ledger.exists():
        pytest.skip(f"there is no ledger yet; {runtime.name} stays stock until it is judged")
    Recorder(request.node).gate(answer(request.getfixturevalue("gate_question")))


def test_empty_profile_changes_nothing(rtopt_settings: Settings, package_set: Packages) -> None:
    """With an empty profile, the overlays leave every derivation byte-identical."""
    if not rtopt_settings.uses_shipped_overlays:
        pytest.skip("user overlays take no profile")
    empty = parse_profile({}, name="empty", source="an empty profile")
    unchanged = instantiate_runtimes(rtopt_settings, package_set, empty)
    for ours in unchanged.runtimes.values():
        assert ours.stock == ours.optimized
    if unchanged.everything is not None:
        assert unchanged.everything[0] == unchanged.everything[1]


def test_bundle_gives_the_same_derivations(
    rtopt_settings: Settings,
    package_set: Packages,
    hardware_profile: HardwareProfile,
    derivations: Instantiation,
    tmp_path: Path,
) -> None:
    """The files of the bundle evaluate to the derivations that this run judges."""
    if not rtopt_settings.uses_shipped_overlays or derivations.overlaid:
        pytest.skip("the judged overlays are the user's own, which no bundle contains")
    chosen = [runtimes.runtime(name) for name in rtopt_settings.runtimes]
    bundle = write_bundle(rtopt_settings.bundle or tmp_path / "bundle", hardware_profile, chosen)
    copied = evaluate_bundle(
        package_set.nix,
        package_set.set,
        bundle.snippet,
        [attr for chosen_one in chosen for attr in chosen_one.attributes],
    )
    for runtime in chosen:
        ours = derivations.of(runtime.name)
        if hardware_profile.settings(runtime.profile_attribute).scope == "replace":
            assert copied[ours.attr] == ours.optimized.drv
