"""Progress of builds and measurements: what is shown, and when."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.bench.budget import SharedBudget
from pytest_rtopt.nix.derivation import name_of
from pytest_rtopt.nix.events import BuildStarted, BuildStopped, LogLine, Message, PhaseChanged, Tick
from pytest_rtopt.report.progress import BuildProgress, PairProgress, duration

LUA = "/nix/store/0gzqjdli9l2dj61d7gg6064b4mwdd375-lua-5.4.7.drv"
GO = "/nix/store/0jdda2ns84n2hp4as12v93782pzl6v0v-go-1.24.11.drv"


@dataclass
class Paper:
    """A display that keeps what it shows."""

    rewrites: bool = False
    lines: list[str] = field(default_factory=list)
    ended: int = 0

    def show(self, text: str, *, last: bool) -> None:
        self.lines.append(text)
        self.ended += last


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def progress_on(paper: Paper, clock: Clock, expected: float | None = None) -> BuildProgress:
    return BuildProgress(paper, lambda drv: f"label of {name_of(drv)}", lambda _drv: expected, clock)


def test_a_build_has_a_line_per_phase_and_one_at_its_end() -> None:
    paper, clock = Paper(), Clock()
    progress = progress_on(paper, clock, expected=40.0)
    progress(BuildStarted(LUA))
    clock.now += 2
    progress(PhaseChanged(LUA, "buildPhase"))
    progress(LogLine(LUA, "gcc -c lapi.c"))
    progress(Message("building", is_error=False))
    clock.now += 65
    progress(BuildStopped(LUA))
    assert paper.lines == [
        "building label of lua-5.4.7: starting, 0 s of about 40 s",
        "building label of lua-5.4.7: buildPhase, 2 s of about 40 s",
        "building label of lua-5.4.7: ended after 1 min 07 s",
    ]
    assert paper.ended == 1


def test_a_silent_build_is_heard_of_every_15_seconds() -> None:
    paper, clock = Paper(), Clock()
    progress = progress_on(paper, clock)
    progress(BuildStarted(LUA))
    for _ in range(46):
        clock.now += 1
        progress(Tick())
    assert [line.rsplit(", ", 1)[1] for line in paper.lines] == ["0 s", "15 s", "30 s", "45 s"]


def test_a_terminal_is_rewritten_with_every_tick() -> None:
    paper, clock = Paper(rewrites=True), Clock()
    progress = progress_on(paper, clock)
    progress(BuildStarted(LUA))
    for _ in range(3):
        clock.now += 1
        progress(Tick())
    assert len(paper.lines) == 4
    assert paper.ended == 0


def test_builds_that_run_at_once_keep_their_own_time_and_phase() -> None:
    """Bug: the phase and the start of the second build were shown for the first."""
    paper, clock = Paper(), Clock()
    progress = progress_on(paper, clock)
    progress(BuildStarted(LUA))
    clock.now += 10
    progress(BuildStarted(GO))
    progress(PhaseChanged(GO, "unpackPhase"))
    clock.now += 15
    progress(Tick())
    assert paper.lines[-2:] == [
        "building label of lua-5.4.7: starting, 25 s",
        "building label of go-1.24.11: unpackPhase, 15 s",
    ]
    progress(BuildStopped(LUA))
    assert paper.lines[-1] == "building label of lua-5.4.7: ended after 25 s"


def test_ticks_between_builds_are_silent() -> None:
    paper, clock = Paper(rewrites=True), Clock()
    progress = progress_on(paper, clock)
    progress(Tick())
    progress(BuildStopped(LUA))
    assert not paper.lines


@given(
    st.lists(
        st.one_of(
            st.sampled_from([Tick(), Message("x", is_error=False)]),
            st.sampled_from([LUA, GO]).flatmap(
                lambda drv: st.sampled_from(
                    [BuildStarted(drv), BuildStopped(drv), PhaseChanged(drv, "p"), LogLine(drv, "l")]
                )
            ),
        )
    )
)
def test_events_come_in_any_order(events: list[BuildStarted | BuildStopped | PhaseChanged | Tick]) -> None:
    paper = Paper()
    progress = progress_on(paper, Clock())
    for event in events:
        progress(event)
    assert paper.ended <= sum(isinstance(event, BuildStopped) for event in events)


def test_pairs_are_shown_every_five_seconds() -> None:
    paper = Paper()
    budget = SharedBudget(12.0, 60.0, workloads=4)
    assert [budget.take(), budget.take()] == [12.0, 12.0]
    progress = PairProgress(paper, "lua/tables", budget, 5)
    for done in range(1, 13):
        progress(done, float(done), 12.0)
    assert paper.lines == [
        "[###.......] 2 of 4, at most 0:31 left: lua/tables, 5 pairs, 5 s of 12 s",
        "[####......] 2 of 4, at most 0:26 left: lua/tables, 10 pairs, 10 s of 12 s",
    ]


def test_the_time_left_never_promises_less_than_there_may_be() -> None:
    paper = Paper(rewrites=True)
    budget = SharedBudget(60.0, 540.0, workloads=20)
    taken = budget.take()
    assert taken == 27.0
    PairProgress(paper, "go/hash", budget, 3)(3, 1.2, taken)
    # 25.8 s of this one and 19 times 27 s, rounded up.
    assert "1 of 20, at most 8:59 left" in paper.lines[0]
    PairProgress(paper, "go/hash", budget, 3)(40, 30.0, taken)
    assert "[#.........]" not in paper.lines[1]
    assert "at most 8:33 left" in paper.lines[1]
    # Ten pairs are made although the budget is spent: six more, of ten seconds each.
    PairProgress(paper, "go/hash", budget, 10)(4, 40.0, taken)
    assert "at most 9:33 left" in paper.lines[2]


def test_durations_are_in_words() -> None:
    assert [duration(seconds) for seconds in (0.2, 59.4, 59.6, 245)] == [
        "0 s",
        "59 s",
        "1 min 00 s",
        "4 min 05 s",
    ]
