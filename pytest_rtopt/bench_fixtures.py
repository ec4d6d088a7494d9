"""The fixtures of measuring: a workload with its two sides, the plan, and who is told how far it is."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

    from pytest_rtopt.bench.adapter import PairedBenchmark
    from pytest_rtopt.bench.budget import SharedBudget
    from pytest_rtopt.bench.measure import Measurement, Turn
    from pytest_rtopt.bench.sampler import Comparison, SamplingPlan
    from pytest_rtopt.bench.workload import Workload
    from pytest_rtopt.hardware.checks import Check
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.layouts import FurtherBuilds
    from pytest_rtopt.nix.package_set import Instantiation
    from pytest_rtopt.pipeline import Packages, RuntimeBuild, Subject
    from pytest_rtopt.report.screen import Screen
    from pytest_rtopt.runtimes.model import Runtime
    from pytest_rtopt.settings import Settings
    from pytest_rtopt.state import StateDirectory


@pytest.fixture
def comparison(
    workload: Workload,
    runnable_build: RuntimeBuild,
    rtopt_subject: Subject,
    tmp_path: Path,
    enabled_runtime: Runtime,
) -> Comparison:
    """The workload with its two sides; skips where both are the same build."""
    from pytest_rtopt.pipeline import comparison_of

    derivations = runnable_build.derivations
    if not derivations.touched:
        pytest.skip(f"no overlay touches {enabled_runtime.name}: stock and optimized are the same build")
    settings = rtopt_subject.profile.settings(enabled_runtime.profile_attr)
    compiler = rtopt_subject.packages.compiler
    return replace(comparison_of(workload, settings, derivations, tmp_path), compiler=compiler)


@pytest.fixture(scope="session")
def rtopt_machine(request: pytest.FixtureRequest, rtopt_settings: Settings) -> tuple[Check, ...]:
    """What was seen of the machine before anything is measured: advice, or, if asked for, a refusal."""
    from pytest_rtopt.bench.quiet import check_machine, objections
    from pytest_rtopt.errors import MachineError
    from pytest_rtopt.hardware.advice import RtoptAdvice
    from pytest_rtopt.hardware.checks import CheckStatus

    checks = check_machine()
    if request.config.getoption("benchmark_disable", default=False):
        return checks
    against = objections(checks, rtopt_settings.strict_except) if rtopt_settings.strict_machine else ()
    if against:
        raise MachineError(
            "--rtopt-strict-machine: nothing is measured on this machine; change what is said here, or let "
            "it pass by --rtopt-strict-except NAME.\n" + "\n".join(against)
        )
    advice = [check.message for check in checks if check.status is CheckStatus.ADVICE]
    if advice:
        warnings.warn(RtoptAdvice("\n".join(advice)), stacklevel=1)
    return checks


@pytest.fixture(scope="session")
def sampling_plan(
    request: pytest.FixtureRequest,
    rtopt_settings: Settings,
    rtopt_machine: tuple[Check, ...],  # noqa: ARG001  # what may not be measured on has no plan
) -> SamplingPlan:
    """How long to measure, and the seed of the order; another one in every run."""
    import secrets

    from pytest_rtopt.bench.sampler import SamplingPlan

    measuring = sum("sampling_plan" in getattr(item, "fixturenames", ()) for item in request.session.items)
    seconds = min(rtopt_settings.budget_seconds, rtopt_settings.shared_seconds / max(1, measuring))
    return SamplingPlan(seconds, seed=secrets.randbits(32))


@pytest.fixture(scope="session")
def shared_budget(request: pytest.FixtureRequest, rtopt_settings: Settings) -> SharedBudget:
    """The seconds that the workloads of this run share."""
    from pytest_rtopt.bench.budget import SharedBudget

    workloads = sum("turns" in getattr(item, "fixturenames", ()) for item in request.session.items)
    return SharedBudget(rtopt_settings.budget_seconds, rtopt_settings.shared_seconds, workloads)


@pytest.fixture
def turns(
    shared_budget: SharedBudget, sampling_plan: SamplingPlan, rtopt_screen: Screen, workload: Workload
) -> Callable[..., AbstractContextManager[Turn]]:
    """How long the workload may be measured, once and `again`; shows how far that is, and how far the run."""
    from contextlib import contextmanager

    from pytest_rtopt.bench.measure import Turn
    from pytest_rtopt.report.progress import PairProgress

    @contextmanager
    def turn(*, again: bool = False) -> Iterator[Turn]:
        seconds, used = shared_budget.take(again=again), 0.0
        show = PairProgress(rtopt_screen, workload.name, shared_budget, sampling_plan.min_pairs)

        def on_pair(done: int, elapsed: float, allowed: float) -> None:
            nonlocal used
            used = elapsed
            show(done, elapsed, allowed)

        try:
            yield Turn(replace(sampling_plan, budget_seconds=seconds), on_pair)
        finally:
            shared_budget.settle(seconds, used)
            # Pairs end as soon as the verdict is clear, which nobody is told.
            rtopt_screen.close()

    return turn


@pytest.fixture(scope="session")
def layouts(
    rtopt_settings: Settings, package_set: Packages, hardware_profile: HardwareProfile
) -> Callable[[int], Instantiation]:
    """The derivations of all requested runtimes in a further build, by its number."""
    from functools import cache

    from pytest_rtopt.pipeline import instantiate_runtimes

    @cache
    def evaluate(layout: int) -> Instantiation:
        return instantiate_runtimes(
            rtopt_settings, package_set, hardware_profile, everything=False, layout=layout
        )

    return evaluate


@pytest.fixture
def further_builds(request: pytest.FixtureRequest, workload: Workload, tmp_path: Path) -> FurtherBuilds:
    """Further builds of what the workload runs, made where that is allowed, and how to measure them."""
    from pytest_rtopt.bench.measure import measure
    from pytest_rtopt.errors import LayoutError
    from pytest_rtopt.layouts import FurtherBuilds, may_build_unasked, optional_build, relaid, seconds_of
    from pytest_rtopt.pipeline import build_runtime, comparison_of, may_build, wanted_of
    from pytest_rtopt.report.progress import duration
    from pytest_rtopt.selection import selects

    value = request.getfixturevalue
    runtime: Runtime = value("enabled_runtime")
    settings: Settings = value("rtopt_settings")
    subject: Subject = value("rtopt_subject")
    first: RuntimeBuild = value("runnable_build")
    evaluate: Callable[[int], Instantiation] = value("layouts")
    budget: SharedBudget = value("shared_budget")
    seconds = seconds_of(runtime, workload)
    allowed = (
        may_build_unasked(settings.build, seconds)
        if settings.builds is None
        else may_build(settings.build, asked_for=selects(request.config, "build"), seconds=seconds)
    )

    def comparison(number: int) -> Comparison:
        if settings.builds is None and budget.used_up:
            raise LayoutError(
                f"the time of this run is used up; --rtopt-builds {number + 1} takes as much as it needs"
            )
        varied = relaid(workload, first.derivations, evaluate(number).runtimes[runtime.name])
        absent = subject.packages.nix.missing([paths.out for paths in wanted_of(varied)])
        if absent and not allowed:
            raise LayoutError(
                f"another one takes about {duration(seconds)}; --rtopt-builds {number + 1} with -m build or "
                "--rtopt-build always makes it"
            )
        state: StateDirectory = value("rtopt_state")
        # Where nobody asked for it, nobody waits longer for it.
        with optional_build(), budget.charged() if settings.builds is None else nullcontext():
            build_runtime(runtime, varied, subject.packages, value("rtopt_builder"), state.sources)
        scratch = tmp_path / f"build-{number}"
        scratch.mkdir()
        profile = subject.profile.settings(runtime.profile_attr)
        return replace(comparison_of(workload, profile, varied, scratch), compiler=subject.packages.compiler)

    turns: Callable[..., AbstractContextManager[Turn]] = value("turns")

    def measured(other: Comparison) -> Measurement:
        with turns(again=True) as turn:
            return measure(other, turn.plan, on_pair=turn.on_pair)

    return FurtherBuilds(settings.builds, comparison, measured)


@pytest.fixture
def paired_benchmark(request: pytest.FixtureRequest, benchmark: BenchmarkFixture) -> PairedBenchmark:
    """Measures stock against optimized, in pytest-benchmark's table and storage."""
    from pytest_rtopt.bench.adapter import PairedBenchmark

    return PairedBenchmark(request, benchmark)
