"""The fixtures of the gate: what would be installed now, and what the ledger remembers of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_rtopt.hardware.host import Host
    from pytest_rtopt.once import Once
    from pytest_rtopt.present import Present
    from pytest_rtopt.runtimes.model import Runtime
    from pytest_rtopt.settings import Settings
    from pytest_rtopt.verdict.gate import Question
    from pytest_rtopt.verdict.ledger import Ledger


@pytest.fixture(scope="session")
def rtopt_ledger(rtopt_settings: Settings) -> Ledger:
    """The ledger; a missing, damaged or wrongly signed one is an error."""
    from pytest_rtopt.errors import ReportError
    from pytest_rtopt.verdict.ledger import read_ledger

    ledger = read_ledger(rtopt_settings.ledger, rtopt_settings.keys())
    if not ledger.present:
        raise ReportError(
            f"There is no ledger at {rtopt_settings.ledger}; run `-m 'build or verify or benchmark'`, with "
            "these same options, which writes it."
        )
    return ledger


@pytest.fixture(scope="session")
def rtopt_present(request: pytest.FixtureRequest, rtopt_settings: Settings, rtopt_host: Host) -> Present:
    """What would be installed now, by evaluation unless a manifest says it."""
    from pytest_rtopt.present import present_by_evaluation, present_by_manifest

    if rtopt_settings.manifest is not None:
        return present_by_manifest(rtopt_settings.manifest, rtopt_settings.runtimes, rtopt_host)
    derivations, profile = (request.getfixturevalue(name) for name in ("derivations", "hardware_profile"))
    return present_by_evaluation(derivations, profile, rtopt_host)


@pytest.fixture(scope="session")
def rebuild_notes(request: pytest.FixtureRequest, rtopt_settings: Settings) -> Once[tuple[str, ...]]:
    """What has to be built before a runtime can be judged again, where --rtopt-explain asks for that."""
    from pytest_rtopt.once import Once
    from pytest_rtopt.rebuilds import TOGETHER, rebuild_impacts, rebuild_note
    from pytest_rtopt.runtimes import runtime as runtime_named

    if not rtopt_settings.explain or rtopt_settings.manifest is not None:
        return Once(lambda _: ())
    packages, profile, derivations, builder = (
        request.getfixturevalue(name)
        for name in ("package_set", "hardware_profile", "derivations", "rtopt_builder")
    )
    impacts = Once(lambda _: rebuild_impacts(rtopt_settings, packages, profile, derivations))

    def notes(name: str) -> tuple[str, ...]:
        found = impacts("all")
        impact = found.get(name, found.get(TOGETHER))
        return (rebuild_note(runtime_named(name), derivations.runtimes[name], impact, builder),)

    return Once(notes)


@pytest.fixture
def gate_question(
    runtime: Runtime, rtopt_settings: Settings, rtopt_ledger: Ledger, rtopt_present: Present
) -> Question:
    """What the gate is asked about the runtime."""
    from pytest_rtopt.session import expected_work
    from pytest_rtopt.verdict.gate import Question

    return Question(
        runtime=runtime.name,
        entry=rtopt_ledger.entries.get(runtime.name),
        current=rtopt_present.states[runtime.name],
        expected=expected_work(runtime.name),
        policy=rtopt_present.policy,
        demanded=rtopt_settings.named_runtimes and rtopt_settings.manifest is None,
    )
