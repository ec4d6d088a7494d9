"""Lines beside pytest's own: rewritten on a terminal, one below the other elsewhere, none in a worker."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from pytest_rtopt.report.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Reporter:
    """Records what is called on pytest's terminal reporter, on a terminal of 20 columns."""

    isatty: bool
    calls: list[tuple[str, ...]] = field(default_factory=list)
    captured: bool = True
    _tw: object = field(default_factory=lambda: SimpleNamespace(fullwidth=20))

    def ensure_newline(self) -> None:
        self.calls.append(("newline",))

    def write_line(self, text: str) -> None:
        assert not self.captured, "the user would not see it"
        self.calls.append(("line", text))

    def rewrite(self, text: str, *, erase: bool) -> None:
        assert not self.captured, "the user would not see it"
        assert erase, "a longer line would shine through"
        self.calls.append(("rewrite", text))

    def flush(self) -> None:
        pass

    @contextmanager
    def global_and_fixture_disabled(self) -> Iterator[None]:
        """Stand in for the capture manager."""
        self.captured = False
        yield
        self.captured = True

    @property
    def texts(self) -> list[tuple[str, ...]]:
        return [call for call in self.calls if call != ("newline",)]


def screen_on(reporter: Reporter | None, *, captures: bool = True, worker: bool = False) -> Screen:
    plugins = {"terminalreporter": reporter, "capturemanager": reporter if captures else None}
    config = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=plugins.get))
    if worker:
        config.workerinput = {}
    return Screen(cast("pytest.Config", config))


def test_on_a_terminal_each_line_replaces_the_one_before() -> None:
    reporter = Reporter(isatty=True)
    screen = screen_on(reporter)
    screen.show("1 of 2", last=False)
    screen.show("2 of 2", last=True)
    screen.show("next", last=False)
    assert reporter.calls == [
        ("newline",),
        ("rewrite", "1 of 2"),
        ("rewrite", "2 of 2"),
        ("line", ""),
        ("newline",),
        ("rewrite", "next"),
    ]


def test_elsewhere_each_line_stays() -> None:
    reporter = Reporter(isatty=False)
    screen = screen_on(reporter)
    screen.show("1 of 2", last=False)
    screen.show("2 of 2", last=True)
    assert reporter.texts == [("line", "1 of 2"), ("line", "2 of 2")]
    assert not screen.rewrites


@pytest.mark.parametrize(("length", "shown"), [(18, "x" * 18), (19, "x" * 19), (20, f"{'x' * 18}…")])
def test_a_line_that_would_wrap_is_cut(length: int, shown: str) -> None:
    reporter = Reporter(isatty=True)
    screen_on(reporter).show("x" * length, last=False)
    assert reporter.texts == [("rewrite", shown)]


def test_an_open_line_is_ended_once() -> None:
    reporter = Reporter(isatty=True)
    screen = screen_on(reporter)
    screen.close()
    assert reporter.calls == []
    screen.show("1 of 2", last=False)
    screen.close()
    screen.close()
    assert reporter.texts == [("rewrite", "1 of 2"), ("line", "")]


def test_without_a_capture_lines_are_shown_as_well() -> None:
    reporter = Reporter(isatty=False, captured=False)
    screen_on(reporter, captures=False).show("1 of 2", last=False)
    assert reporter.texts == [("line", "1 of 2")]


def test_a_worker_and_a_run_without_a_terminal_reporter_show_nothing() -> None:
    reporter = Reporter(isatty=True)
    screen_on(reporter, worker=True).show("1 of 2", last=False)
    assert reporter.calls == []
    silent = screen_on(None)
    silent.show("1 of 2", last=True)
    assert not silent.rewrites
