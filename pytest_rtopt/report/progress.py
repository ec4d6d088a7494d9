"""Lines about what runs: phase, elapsed and expected time of builds; pairs and time left of measurements."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from pytest_rtopt.nix.events import BuildStarted, BuildStopped, Event, PhaseChanged, Tick

if TYPE_CHECKING:
    from collections.abc import Callable

_REPEAT_SECONDS: Final = 15.0
_PAIRS_SECONDS: Final = 5.0
_REWRITE_SECONDS: Final = 1.0
_BAR: Final = 10


class Display(Protocol):
    """Where progress is shown."""

    @property
    def rewrites(self) -> bool:
        """Whether each line takes the place of the one before, so that many are as good as few."""

    def show(self, text: str, *, last: bool) -> None:
        """Show one line; `last` ends what it is about."""


@dataclass
class _Build:
    """A build that runs: what it stands for, how long that takes, when it began, and its phase."""

    label: str
    expected_seconds: float | None
    started: float
    phase: str = "starting"


class BuildProgress:
    """Turns build events into lines on `display`: when a phase begins, every 15 s, and at the end.

    Where lines are rewritten they come with every tick of the clock. `label` says what a derivation stands
    for, `expected` gives the seconds that its build is expected to take, if anybody knows.
    """

    def __init__(
        self,
        display: Display,
        label: Callable[[str], str],
        expected: Callable[[str], float | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._display = display
        self._label = label
        self._expected = expected
        self._clock = clock
        self._builds: dict[str, _Build] = {}
        self._shown = 0.0

    def __call__(self, event: Event) -> None:
        """Take one event."""
        now = self._clock()
        match event:
            case BuildStarted(drv):
                self._builds[drv] = _Build(self._label(drv), self._expected(drv), now)
                self._line(self._builds[drv], now)
            case PhaseChanged(drv, phase) if drv in self._builds:
                self._builds[drv].phase = phase
                self._line(self._builds[drv], now)
            case BuildStopped(drv) if drv in self._builds:
                self._end(self._builds.pop(drv), now)
            case Tick():
                self._tick(now)
            case _:
                pass

    def _tick(self, now: float) -> None:
        if not self._display.rewrites and now - self._shown < _REPEAT_SECONDS:
            return
        # A line that is rewritten has room for one build: the one that began last.
        for build in list(self._builds.values())[-1 if self._display.rewrites else 0 :]:
            self._line(build, now)

    def _line(self, build: _Build, now: float) -> None:
        expected = build.expected_seconds
        about = "" if expected is None else f" of about {duration(expected)}"
        self._shown = now
        elapsed = duration(now - build.started)
        self._display.show(f"building {build.label}: {build.phase}, {elapsed}{about}", last=False)

    def _end(self, build: _Build, now: float) -> None:
        self._shown = now
        self._display.show(f"building {build.label}: ended after {duration(now - build.started)}", last=True)


class Budget(Protocol):
    """What a run still has before it."""

    @property
    def workloads(self) -> int:
        """How many workloads are measured in all."""

    @property
    def begun(self) -> int:
        """How many of them were begun, the one at hand included."""

    @property
    def upcoming(self) -> float:
        """The most seconds that the others take."""


class PairProgress:
    """Turns the pairs of a workload into lines on `display`, one every 5 s; every second if rewritten.

    Each line has a bar for the whole run, in workloads, and the time that is left at most: a measurement ends
    as soon as its verdict is clear, which nobody knows beforehand. `fewest` pairs are made in every case.
    """

    def __init__(self, display: Display, workload: str, budget: Budget, fewest: int) -> None:
        self._display = display
        self._workload = workload
        self._budget = budget
        self._fewest = fewest
        self._interval = _REWRITE_SECONDS if display.rewrites else _PAIRS_SECONDS
        self._shown = 0.0

    def __call__(self, done: int, elapsed: float, allowed: float) -> None:
        """Take the number of pairs so far, and the seconds spent and allowed."""
        if elapsed - self._shown < self._interval:
            return
        self._shown = elapsed
        run = self._budget
        # The fewest pairs that there have to be are made beyond the budget, too.
        needed = max(0, self._fewest - done) * elapsed / done
        left = max(allowed - elapsed, needed) + run.upcoming
        part = run.begun - 1 + (min(1.0, elapsed / allowed) if allowed > 0 else 1.0)
        self._display.show(
            f"{_bar(part / run.workloads)} {run.begun} of {run.workloads}, at most {_clock(left)} left: "
            f"{self._workload}, {done} pairs, {elapsed:.0f} s of {allowed:.0f} s",
            last=False,
        )


def _bar(share: float) -> str:
    full = min(_BAR, int(share * _BAR))
    return f"[{'#' * full}{'.' * (_BAR - full)}]"


def _clock(seconds: float) -> str:
    """Return `seconds` as on a clock, rounded up: "7:05"."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes}:{rest:02}"


def duration(seconds: float) -> str:
    """Return `seconds` in words: "8 s", "4 min 05 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
