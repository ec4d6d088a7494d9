"""The claim that an overlay keeps the variables that stock exports."""

from __future__ import annotations

from pytest_rtopt.claims.environment import env_kept
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import derivation, observation, profile, side

STOCK = derivation("stock", {"LC_ALL": "C"})
OPTIMIZED = derivation("optimized", {"LC_ALL": "C"})
V3_PROFILE = profile("x86-64-v3")


def test_a_variable_that_stock_exports_and_the_overlay_lost_is_named() -> None:
    wiped = side(derivation("optimized", {"NIX_CFLAGS_COMPILE": "-O3"}), {})
    answer = env_kept(observation(V3_PROFILE, side(STOCK, {}), wiped))
    assert answer.status is FindingStatus.REFUTED
    assert "lost LC_ALL, which stock exports" in answer.evidence
    assert "env = (old.env or { }) // { … }" in answer.evidence


def test_a_kept_environment_is_proven_and_an_untouched_one_is_not_judged() -> None:
    kept = observation(V3_PROFILE, side(STOCK, {}), side(OPTIMIZED, {}))
    assert env_kept(kept).status is FindingStatus.PROVEN
    same = observation(V3_PROFILE, side(STOCK, {}), side(STOCK, {}))
    assert env_kept(same).status is FindingStatus.NOT_APPLICABLE


def test_an_added_variable_loses_nothing() -> None:
    more = side(derivation("optimized", {"LC_ALL": "C", "NIX_CFLAGS_COMPILE": "-O3"}), {})
    answer = env_kept(observation(V3_PROFILE, side(STOCK, {}), more))
    assert answer.status is FindingStatus.PROVEN
    assert "all 1 variables that stock exports" in answer.evidence


def test_a_variable_that_became_empty_is_lost() -> None:
    emptied = side(derivation("optimized", {"LC_ALL": ""}), {})
    assert env_kept(observation(V3_PROFILE, side(STOCK, {}), emptied)).status is FindingStatus.REFUTED
