"""Rivals run in the rounds of stock and optimized, and nothing that they do touches the two sides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.process import Completed, Surroundings, Usage
from pytest_rtopt.bench.measure import measure
from pytest_rtopt.bench.rivals import Rival
from pytest_rtopt.bench.sampler import Comparison, Engine, SamplingPlan
from pytest_rtopt.bench.workload import Places, Workload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PLAN = SamplingPlan(budget_seconds=0.0, seed=3)


@dataclass
class Course:
    """A clock, and builds that take the CPU seconds of `seconds`; from a start on, they fail or answer 43."""

    seconds: dict[str, float]
    fails_at: dict[str, int] = field(default_factory=dict)
    differs_at: dict[str, int] = field(default_factory=dict)
    now: float = 0.0
    started: list[str] = field(default_factory=list)

    def run(self, argv: Sequence[str], *, timeout: float, surroundings: Surroundings) -> Completed:
        """Run nothing: move the clock, and answer 42."""
        assert timeout > 0
        assert surroundings.cwd is not None
        name = surroundings.cwd.name
        self.started.append(name)
        self.now += self.seconds[name]
        starts = self.started.count(name)
        returncode = int(starts >= self.fails_at.get(name, starts + 1))
        answer = b"43\n" if starts >= self.differs_at.get(name, starts + 1) else b"42\n"
        usage = Usage(self.seconds[name], self.seconds[name], 0.0)
        return Completed(tuple(argv), returncode, answer, b"no such module", usage)

    @property
    def engine(self) -> Engine:
        """Start processes here, on this clock."""
        return Engine(run=self.run, clock=lambda: self.now)


def comparison(tmp_path: Path, *rivals: str) -> Comparison:
    def places(name: str) -> Places:
        return Places(tmp_path, tmp_path, tmp_path / name)

    workload = Workload("python/a", ("{out}/bin/python3.13",))
    return Comparison(
        workload,
        places("stock"),
        places("optimized"),
        rivals=tuple(Rival(f"/usr/bin/{name}", places(name)) for name in rivals),
    )


def test_each_round_has_every_build_once_in_changing_order(tmp_path: Path) -> None:
    course = Course({"stock": 2.0, "optimized": 1.0, "debian": 1.25})
    measurement = measure(comparison(tmp_path, "debian"), PLAN, engine=course.engine)
    warm_up, rounds = course.started[:3], course.started[3:]
    assert warm_up == ["stock", "optimized", "debian"]
    every = [tuple(rounds[at : at + 3]) for at in range(0, len(rounds), 3)]
    assert len(every) == measurement.result.pairs
    assert {frozenset(one) for one in every} == {frozenset(course.seconds)}
    assert len(set(every)) > 2
    assert {pair.first for pair in measurement.pairs} == {"stock", "optimized"}


def test_a_rival_is_compared_with_both_sides(tmp_path: Path) -> None:
    course = Course({"stock": 2.0, "optimized": 1.0, "debian": 1.25})
    result = measure(comparison(tmp_path, "debian"), PLAN, engine=course.engine).result
    (rival,) = result.rivals
    assert (rival.name, rival.pairs, rival.withdrawn) == ("/usr/bin/debian", result.pairs, None)
    assert rival.speedup is not None
    assert rival.lead is not None
    assert rival.speedup.estimate == pytest.approx(2.0 / 1.25)
    assert rival.lead.estimate == pytest.approx(1.25)
    assert rival.speedup.estimate * rival.lead.estimate == pytest.approx(result.speedup.estimate)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (
            "fails_at",
            r"python/a on the rival /usr/bin/odd ended with status 1 and the message",
        ),
        ("differs_at", r"python/a on the rival /usr/bin/odd answered '43', but the first start of stock"),
    ],
)
@pytest.mark.parametrize("start", [1, 4])
def test_a_rival_that_fails_leaves_the_others_alone(
    tmp_path: Path, fault: str, reason: str, start: int
) -> None:
    seconds = {"stock": 2.0, "optimized": 1.0, "odd": 1.5, "fine": 0.5}
    course = Course(seconds)
    getattr(course, fault)["odd"] = start
    result = measure(comparison(tmp_path, "odd", "fine"), PLAN, engine=course.engine).result
    alone = measure(comparison(tmp_path), PLAN, engine=Course(seconds).engine).result
    assert result.speedup == alone.speedup
    assert course.started.count("odd") == start
    fine, odd = result.rivals
    assert fine.pairs == result.pairs
    assert (odd.speedup, odd.lead) == (None, None)
    assert odd.withdrawn is not None
    assert re.match(reason, odd.withdrawn)


def test_a_workload_of_programs_has_no_rival(tmp_path: Path) -> None:
    course = Course({"stock": 2.0, "optimized": 1.0, "debian": 1.25})
    places = Places(tmp_path, tmp_path, tmp_path / "stock", tmp_path / "programs")
    workload = Workload("rust/hash", ("{programs}/bin/hash",))
    rival = Rival("/usr", Places(tmp_path, tmp_path, tmp_path / "debian"))
    both = Comparison(workload, places, places, rivals=(rival,))
    (found,) = measure(both, PLAN, engine=course.engine).result.rivals
    assert found.withdrawn is not None
    assert "rust/hash needs {programs}" in found.withdrawn
