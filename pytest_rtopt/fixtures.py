"""The fixtures of the suites: session-wide values, each made from the ones before it.

rtopt_settings, rtopt_nix ─► package_set ─► hardware_profile ─► derivations ─► runtime_build ─► observed
                              rtopt_host ─┘
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.once import Once
from pytest_rtopt.records import Recorder, RuntimeRecorder
from pytest_rtopt.selection import only_gates
from pytest_rtopt.settings import SETTINGS, Settings

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observe import Reader
    from pytest_rtopt.evidence.observed import Observed
    from pytest_rtopt.hardware.host import Host
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.nix.build import Builder
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.package_set import Instantiation
    from pytest_rtopt.pipeline import Packages, RuntimeBuild, Subject
    from pytest_rtopt.report.screen import Screen
    from pytest_rtopt.runtimes.model import Runtime
    from pytest_rtopt.state import StateDirectory


@pytest.fixture(scope="session")
def rtopt_settings(request: pytest.FixtureRequest) -> Settings:
    """What this run was asked for."""
    return request.config.stash[SETTINGS]


@pytest.fixture(scope="session")
def rtopt_state() -> StateDirectory:
    """Where sources, records and censuses are kept between runs."""
    from pytest_rtopt.state import user_state

    return user_state()


@pytest.fixture(scope="session")
def rtopt_host() -> Host:
    """The machine at hand."""
    from pytest_rtopt.hardware.host import read_host

    return read_host()


@pytest.fixture(scope="session")
def rtopt_nix() -> Nix:
    """Nix as it is installed here."""
    from pytest_rtopt.nix.client import find_nix

    return find_nix()


@pytest.fixture(scope="session")
def package_set(request: pytest.FixtureRequest, rtopt_settings: Settings, rtopt_nix: Nix) -> Packages:
    """The package set that the overlays are applied to, and the Nix that builds it."""
    from pytest_rtopt.pipeline import prepare_packages

    return prepare_packages(rtopt_settings, rtopt_nix, builds=not only_gates(request.config))


@pytest.fixture(scope="session")
def hardware_profile(
    rtopt_settings: Settings, rtopt_host: Host, rtopt_nix: Nix, package_set: Packages
) -> HardwareProfile:
    """The profile that was asked for; detected on this machine unless named."""
    from pytest_rtopt.hardware.load import LoadContext, load_profile
    from pytest_rtopt.nix.profile_file import read_profile_file
    from pytest_rtopt.resources import directory

    context = LoadContext(
        shipped=directory("profiles"),
        rootdir=rtopt_settings.profile_base,
        read_nix=lambda path: read_profile_file(rtopt_nix, path),
        host=lambda: rtopt_host,
        gcc_version=package_set.gcc_version,
    )
    return load_profile(rtopt_settings.profile, context)


@pytest.fixture(scope="session")
def derivations(
    request: pytest.FixtureRequest,
    rtopt_settings: Settings,
    package_set: Packages,
    hardware_profile: HardwareProfile,
) -> Instantiation:
    """The derivations of all requested runtimes, stock and optimized, by evaluation only."""
    from pytest_rtopt.pipeline import instantiate_runtimes

    everything = rtopt_settings.explain or not only_gates(request.config)
    return instantiate_runtimes(rtopt_settings, package_set, hardware_profile, everything=everything)


@pytest.fixture
def runtime(request: pytest.FixtureRequest) -> Runtime:
    """One of the requested runtimes; tests that ask for it run once for each."""
    from pytest_rtopt import runtimes

    return runtimes.runtime(request.param)


@pytest.fixture
def enabled_runtime(
    runtime: Runtime, rtopt_settings: Settings, hardware_profile: HardwareProfile, derivations: Instantiation
) -> Runtime:
    """The same runtime; skips where the profile or somebody else's overlays leave it alone."""
    from pytest_rtopt.pipeline import left_alone

    if not hardware_profile.settings(runtime.profile_attr).enable:
        pytest.skip(f"the profile {hardware_profile.name} leaves {runtime.name} alone")
    if left_alone(runtime, rtopt_settings, derivations):
        pytest.skip(f"the overlays leave {runtime.name} alone, and --rtopt-runtime does not name it")
    return runtime


@pytest.fixture(scope="session")
def rtopt_screen(request: pytest.FixtureRequest) -> Screen:
    """Where progress is shown."""
    from pytest_rtopt.report.screen import Screen

    return Screen(request.config)


@pytest.fixture(scope="session")
def rtopt_builder(
    package_set: Packages, derivations: Instantiation, rtopt_state: StateDirectory, rtopt_screen: Screen
) -> Builder:
    """Builds derivations, and shows what it builds."""
    from pytest_rtopt.pipeline import visible_builder

    return visible_builder(package_set.building, rtopt_state.builds, derivations, rtopt_screen)


