"""The remembered verdicts allow a switch: fresh, nothing refuted, nothing slower. Builds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.results import RuntimeVerdict
from pytest_rtopt.session import expected_work
from pytest_rtopt.verdict.decide import decide
from pytest_rtopt.verdict.freshness import CurrentState, FreshnessState, compare
from pytest_rtopt.verdict.ledger import read_ledger

if TYPE_CHECKING:
    from pytest_rtopt.hardware.host import Host
    from pytest_rtopt.nix.package_set import Instantiation
    from pytest_rtopt.records import Recorder
    from pytest_rtopt.runtimes.model import Runtime
    from pytest_rtopt.settings import Settings

pytestmark = pytest.mark.gate

_ALLOWED = (RuntimeVerdict.ADOPT, RuntimeVerdict.NEUTRAL)


def test_switch_is_allowed(
    enabled_runtime: Runtime,
    derivations: Instantiation,
    rtopt_host: Host,
    rtopt_settings: Settings,
    rtopt_recorder: Recorder,
) -> None:
    """What would be installed now was judged on this CPU, and neither refuted nor slower."""
    ledger = read_ledger(rtopt_settings.ledger)
    entry = ledger.entries.get(enabled_runtime.name)
    ours = derivations.runtimes[enabled_runtime.name]
    freshness = compare(entry, CurrentState(ours.stock.drv, ours.optimized.drv, rtopt_host.features))
    remedy = f"run `-m 'build or verify or benchmark'` for {enabled_runtime.name}, with these same options"
    if not ledger.present:
        pytest.fail(
            f"There is no ledger at {rtopt_settings.ledger}; {remedy}, which writes it.", pytrace=False
        )
    if entry is None or freshness.state is not FreshnessState.FRESH:
        pytest.fail(
            f"{enabled_runtime.name} is {freshness.state}: {'; '.join(freshness.reasons)}; {remedy}.",
            pytrace=False,
        )
    # Decided anew: a verdict that was edited by hand, or claims that came later, must not pass.
    judged = decide(entry.result, expected_work(enabled_runtime.name))
    rtopt_recorder.result(judged)
    if judged.verdict not in _ALLOWED:
        pytest.fail(f"{enabled_runtime.name}: {judged.verdict}. {judged.reason} {remedy}", pytrace=False)
