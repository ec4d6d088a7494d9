"""Interleaved pairs of process starts: what is timed, in what order, on which core.

The generator `pairs` measures one pair at each step and stores nothing, so whatever ends the loop around it
(the budget, a clear verdict, Ctrl-C, a failure), the pairs that came out of it are with the caller, and none
was dropped.
"""

from __future__ import annotations

import contextlib
import os
import random
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from pytest_rtopt import process
from pytest_rtopt.bench.judge import LAYOUT_MARGIN
from pytest_rtopt.bench.statistics import FEWEST_PAIRS
from pytest_rtopt.bench.workload import Command, Places, Workload, WorkloadError
from pytest_rtopt.errors import ProcessError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SHOWN_CHARACTERS = 200


class Side(StrEnum):
    """The two builds of a runtime that are held against each other."""

    STOCK = "stock"
    OPTIMIZED = "optimized"


class WorkloadFailure(WorkloadError):  # noqa: N818  # a failure of the program that is measured, not of ours
    """A process of a workload that failed, ran out of time, or gave another answer: it has no time."""

    def __init__(self, workload: str, side: Side, reason: str) -> None:
        super().__init__(f"{workload} on the {side} side {reason}")
        self.workload = workload
        self.side = side
        self.reason = reason


@dataclass(frozen=True)
class Comparison:
    """A workload and the places of the two sides on which it is measured.

    `compiler` names what built both sides, if that is known; it is recorded with the machine.
    """

    workload: Workload
    stock: Places
    optimized: Places
    compiler: str | None = None

    def places(self, side: Side) -> Places:
        """Return the places of `side`."""
        return self.stock if side is Side.STOCK else self.optimized

    @property
    def layout_margin(self) -> float:
        """What layout may have done to a speedup, as a fraction: nothing where both sides are one build."""
        same = (self.stock.out, self.stock.programs) == (self.optimized.out, self.optimized.programs)
        return 0.0 if same else LAYOUT_MARGIN


@dataclass(frozen=True)
class Pair:
    """What one start of each side used, and which of them went first."""

    stock: process.Usage
    optimized: process.Usage
    first: Side


@dataclass(frozen=True)
class SamplingPlan:
    """How long to sample: `min_pairs` always, then until the budget in seconds or `max_pairs` is reached.

    The budget counts the warm-up starts too. `seed` fixes the order inside the pairs.
    """

    budget_seconds: float = 60.0
    seed: int = 0
    min_pairs: int = 10
    max_pairs: int = 4000

    def __post_init__(self) -> None:
        if not self.budget_seconds >= 0:
            raise WorkloadError(f"The budget {self.budget_seconds!r} must be a number of seconds, 0 or more.")
        if not FEWEST_PAIRS <= self.min_pairs <= self.max_pairs:
            raise WorkloadError(
                f"The numbers of pairs, {self.min_pairs} to {self.max_pairs}, must rise from {FEWEST_PAIRS}."
            )


class Runner(Protocol):
    """The signature of `process.run`."""

    def __call__(
        self, argv: Sequence[str], *, timeout: float, surroundings: process.Surroundings
    ) -> process.Completed:
        """Run `argv` to its end."""


@dataclass(frozen=True)
class Engine:
    """How processes are started and time is read; tests put their own in."""

    run: Runner = process.run
    clock: Callable[[], float] = time.perf_counter


_REAL = Engine()


@contextlib.contextmanager
def pinned() -> Iterator[int | None]:
    """Keep this thread, and the processes that it starts, on one core; the old cores come back in every case.

    Gives the number of the core, or `None` where the system does not permit it. The last permitted core is
    taken, because interrupts are mostly handled on the first.
    """
    before = os.sched_getaffinity(0)
    core: int | None = max(before)
    try:
        os.sched_setaffinity(0, {max(before)})
    except OSError:
        core = None
    try:
        yield core
    finally:
        if core is not None:
            os.sched_setaffinity(0, before)


def prepare(comparison: Comparison, engine: Engine = _REAL) -> None:
    """Make both scratch directories and run the workload's preparations in them, untimed.

    Raises `WorkloadFailure` if a preparation does not end with status 0.
    """
    workload = comparison.workload
    for side in Side:
        places = comparison.places(side)
        places.scratch.mkdir(parents=True, exist_ok=True)
        for command in workload.preparations(places):
            _start(comparison, side, command, timeout=workload.prepare_timeout, engine=engine)


def warm_up(comparison: Comparison, engine: Engine = _REAL) -> bytes:
    """Start each side once, so that files are cached, and return the answer on which both agree.

    Raises `WorkloadFailure` if one of them fails or the answers differ.
    """
    answer = _timed(comparison, Side.STOCK, engine).stdout
    _require_answer(comparison, Side.OPTIMIZED, answer, _timed(comparison, Side.OPTIMIZED, engine).stdout)
    return answer


def pairs(
    comparison: Comparison,
    plan: SamplingPlan,
    answer: bytes,
    *,
    engine: Engine = _REAL,
    started: float,
) -> Iterator[Pair]:
    """Yield pair after pair until the plan is fulfilled; every answer must be `answer`.

    `started` is the reading of the engine's clock from which the budget counts. A pair is begun only if one
    as long as the mean of those before still fits the budget, or if `min_pairs` are not there yet. Raises
    `WorkloadFailure` at the first start that fails or gives another answer.
    """
    order = random.Random(plan.seed)  # noqa: S311  # an order to be repeated, not a secret
    first_pair = engine.clock()
    for done in range(plan.max_pairs):
        now = engine.clock()
        typical = (now - first_pair) / done if done else 0.0
        if done >= plan.min_pairs and now - started + typical > plan.budget_seconds:
            return
        sides = order.sample(list(Side), k=2)
        used: dict[Side, process.Usage] = {}
        for side in sides:
            completed = _timed(comparison, side, engine)
            _require_answer(comparison, side, answer, completed.stdout)
            used[side] = completed.usage
        yield Pair(used[Side.STOCK], used[Side.OPTIMIZED], first=sides[0])


def _timed(comparison: Comparison, side: Side, engine: Engine) -> process.Completed:
    workload = comparison.workload
    command = workload.command(comparison.places(side))
    return _start(comparison, side, command, timeout=workload.timeout, engine=engine)


def _start(
    comparison: Comparison, side: Side, command: Command, *, timeout: float, engine: Engine
) -> process.Completed:
    name = comparison.workload.name
    surroundings = process.Surroundings(env=dict(command.env), cwd=command.cwd)
    try:
        completed = engine.run(command.argv, timeout=timeout, surroundings=surroundings)
    except ProcessError as error:
        raise WorkloadFailure(name, side, f"gave no answer: {error}") from error
    if completed.returncode != 0:
        said = _shown(completed.stderr)
        raise WorkloadFailure(name, side, f"ended with status {completed.returncode}, saying {said}.")
    return completed


def _require_answer(comparison: Comparison, side: Side, expected: bytes, given: bytes) -> None:
    if given != expected:
        raise WorkloadFailure(
            comparison.workload.name,
            side,
            f"answered {_shown(given)} where the first start of stock answered {_shown(expected)}; times "
            "of different work are not compared, so find out what changed the answer.",
        )


def _shown(output: bytes) -> str:
    text = output.decode(errors="replace").strip()
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")
