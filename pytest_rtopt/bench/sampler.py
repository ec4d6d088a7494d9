"""Measures interleaved pairs of process starts: what is timed, in what order, on which core.

The generator `pairs` measures one pair per step and stores nothing. So whatever ends the loop (the budget, a
clear verdict, Ctrl-C, a failure), the caller has all pairs that were measured.
"""

from __future__ import annotations

import math
import random
import signal
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import ProcessError
from pytest_rtopt.bench import limited_run
from pytest_rtopt.bench.judge import LAYOUT_MARGIN
from pytest_rtopt.bench.rivals import Field, Rival
from pytest_rtopt.bench.statistics import FEWEST_PAIRS
from pytest_rtopt.bench.workload import Command, Places, Workload, WorkloadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_SHOWN_CHARACTERS = 200
# In a shorter value, process start, clock resolution and the work of the sampler would be a visible part.
_VALUE_SECONDS = 0.1
_MOST_STARTS = 20


class Side(StrEnum):
    """The two builds of a runtime that are compared."""

    STOCK = "stock"
    OPTIMIZED = "optimized"


Entrant: TypeAlias = Side | Rival


class WorkloadFailure(WorkloadError):  # noqa: N818  # the measured program failed, not this project
    """A process of a workload failed, ran out of time, or gave a different answer, so it has no time."""

    def __init__(self, workload: str, side: Entrant, reason: str) -> None:
        where = f"the {side} side" if isinstance(side, Side) else str(side)
        super().__init__(f"{workload} on {where} {reason}")
        self.workload = workload
        self.side = side
        self.reason = reason


@dataclass(frozen=True)
class Comparison:
    """A workload and the paths of the two sides that it compares.

    `compiler` is the compiler of both sides, if known; it is recorded with the machine. `rivals` are other
    builds to measure beside them.
    """

    workload: Workload
    stock: Places
    optimized: Places
    compiler: str | None = None
    rivals: tuple[Rival, ...] = ()

    def places(self, side: Entrant) -> Places:
        """Return the paths of `side`."""
        if isinstance(side, Rival):
            return side.places
        return self.stock if side is Side.STOCK else self.optimized

    @property
    def layout_margin(self) -> float:
        """The margin for effects of code layout, as a fraction; 0 if both sides are one build."""
        same = (self.stock.out, self.stock.programs) == (self.optimized.out, self.optimized.programs)
        return 0.0 if same else LAYOUT_MARGIN


@dataclass(frozen=True)
class Pair:
    """One measured value of each side, the side that was started first, and a value of each rival by name."""

    stock: process.Usage
    optimized: process.Usage
    first: Side
    rivals: Mapping[str, process.Usage] = field(default_factory=dict)


