"""Order, budget, warm-up and failures of paired process starts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import ProcessError
from pytest_rtopt.base.process import Completed, Surroundings, Usage
from pytest_rtopt.bench import sampler
from pytest_rtopt.bench.sampler import Comparison, Engine, SamplingPlan, Side, WarmUp, WorkloadFailure
from pytest_rtopt.bench.workload import Places, Workload, WorkloadError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass
class Laboratory:
    """A clock and processes on it: every start of a side takes the seconds that `seconds` says."""

    seconds: dict[str, float] = field(default_factory=lambda: {"stock": 2.0, "optimized": 1.0})
    answers: dict[str, list[bytes]] = field(default_factory=dict)
    returncode: int = 0
    now: float = 100.0
    started: list[str] = field(default_factory=list)

    def run(self, argv: Sequence[str], *, timeout: float, surroundings: Surroundings) -> Completed:
        """Run nothing: move the clock and answer 42."""
        assert timeout > 0
        assert surroundings.cwd is not None
        side = surroundings.cwd.name
        self.started.append(side)
        self.now += self.seconds[side]
        answers = self.answers.get(side, [])
        answer = answers.pop(0) if answers else b"42\n"
        usage = Usage(self.seconds[side], self.seconds[side], 0.0)
        return Completed(tuple(argv), self.returncode, answer, b"cannot open file", usage)

    @property
    def engine(self) -> Engine:
        """Start processes here, on this clock."""
        return Engine(run=self.run, clock=lambda: self.now)


def comparison(tmp_path: Path, *, prepare: tuple[tuple[str, ...], ...] = ()) -> Comparison:
    workload = Workload("lua/a", ("{out}/bin/lua",), prepare=prepare, timeout=5)
    stock, optimized = (Places(tmp_path, tmp_path, tmp_path / side) for side in ("stock", "optimized"))
    return Comparison(workload, stock, optimized)


def measured(lab: Laboratory, tmp_path: Path, plan: SamplingPlan) -> list[sampler.Pair]:
    return list(
        sampler.pairs(comparison(tmp_path), plan, WarmUp(b"42\n"), engine=lab.engine, started=lab.now)
    )


def test_each_pair_has_both_sides_and_says_which_was_first(tmp_path: Path) -> None:
    lab = Laboratory()
    pairs = measured(lab, tmp_path, SamplingPlan(0, seed=1, min_pairs=20))
    assert len(pairs) == 20
    assert [pair.stock.wall_seconds for pair in pairs] == [2.0] * 20
    assert [pair.optimized.wall_seconds for pair in pairs] == [1.0] * 20
    assert lab.started[::2] == [pair.first.value for pair in pairs]
    assert all(set(lab.started[at : at + 2]) == {"stock", "optimized"} for at in range(0, 40, 2))


def test_the_order_is_random_and_repeats_with_the_seed(tmp_path: Path) -> None:
    def order(seed: int) -> list[Side]:
        plan = SamplingPlan(0, seed=seed, min_pairs=50)
        return [pair.first for pair in measured(Laboratory(), tmp_path, plan)]

    assert order(1) == order(1)
    assert order(1) != order(2)
    assert 10 < Counter(order(1))[Side.STOCK] < 40


def test_sampling_ends_before_the_budget_is_overdrawn(tmp_path: Path) -> None:
    lab = Laboratory()
    pairs = measured(lab, tmp_path, SamplingPlan(31.0, min_pairs=5))
    assert len(pairs) == 10
    assert lab.now - 100.0 == 30.0


def test_the_fewest_pairs_come_before_the_budget_and_the_most_after_it(tmp_path: Path) -> None:
    assert len(measured(Laboratory(), tmp_path, SamplingPlan(1.0, min_pairs=6))) == 6
    assert len(measured(Laboratory(), tmp_path, SamplingPlan(1e6, min_pairs=6, max_pairs=9))) == 9


def test_pairs_before_a_failure_stay_with_the_caller(tmp_path: Path) -> None:
    lab = Laboratory(answers={"optimized": [b"42\n"] * 3 + [b"43\n"]})
    plan = SamplingPlan(0)
    kept: list[sampler.Pair] = []

    def measuring() -> None:
        for pair in sampler.pairs(comparison(tmp_path), plan, WarmUp(b"42\n"), engine=lab.engine, started=0):
            kept.append(pair)  # noqa: PERF402  # a list filled at once would lose them

    with pytest.raises(WorkloadFailure, match=r"optimized side answered '43', but .* '42'") as caught:
        measuring()
    assert len(kept) == 3
    assert (caught.value.workload, caught.value.side) == ("lua/a", Side.OPTIMIZED)


def test_both_sides_are_warmed_once_and_have_to_agree(tmp_path: Path) -> None:
    lab = Laboratory()
    assert sampler.warm_up(comparison(tmp_path), lab.engine) == WarmUp(b"42\n", 1)
    assert lab.started == ["stock", "optimized"]
    lab = Laboratory(answers={"optimized": [b"x" * 1000]})
    with pytest.raises(WorkloadFailure, match="find out what changed the answer") as caught:
        sampler.warm_up(comparison(tmp_path), lab.engine)
    assert len(str(caught.value)) < 600


def test_a_short_program_is_started_several_times_for_one_value(tmp_path: Path) -> None:
    """What a start, the clock and we ourselves add would be a part of what is measured."""
    lab = Laboratory(seconds={"stock": 0.03, "optimized": 0.02})
    warm = sampler.warm_up(comparison(tmp_path), lab.engine)
    assert warm == WarmUp(b"42\n", 4)
    plan = SamplingPlan(0, min_pairs=5)
    lab.started.clear()
    pairs = list(sampler.pairs(comparison(tmp_path), plan, warm, engine=lab.engine, started=lab.now))
    assert len(lab.started) == 5 * 2 * 4
    assert len(set(lab.started[:4])) == 1, "the starts of one value are next to each other"
    assert [pair.stock.wall_seconds for pair in pairs] == pytest.approx([0.12] * 5)
    assert [pair.optimized.cpu_seconds for pair in pairs] == pytest.approx([0.08] * 5)


def test_a_very_short_program_is_not_started_for_ever(tmp_path: Path) -> None:
    lab = Laboratory(seconds={"stock": 1e-4, "optimized": 1e-4})
    assert sampler.warm_up(comparison(tmp_path), lab.engine).starts == 20


def test_a_wrong_answer_within_a_value_is_seen(tmp_path: Path) -> None:
    lab = Laboratory(answers={"stock": [b"42\n"] * 3 + [b"43\n"]})
    plan = SamplingPlan(0, min_pairs=5)
    with pytest.raises(WorkloadFailure, match="answered '43'"):
        list(sampler.pairs(comparison(tmp_path), plan, WarmUp(b"42\n", 4), engine=lab.engine, started=0))


def test_a_crash_names_its_signal(tmp_path: Path) -> None:
    with pytest.raises(WorkloadFailure, match="stock side ended with signal SIGSEGV"):
        sampler.warm_up(comparison(tmp_path), Laboratory(returncode=-11).engine)


def test_a_status_other_than_zero_is_a_failure_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(
        WorkloadFailure, match="stock side ended with status 1 and the message 'cannot open file'"
    ):
        sampler.warm_up(comparison(tmp_path), Laboratory(returncode=1).engine)


def test_a_process_that_cannot_run_is_a_failure(tmp_path: Path) -> None:
    def run(argv: Sequence[str], *, timeout: float, surroundings: Surroundings) -> Completed:
        raise ProcessError(f"`{argv[0]}` was still running after {timeout:g} s in {surroundings.cwd}.")

    with pytest.raises(WorkloadFailure, match=r"gave no answer: .* still running after 5 s"):
        sampler.warm_up(comparison(tmp_path), Engine(run=run))


def test_preparations_run_once_on_each_side_in_its_own_directory(tmp_path: Path) -> None:
    lab = Laboratory()
    sampler.prepare(comparison(tmp_path, prepare=(("{out}/bin/go", "install"),)), lab.engine)
    assert lab.started == ["stock", "optimized"]
    assert (tmp_path / "stock").is_dir()
    assert (tmp_path / "optimized").is_dir()


def test_a_real_time_out_is_a_failure(tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path, tmp_path)
    workload = Workload("sh/sleep", ("/bin/sleep", "5"), timeout=0.1)
    with pytest.raises(WorkloadFailure, match=r"still running after 0\.1 s"):
        sampler.warm_up(Comparison(workload, places, places))


@pytest.mark.parametrize(
    ("budget", "fewest", "most"), [(-1.0, 10, 20), (float("nan"), 10, 20), (1.0, 4, 20), (1.0, 10, 9)]
)
def test_a_plan_that_cannot_be_kept_is_refused(budget: float, fewest: int, most: int) -> None:
    with pytest.raises(WorkloadError, match="must"):
        SamplingPlan(budget, min_pairs=fewest, max_pairs=most)
