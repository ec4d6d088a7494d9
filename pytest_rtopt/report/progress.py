"""Lines of progress: phase and time of builds, pairs and remaining time of measurements."""

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
    """A place to show progress."""

    @property
    def rewrites(self) -> bool:
        """Whether each line replaces the one before, so that frequent lines do not fill the screen."""

    def show(self, text: str, *, last: bool) -> None:
        """Show one line; `last` marks the last line about a subject."""


@dataclass
class _Build:
    """A running build: its label, expected seconds, start and phase."""

    label: str
    expected_seconds: float | None
    started: float
    phase: str = "starting"


class BuildProgress:
    """Turns build events into lines on `display`: when a phase begins, every 15 s, and at the end.

    If the display rewrites its line, there is one at every tick. `label` returns the label of a derivation,
    `expected` the expected seconds of its build, if known.
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
        """Handle one event."""
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
        # A rewritten line has room for one build: the latest one.
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
    """The remaining work of a run."""

    @property
    def workloads(self) -> int:
        """The number of workloads to measure."""

    @property
    def begun(self) -> int:
        """The number of workloads that were begun, including the current one."""

    @property
    def upcoming(self) -> float:
        """The most seconds that the remaining workloads can take."""


class PairProgress:
    """Turns the pairs of a workload into lines on `display`, one every 5 s, or every second if rewritten.

    Each line has a bar for the whole run, in workloads, and the longest remaining time. A measurement may end
    earlier, as soon as its verdict is clear. At least `fewest` pairs are always made.
    """

    def __init__(self, display: Display, workload: str, budget: Budget, fewest: int) -> None:
        self._display = display
        self._workload = workload
        self._budget = budget
        self._fewest = fewest
        self._interval = _REWRITE_SECONDS if display.rewrites else _PAIRS_SECONDS
        self._shown = 0.0

    def __call__(self, done: int, elapsed: float, allowed: float) -> None:
        """Handle the number of pairs so far, and the elapsed and allowed seconds."""
        if elapsed - self._shown < self._interval:
            return
        self._shown = elapsed
        run = self._budget
        # The fewest pairs are made even if the budget is used up.
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
