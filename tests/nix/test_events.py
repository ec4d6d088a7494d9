"""Nix's internal-json log, as three versions printed it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.nix.events import (
    BuildStarted,
    BuildStopped,
    Event,
    EventParser,
    LogLine,
    Message,
    PhaseChanged,
    without_colour,
)

RECORDED: Final = Path(__file__).parent.parent / "data" / "nix"
VERSIONS: Final = ("2.8.0", "2.26.3", "2.34.8")


def parsed(version: str, name: str) -> list[Event]:
    parser = EventParser()
    lines = (RECORDED / version / f"build-{name}.jsonl").read_bytes().splitlines()
    return [event for event in map(parser.feed, lines) if event is not None]


def of(events: list[Event], name: str) -> list[Event]:
    """Return the events of the derivation with this name."""
    return [event for event in events if getattr(event, "drv", "").endswith(f"-{name}.drv")]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_good_build(version: str) -> None:
    events = parsed(version, "good")
    first, *between, last = of(events, "good-1.0")
    assert isinstance(first, BuildStarted)
    assert isinstance(last, BuildStopped)
    assert [
        event.phase if isinstance(event, PhaseChanged) else event.text
        for event in between
        if isinstance(event, PhaseChanged | LogLine)
    ] == [
        "buildPhase",
        "building",
        "installPhase",
        "green",
        "bytes \N{REPLACEMENT CHARACTER} that are not UTF-8",
    ]
    # What it needs is built before it.
    needed = of(events, "plain-1.0")
    assert [type(event) for event in needed] == [BuildStarted, BuildStopped]
    assert events.index(needed[-1]) < events.index(first)
    assert not [event for event in events if isinstance(event, Message) and event.is_error]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["failing", "nested"])
def test_a_failing_build(version: str, name: str) -> None:
    events = parsed(version, name)
    own = of(events, "broken-1.0")
    lines = [event.text for event in own if isinstance(event, LogLine)]
    assert lines == [*(f"line {n}" for n in range(1, 51)), "main.c:3:1: error: unknown type name 'in'"]
    errors = [event.text for event in events if isinstance(event, Message) and event.is_error]
    assert "broken-1.0.drv'" in errors[0]
    assert "exit code 2" in errors[0]
    assert not of(events, "nested-1.0")


def test_lines_without_the_prefix_are_messages() -> None:
    parser = EventParser()
    assert parser.feed(b"\x1b[31;1merror:\x1b[0m no such file") == Message(
        "error: no such file", is_error=True
    )
    assert parser.feed(b"warning: \xff") == Message("warning: \N{REPLACEMENT CHARACTER}", is_error=False)
    assert parser.feed(b"") is None


FIELDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "action": st.sampled_from(["start", "stop", "result", "msg"]) | FIELDS,
        "id": st.integers(0, 2) | FIELDS,
        "type": st.sampled_from([101, 104, 105]) | FIELDS,
        "fields": st.lists(FIELDS, max_size=3) | FIELDS,
        "level": st.integers(0, 7) | FIELDS,
        "msg": FIELDS,
        "raw_msg": FIELDS,
    },
)
LINES = (
    st.binary() | st.binary().map(b"@nix ".__add__) | RECORDS.map(lambda r: b"@nix " + json.dumps(r).encode())
)


@given(st.lists(LINES, max_size=20))
def test_no_line_raises_and_every_stop_had_a_start(lines: list[bytes]) -> None:
    parser = EventParser()
    running: list[str] = []
    for line in lines:
        match parser.feed(line):
            case BuildStarted(drv):
                running.append(drv)
            case BuildStopped(drv) | LogLine(drv) | PhaseChanged(drv):
                assert drv in running
            case _:
                pass


def test_deep_nesting_is_passed_over() -> None:
    """What could just be parsed once ended in a `RecursionError` where it was made a text."""
    assert EventParser().feed(b"@nix " + b"[" * 100_000) is None
    deep = b"[" * 900 + b"]" * 900
    parser = EventParser()
    parser.feed(b'@nix {"action":"start","type":105,"id":1,"fields":["/a.drv"]}')
    assert parser.feed(b'@nix {"action":"result","type":101,"id":1,"fields":[%b]}' % deep) is None
    assert parser.feed(b'@nix {"action":"msg","level":0,"msg":%b}' % deep) == Message("", is_error=True)


@given(st.text())
def test_without_colour_leaves_no_colour(text: str) -> None:
    assert "\x1b[0m" not in without_colour(text.replace("\x1b", "") + "\x1b[0m")