@pytest.fixture(scope="session")
def builds(
    request: pytest.FixtureRequest,
    rtopt_settings: Settings,
    derivations: Instantiation,
    rtopt_builder: Builder,
) -> Once[RuntimeBuild]:
    """The builds of runtimes by name, made when first asked for, where the build policy lets them."""
    from dataclasses import replace

    from pytest_rtopt.fleet import Recipient, take_parcel
    from pytest_rtopt.pipeline import build_runtime, judgement_of, may_build
    from pytest_rtopt.runtimes import runtime
    from pytest_rtopt.selection import selects

    packages: Packages = request.getfixturevalue("package_set")
    state: StateDirectory = request.getfixturevalue("rtopt_state")
    host: Host = request.getfixturevalue("rtopt_host")
    recipient = Recipient(host.features, rtopt_settings.keys(), rtopt_settings.fleet.push)

    def build(name: str) -> RuntimeBuild:
        wanted = runtime(name)
        allowed = may_build(
            rtopt_settings.build,
            asked_for=selects(request.config, "build"),
            seconds=wanted.build_seconds,
        )
        sources = state.sources if allowed else None
        built = build_runtime(wanted, derivations.runtimes[name], packages, rtopt_builder, sources)
        judgement = judgement_of(name, built.derivations)
        return replace(built, parcel=take_parcel(packages.caches, judgement, recipient))

    return Once(build)


@pytest.fixture
def runtime_build(enabled_runtime: Runtime, builds: Once[RuntimeBuild]) -> RuntimeBuild:
    """Stock and optimized builds of the runtime."""
    return builds(enabled_runtime.name)


@pytest.fixture(scope="session")
def evidence_reader(rtopt_subject: Subject, rtopt_state: StateDirectory) -> Reader:
    """Reads what was built, with what it read before."""
    from pytest_rtopt.evidence.observe import Reader

    return Reader(rtopt_subject.packages.nix, rtopt_state.census, rtopt_subject.host.features)


@pytest.fixture(scope="session")
def refusals(builds: Once[RuntimeBuild], evidence_reader: Reader) -> Once[str | None]:
    """Why optimized builds must not run on this machine, by runtime; `None` for those that may."""
    from pytest_rtopt.runtimes import runtime

    return Once(lambda name: evidence_reader.refusal(runtime(name), builds(name).derivations))


@pytest.fixture(scope="session")
def observations(
    rtopt_settings: Settings,
    derivations: Instantiation,
    builds: Once[RuntimeBuild],
    rtopt_subject: Subject,
    evidence_reader: Reader,
) -> Once[Observed]:
    """Everything that can be read about the builds of runtimes, by name, read when first asked for."""
    from dataclasses import replace

    from pytest_rtopt.evidence.observed import Observed
    from pytest_rtopt.runtimes import runtime
    from pytest_rtopt.runtimes.foreign import asked_of, held_to

    foreign = derivations.overlaid or not rtopt_settings.own_overlays

    def observe(name: str) -> Observed:
        wanted, built, parcel = runtime(name), builds(name).derivations, builds(name).parcel
        reader = evidence_reader if parcel is None else replace(evidence_reader, taken_log=parcel.log)
        stock, optimized = reader.sides(wanted, built)
        profile, asked = rtopt_subject.profile, None
        if foreign and rtopt_settings.detects_profile:
            asked = asked_of(stock, optimized)
            profile = held_to(profile, wanted.profile_attr, asked)
        return Observed(
            attr=wanted.profile_attr,
            profile=profile,
            host_features=rtopt_subject.host.features,
            stock=stock,
            optimized=optimized,
            prebuilt=built.prebuilt,
            asked=asked,
        )

    return Once(observe)


@pytest.fixture
def observed(enabled_runtime: Runtime, observations: Once[Observed]) -> Observed:
    """Everything that can be read about the runtime's builds, stock and optimized."""
    return observations(enabled_runtime.name)


@pytest.fixture(scope="session")
def rtopt_subject(hardware_profile: HardwareProfile, rtopt_host: Host, package_set: Packages) -> Subject:
    """The profile, the machine and the package set that a run is about."""
    from pytest_rtopt.pipeline import Subject

    return Subject(hardware_profile, rtopt_host, package_set)


@pytest.fixture
def rtopt_recorder(request: pytest.FixtureRequest, rtopt_subject: Subject) -> Recorder:
    """Attaches what a test finds out to its report."""
    recorder = Recorder(request.node)
    recorder.context(rtopt_subject.as_json())
    return recorder


@pytest.fixture
def rtopt_record(
    rtopt_recorder: Recorder, enabled_runtime: Runtime, runtime_build: RuntimeBuild
) -> RuntimeRecorder:
    """Records what a test finds out about the builds of the runtime."""
    from pytest_rtopt.pipeline import result_of

    if runtime_build.parcel is not None:
        rtopt_recorder.parcel(enabled_runtime.name, runtime_build.parcel.directory)
    return RuntimeRecorder(rtopt_recorder, result_of(enabled_runtime, runtime_build))


@pytest.fixture
def runnable_build(
    enabled_runtime: Runtime, runtime_build: RuntimeBuild, refusals: Once[str | None]
) -> RuntimeBuild:
    """The same builds, of code that this CPU can execute; anything else is refused before it is run."""
    from pytest_rtopt.errors import EvidenceError

    refusal = refusals(enabled_runtime.name) if runtime_build.derivations.touched else None
    if refusal is not None:
        raise EvidenceError(f"{enabled_runtime.name} cannot be measured here: {refusal}.")
    return runtime_build
