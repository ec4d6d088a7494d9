"""What would be installed now, from an evaluation or from a manifest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.errors import NixError, ReportError
from pytest_rtopt.hardware.profile import HardwareProfile, parse_profile
from pytest_rtopt.results.document import Document, check_schema, read_document
from pytest_rtopt.results.schema import inputs_from_field, paths_from_field
from pytest_rtopt.runtimes import runtime as runtime_named
from pytest_rtopt.stages.build import threshold_of
from pytest_rtopt.verdict.freshness import CurrentState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pytest_rtopt.hardware.gate_policy import GatePolicy
    from pytest_rtopt.hardware.host import Host
    from pytest_rtopt.nix.package_set import Instantiation

SCHEMA: Final = 1


@dataclass(frozen=True)
class Installed:
    """The current state of each runtime, the profile's gate policy, and why other runtimes have no state."""

    policy: GatePolicy
    states: Mapping[str, CurrentState]
    failures: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> CurrentState:
        """Return the state of a runtime; raises `NixError` for one that does not evaluate."""
        if name in self.failures:
            raise NixError(f"{name} cannot be judged: {self.failures[name]}")
        return self.states[name]


def installed_by_evaluation(derivations: Instantiation, profile: HardwareProfile, host: Host) -> Installed:
    """Return what this run evaluated."""
    states = {
        name: CurrentState(
            stock=sides.stock,
            optimized=sides.optimized,
            programs=sides.programs,
            inputs=sides.inputs,
            cpu_features=host.features,
            thresholds=_thresholds(name, profile),
            kernel=host.kernel,
            microcode=host.microcode,
        )
        for name, sides in derivations.runtimes.items()
    }
    return Installed(profile.gate, states, derivations.failures)


def installed_by_manifest(path: Path, runtimes: Iterable[str], host: Host) -> Installed:
    """Return what the evaluation of a configuration wrote to a manifest (`overlays/manifest.nix`).

    Raises `ReportError` if the manifest is missing or damaged, has a newer schema, or lacks one of
    `runtimes`.
    """
    document = Document(str(path), "evaluate the configuration again")
    top = read_document(path, document)
    if top is None:
        raise ReportError(f"{path}: there is no such manifest; {document.remedy}.")
    check_schema(top, SCHEMA)
    profile = parse_profile(top.member("profile").mapping(), name="manifest", source=str(path))
    states = {}
    for name in runtimes:
        block = top.member("runtimes").member(name)
        states[name] = CurrentState(
            stock=paths_from_field(block.member("stock")),
            optimized=paths_from_field(block.member("optimized")),
            inputs=inputs_from_field(block.member("inputs")),
            cpu_features=host.features,
            thresholds=_thresholds(name, profile),
            kernel=host.kernel,
            microcode=host.microcode,
        )
    return Installed(profile.gate, states)


def _thresholds(name: str, profile: HardwareProfile) -> dict[str, float]:
    runtime = runtime_named(name)
    settings = profile.settings(runtime.profile_attribute)
    return {workload.name: threshold_of(workload, settings) for workload in runtime.workloads}
