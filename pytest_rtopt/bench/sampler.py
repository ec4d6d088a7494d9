"""Interleaved pairs of process starts: what is timed, in what order, on which core.

The generator `pairs` measures one pair at each step and stores nothing, so whatever ends the loop around it
(the budget, a clear verdict, Ctrl-C, a failure), the pairs that came out of it are with the caller, and none
was dropped.
"""

from __future__ import annotations

import contextlib
import math
import os
import random
import signal
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import ProcessError
from pytest_rtopt.bench import limited_run
from pytest_rtopt.bench.judge import LAYOUT_MARGIN
from pytest_rtopt.bench.statistics import FEWEST_PAIRS
from pytest_rtopt.bench.workload import Command, Places, Workload, WorkloadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SHOWN_CHARACTERS = 200
# Below this the start of a process, the clock's and our own work are a part of what is measured.
_VALUE_SECONDS = 0.1
_MOST_STARTS = 20


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
    """What a value of each side used, and which of them went first."""

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

    run: Runner = limited_run.run
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


@dataclass(frozen=True)
class WarmUp:
    """What the first start of each side showed: the answer of both, and how many starts make a value.

    A value is to be at least 100 ms: of shorter programs it is the sum of several starts in a row.
    """

    answer: bytes
    starts: int = 1


def warm_up(comparison: Comparison, engine: Engine = _REAL) -> WarmUp:
    """Start each side once, so that files are cached, and once more to see how long that takes.

    Raises `WorkloadFailure` if one of them fails or the answers differ. The second start is left out where
    the first was long enough to be a value.
    """
    first = start(comparison, Side.STOCK, engine)
    answer = first.stdout
    _require_answer(comparison, Side.OPTIMIZED, answer, start(comparison, Side.OPTIMIZED, engine).stdout)
    if first.usage.cpu_seconds >= _VALUE_SECONDS:
        return WarmUp(answer)
    usage = start(comparison, Side.STOCK, engine).usage
    # A program that waits is as long as its wall time; one that computes, on a busy machine, is not.
    own = max(usage.cpu_seconds, usage.wall_seconds - usage.queued_seconds)
    return WarmUp(answer, max(1, min(_MOST_STARTS, math.ceil(_VALUE_SECONDS / own))) if own > 0 else 1)


def pairs(
    comparison: Comparison,
    plan: SamplingPlan,
    warm: WarmUp,
    *,
    engine: Engine = _REAL,
    started: float,
) -> Iterator[Pair]:
    """Yield pair after pair until the plan is fulfilled; every answer must be that of the warm-up.

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
            used[side] = _value(comparison, side, warm, engine)
        yield Pair(used[Side.STOCK], used[Side.OPTIMIZED], first=sides[0])


def _value(comparison: Comparison, side: Side, warm: WarmUp, engine: Engine) -> process.Usage:
    usages = []
    for _ in range(warm.starts):
        completed = start(comparison, side, engine)
        _require_answer(comparison, side, warm.answer, completed.stdout)
        usages.append(completed.usage)
    peaks = [usage.peak_rss_bytes for usage in usages if usage.peak_rss_bytes is not None]
    return process.Usage(
        wall_seconds=sum(usage.wall_seconds for usage in usages),
        user_seconds=sum(usage.user_seconds for usage in usages),
        system_seconds=sum(usage.system_seconds for usage in usages),
        queued_seconds=sum(usage.queued_seconds for usage in usages),
        peak_rss_bytes=max(peaks, default=None),
    )


def start(comparison: Comparison, side: Side, engine: Engine = _REAL) -> process.Completed:
    """Start one side of the workload once; raises `WorkloadFailure` if it fails, whatever it answers."""
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
        raise WorkloadFailure(name, side, f"ended with {_status(completed.returncode)}, saying {said}.")
    return completed


def _status(returncode: int) -> str:
    return f"status {returncode}" if returncode >= 0 else f"signal {signal.Signals(-returncode).name}"


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
