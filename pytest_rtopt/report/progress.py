"""Lines about what runs: phase, elapsed time, expected time of builds; pairs and budget of measurements."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from pytest_rtopt.nix.events import BuildStarted, BuildStopped, Event, PhaseChanged, Tick

if TYPE_CHECKING:
    from collections.abc import Callable

_REPEAT_SECONDS: Final = 15.0
_PAIRS_SECONDS: Final = 5.0
_REWRITE_SECONDS: Final = 1.0


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


class PairProgress:
    """Turns the pairs of a workload into lines on `display`, one every 5 s; every second if rewritten."""

    def __init__(self, display: Display, workload: str) -> None:
        self._display = display
        self._workload = workload
        self._interval = _REWRITE_SECONDS if display.rewrites else _PAIRS_SECONDS
        self._shown = 0.0

    def __call__(self, done: int, elapsed: float, budget: float) -> None:
        """Take the number of pairs so far, and the seconds spent and allowed."""
        if elapsed - self._shown >= self._interval:
            self._shown = elapsed
            text = f"measuring {self._workload}: {done} pairs, {elapsed:.0f} s of {budget:.0f} s"
            self._display.show(text, last=False)


def duration(seconds: float) -> str:
    """Return `seconds` in words: "8 s", "4 min 05 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
