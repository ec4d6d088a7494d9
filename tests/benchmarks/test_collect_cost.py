"""The cost script: its statistics, its words, and one short real run."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from types import ModuleType

SCRIPT = Path(__file__).resolve().parent.parent.parent / "benchmarks" / "collect_cost.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("collect_cost", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["collect_cost"] = module  # dataclasses looks its class's module up
    spec.loader.exec_module(module)
    return module


collect_cost = load()


@settings(max_examples=25)
@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=60), st.integers(0, 2**32 - 1))
def test_the_interval_is_around_the_median_within_the_data(differences: list[float], seed: int) -> None:
    cost = collect_cost.summarize(differences, seed)
    low, high = cost.ci95
    # SciPy interpolates between resampled medians, which rounds in the last place.
    rounding = 1e-9 * max(map(abs, differences))
    assert min(differences) - rounding <= low <= cost.median + rounding
    assert cost.median - rounding <= high <= max(differences) + rounding
    assert collect_cost.summarize(differences, seed) == cost


def test_a_cost_that_is_there_is_found() -> None:
    cost = collect_cost.summarize([20.0 + noise for noise in (-3, -2, -1, 0, 1, 2, 3) * 6], seed=1)
    assert 18 < cost.ci95[0] < cost.median < cost.ci95[1] < 22


@pytest.mark.parametrize(
    ("ci95", "word"), [((1.0, 30.0), "within"), ((29.0, 31.0), "undecided"), ((30.1, 31.0), "above")]
)
def test_the_verdict_says_where_the_interval_lies(ci95: tuple[float, float], word: str) -> None:
    assert collect_cost.verdict(collect_cost.Cost(30.0, ci95), 30.0).startswith(word)


def test_a_real_run_prints_the_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert collect_cost.main(["--pairs", "2", "--seed", "7", "--limit", "1e6"]) == 0
    assert "2 pairs, seed 7" in capsys.readouterr().out


@pytest.mark.parametrize(("limit", "status"), [("30", 0), ("12", 1), ("5", 1)])
def test_the_status_is_about_the_whole_interval_of_wall_time(
    monkeypatch: pytest.MonkeyPatch, limit: str, status: int
) -> None:
    wall, cpu = [10.0, 11.0, 14.0, 15.0] * 5, [100.0] * 20
    monkeypatch.setattr(collect_cost, "measure", lambda _project, _pairs, _seed: (wall, cpu))
    assert collect_cost.main(["--limit", limit]) == status


def test_what_cannot_be_measured_is_a_status_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(collect_cost, "_COLLECT", (sys.executable, "-c", "pass"))
    assert collect_cost.main([]) == 2
    assert "does not load pytest-rtopt" in capsys.readouterr().err