@dataclass(frozen=True)
class SamplingPlan:
    """How long to sample: at least `min_pairs`, then until the budget in seconds or `max_pairs` is reached.

    The budget includes the warm-up starts. `seed` determines the order within the pairs.
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
                f"The numbers of pairs, {self.min_pairs} to {self.max_pairs}, must not fall, and must be at "
                f"least {FEWEST_PAIRS}."
            )


class Runner(Protocol):
    """The signature of `process.run`."""

    def __call__(
        self, argv: Sequence[str], *, timeout: float, surroundings: process.Surroundings
    ) -> process.Completed:
        """Run `argv` to its end."""


@dataclass(frozen=True)
class Engine:
    """The functions that start processes and read the time; tests replace them."""

    run: Runner = limited_run.run
    clock: Callable[[], float] = time.perf_counter


_REAL = Engine()


def prepare(comparison: Comparison, engine: Engine = _REAL) -> None:
    """Create both scratch directories and run the workload's preparations in them, without timing.

    Raises `WorkloadFailure` if a preparation does not end with status 0.
    """
    for side in Side:
        _prepare(comparison, side, engine)


def _prepare(comparison: Comparison, side: Entrant, engine: Engine) -> None:
    workload, places = comparison.workload, comparison.places(side)
    places.scratch.mkdir(parents=True, exist_ok=True)
    for command in workload.preparations(places):
        _start(comparison, side, command, timeout=workload.prepare_timeout, engine=engine)


@dataclass(frozen=True)
class WarmUp:
    """The result of the first starts: the answer of both sides, and the number of starts per value.

    A value must take at least 100 ms. For a shorter program it is the sum of several starts in a row. `field`
    has the rivals that gave the same answer.
    """

    answer: bytes
    starts: int = 1
    field: Field = field(default_factory=lambda: Field([]))


def warm_up(comparison: Comparison, engine: Engine = _REAL) -> WarmUp:
    """Start each side once to fill the file cache, and stock once more to find its duration.

    The second start of stock is skipped if the first took long enough for a value. Raises `WorkloadFailure`
    if a start fails or the answers differ.
    """
    first = start(comparison, Side.STOCK, engine)
    answer = first.stdout
    _require_answer(comparison, Side.OPTIMIZED, answer, start(comparison, Side.OPTIMIZED, engine).stdout)
    rivals = _enter_rivals(comparison, answer, engine)
    if first.usage.cpu_seconds >= _VALUE_SECONDS:
        return WarmUp(answer, field=rivals)
    usage = start(comparison, Side.STOCK, engine).usage
    # Time in the queue of a busy machine does not count, but time in which the program waits does.
    own = max(usage.cpu_seconds, usage.wall_seconds - usage.queued_seconds)
    starts = max(1, min(_MOST_STARTS, math.ceil(_VALUE_SECONDS / own))) if own > 0 else 1
    return WarmUp(answer, starts, rivals)


def _enter_rivals(comparison: Comparison, answer: bytes, engine: Engine) -> Field:
    """Prepare and start each rival once; those that fail or answer something else do not take part."""
    rivals = Field(list(comparison.rivals))
    for rival in comparison.rivals:
        try:
            _prepare(comparison, rival, engine)
            _require_answer(comparison, rival, answer, start(comparison, rival, engine).stdout)
        except WorkloadError as failure:
            rivals.withdraw(rival, str(failure))
    return rivals


def pairs(
    comparison: Comparison,
    plan: SamplingPlan,
    warm: WarmUp,
    *,
    engine: Engine = _REAL,
    started: float,
) -> Iterator[Pair]:
    """Yield pairs until the plan is completed; every answer must equal that of the warm-up.

    `started` is the reading of the engine's clock at which the budget begins. A new pair begins if a pair of
    the mean duration still fits the budget, or if there are fewer than `min_pairs`. Rivals are started in the
    same random order as the two sides. Raises `WorkloadFailure` at the first start of a side that fails or
    gives a different answer.
    """
    order = random.Random(plan.seed)  # noqa: S311  # a reproducible order, not a secret
    first_pair = engine.clock()
    for done in range(plan.max_pairs):
        now = engine.clock()
        typical = (now - first_pair) / done if done else 0.0
        if done >= plan.min_pairs and now - started + typical > plan.budget_seconds:
            return
        entrants: list[Entrant] = [*Side, *warm.field.rivals]
        used: dict[Side, process.Usage] = {}
        by_rival: dict[str, process.Usage] = {}
        for entrant in order.sample(entrants, k=len(entrants)):
            if isinstance(entrant, Side):
                used[entrant] = _value(comparison, entrant, warm, engine)
                continue
            try:
                by_rival[entrant.name] = _value(comparison, entrant, warm, engine)
            except WorkloadFailure as failure:
                warm.field.withdraw(entrant, str(failure))
        yield Pair(used[Side.STOCK], used[Side.OPTIMIZED], first=next(iter(used)), rivals=by_rival)


def _value(comparison: Comparison, side: Entrant, warm: WarmUp, engine: Engine) -> process.Usage:
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


def start(comparison: Comparison, side: Entrant, engine: Engine = _REAL) -> process.Completed:
    """Start one side of the workload once; raises `WorkloadFailure` if it fails, but ignores its answer."""
    workload = comparison.workload
    command = workload.command(comparison.places(side))
    return _start(comparison, side, command, timeout=workload.timeout, engine=engine)


def _start(
    comparison: Comparison, side: Entrant, command: Command, *, timeout: float, engine: Engine
) -> process.Completed:
    name = comparison.workload.name
    surroundings = process.Surroundings(env=dict(command.env), cwd=command.cwd)
    try:
        completed = engine.run(command.argv, timeout=timeout, surroundings=surroundings)
    except ProcessError as error:
        raise WorkloadFailure(name, side, f"gave no answer: {error}") from error
    if completed.returncode != 0:
        message = _shown(completed.stderr)
        raise WorkloadFailure(
            name, side, f"ended with {_status(completed.returncode)} and the message {message}."
        )
    return completed


def _status(returncode: int) -> str:
    return f"status {returncode}" if returncode >= 0 else f"signal {signal.Signals(-returncode).name}"


def _require_answer(comparison: Comparison, side: Entrant, expected: bytes, given: bytes) -> None:
    if given != expected:
        raise WorkloadFailure(
            comparison.workload.name,
            side,
            f"answered {_shown(given)}, but the first start of stock answered {_shown(expected)}; times of "
            "different work cannot be compared, so find out what changed the answer.",
        )


def _shown(output: bytes) -> str:
    text = output.decode(errors="replace").strip()
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")
