"""Whether stock and optimized are one program, decided on made-up derivations."""

from __future__ import annotations

import pytest

from pytest_rtopt.claims.same_source import same_source
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import derivation, observation, profile, side

UPSTREAM = "/nix/store/a-lua-5.4.7.tar.gz"
FORK = "/nix/store/b-lua-fork"


@pytest.mark.parametrize(
    ("stock", "optimized", "status", "words"),
    [
        ({"src": UPSTREAM}, {"src": UPSTREAM}, FindingStatus.PROVEN, f"both are built from {UPSTREAM}"),
        (
            {"src": UPSTREAM},
            {"src": FORK},
            FindingStatus.REFUTED,
            f"builds {FORK} and stock builds {UPSTREAM}",
        ),
        ({"src": UPSTREAM}, {}, FindingStatus.UNPROVEN, "the optimized derivation has no `src`"),
        ({}, {"src": FORK}, FindingStatus.UNPROVEN, "stock's derivation has no `src`"),
    ],
)
def test_two_sources_are_two_programs(
    stock: dict[str, str], optimized: dict[str, str], status: FindingStatus, words: str
) -> None:
    """An overlay that compiled another version was measured against stock as if flags made the difference."""
    sides = side(derivation("stock", stock), {}), side(derivation("optimized", optimized), {})
    answer = same_source(observation(profile(None), *sides))
    assert answer.status is status
    assert words in answer.evidence


def test_stocks_own_derivation_is_no_claim() -> None:
    same = side(derivation("stock", {"src": UPSTREAM}), {})
    assert same_source(observation(profile(None), same, same)).status is FindingStatus.NOT_APPLICABLE
