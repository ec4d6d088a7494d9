"""Peak memory of real child processes."""

from __future__ import annotations

import sys
import time
from subprocess import PIPE, Popen
from typing import TYPE_CHECKING

import psutil

from pytest_rtopt.nix.memory import PeakMemory

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

MEGABYTES = 80
# A process that starts another one, which fills memory until its standard input ends.
FILL = (
    f"import sys; kept = bytearray(b'x' * ({MEGABYTES} << 20)); print('full', flush=True); sys.stdin.read()"
)
START = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {FILL!r}])"


def waiting_process(script: str) -> Popen[bytes]:
    return Popen([sys.executable, "-c", script], stdin=PIPE, stdout=PIPE)


def wait_until(condition: Callable[[], bool]) -> None:
    """Return once the condition holds, or after a minute."""
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)


def test_the_peak_is_that_of_children_and_outlives_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_rtopt.nix.memory._INTERVAL_SECONDS", 0.01)
    with waiting_process(START) as parent, PeakMemory() as memory:
        memory.watch(parent.pid)
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"full\n"
        wait_until(lambda: (memory.peak_bytes or 0) >= MEGABYTES << 20)
        parent.communicate(b"")
    peak = memory.peak_bytes
    assert peak is not None
    assert MEGABYTES << 20 <= peak < 4 * MEGABYTES << 20
    memory.restart()
    assert memory.peak_bytes is None


def test_memory_of_the_process_itself_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a daemon, the client has no children, and its own memory is not that of a build."""
    monkeypatch.setattr("pytest_rtopt.nix.memory._INTERVAL_SECONDS", 0.001)
    sampled = []

    def children(self: psutil.Process, *, recursive: bool = False) -> list[psutil.Process]:
        sampled.append(recursive)
        return original(self, recursive=recursive)

    original = psutil.Process.children
    monkeypatch.setattr(psutil.Process, "children", children)
    with waiting_process(FILL) as alone, PeakMemory() as memory:
        memory.watch(alone.pid)
        assert alone.stdout is not None
        alone.stdout.readline()
        enough = len(sampled) + 3
        wait_until(lambda: len(sampled) >= enough)
        alone.communicate(b"")
    assert memory.peak_bytes is None
    assert len(sampled) >= enough
    assert all(sampled)


def test_a_process_that_is_gone_ends_the_sampling() -> None:
    with waiting_process("") as gone:
        gone.communicate(b"")
    with PeakMemory() as memory:
        memory.watch(gone.pid)
    assert memory.peak_bytes is None


def test_what_watches_nothing_has_no_peak() -> None:
    with PeakMemory() as memory:
        pass
    assert memory.peak_bytes is None
