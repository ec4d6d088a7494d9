"""What the values of a result say about its builds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_rtopt.results.values import Programs, RuntimeResult, StorePaths

STOCK = StorePaths("/nix/store/a.drv", "/nix/store/a")
OTHER = StorePaths("/nix/store/b.drv", "/nix/store/b")
SAME = RuntimeResult("go", "go_1_24", "1.24", STOCK, STOCK)


@pytest.mark.parametrize(
    ("result", "one"),
    [
        (SAME, True),
        (replace(SAME, optimized=OTHER), False),
        (replace(SAME, programs=Programs(STOCK, STOCK)), True),
        pytest.param(replace(SAME, programs=Programs(STOCK, OTHER)), False, id="only programs differ"),
        (replace(SAME, optimized=OTHER, programs=Programs(STOCK, STOCK)), False),
    ],
)
def test_both_sides_are_one_build_if_their_programs_are_as_well(result: RuntimeResult, *, one: bool) -> None:
    assert result.one_build is one


def test_results_on_other_programs_are_about_other_builds() -> None:
    """Parts of a result are joined only if they are about the same builds."""
    parts = [SAME, replace(SAME, optimized=OTHER), replace(SAME, programs=Programs(STOCK, OTHER))]
    assert len({part.builds for part in parts}) == len(parts)
    assert replace(SAME, reason="another reason").builds == SAME.builds
