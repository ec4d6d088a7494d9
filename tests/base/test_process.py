"""Processes: what they return, what ends them, and that nothing of them stays."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import ProcessError


def lines_of(script: str, timeout: float = 30.0) -> tuple[list[bytes], process.Completed]:
    lines: list[bytes] = []
    completed = process.stream(["/bin/sh", "-c", script], process.Listener(lines.append), timeout=timeout)
    return lines, completed


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(pid: int, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while is_running(pid):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_run_returns_what_was_printed_and_used() -> None:
    completed = process.run(["/bin/sh", "-c", "echo out; echo err >&2; exit 3"], timeout=30)
    assert (completed.returncode, completed.text, completed.error_text) == (3, "out\n", "err\n")
    assert completed.usage.wall_seconds > 0


def test_run_gives_bytes_to_standard_input() -> None:
    surroundings = process.Surroundings(env={"A": "b"}, cwd=Path("/"), stdin=b"given")
    completed = process.run(["/bin/sh", "-c", "cat; echo $A; pwd"], timeout=30, surroundings=surroundings)
    assert completed.text == "givenb\n/\n"


def test_a_signal_is_a_negative_status() -> None:
    assert process.run(["/bin/sh", "-c", "kill -9 $$"], timeout=30).returncode == -signal.SIGKILL


def test_check_shows_the_end_of_standard_error() -> None:
    script = "seq 1 100 >&2; exit 4"
    with pytest.raises(ProcessError, match="ended with status 4") as caught:
        process.check(["/bin/sh", "-c", script], timeout=30)
    assert str(caught.value).splitlines()[1:] == [str(number) for number in range(81, 101)]


@pytest.mark.parametrize("argv", [["/nowhere/program"], ["/etc"]])
def test_what_cannot_be_started_is_named(argv: list[str]) -> None:
    with pytest.raises(ProcessError, match=f"`{argv[0]}` could not be started"):
        process.run(argv, timeout=30)


def test_a_time_out_ends_the_whole_group(tmp_path: Path) -> None:
    script = f"sleep 300 & echo $! > {tmp_path}/pid; wait"
    with pytest.raises(ProcessError, match=r"still running after 0\.5 s"):
        process.run(["/bin/sh", "-c", script], timeout=0.5)
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_stream_that_ignores_the_polite_signal_is_ended_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It once was waited for without end."""
    monkeypatch.setattr(process, "_STOP_GRACE_SECONDS", 0.5)
    script = f"trap '' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 1; done"
    with pytest.raises(ProcessError, match="still running after 1 s"):
        lines_of(script, timeout=1.0)
    assert gone(int((tmp_path / "pid").read_text()))


def test_lines_come_whole_with_and_without_an_end() -> None:
    script = "printf 'one\\ntw' >&2; sleep 0.2; printf 'o\\n\\nlast' >&2; echo out"
    lines, completed = lines_of(script)
    assert lines == [b"one", b"two", b"", b"last"]
    assert (completed.text, completed.stderr) == ("out\n", b"")


def test_many_lines_are_all_heard() -> None:
    lines, _ = lines_of("seq 1 50000 >&2")
    assert lines == [str(number).encode() for number in range(1, 50001)]


def test_ticks_come_while_nothing_is_said() -> None:
    ticks: list[float] = []
    started: list[int] = []
    listener = process.Listener(lambda _: None, started.append, lambda: ticks.append(time.monotonic()))
    process.stream(["/bin/sh", "-c", "sleep 2.5"], listener, timeout=30)
    assert len(ticks) == 2
    assert len(started) == 1


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_leaves_nothing_running(tmp_path: Path) -> None:
    script = f"sleep 300 & echo $! > {tmp_path}/pid; echo ready >&2; wait"

    def interrupt(_line: bytes) -> None:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        process.stream(["/bin/sh", "-c", script], process.Listener(interrupt), timeout=30)
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_child_that_outlives_its_parent_is_ended() -> None:
    script = "import subprocess; print(subprocess.Popen(['sleep', '300']).pid)"
    completed = process.run([sys.executable, "-c", script], timeout=30)
    assert gone(int(completed.text))
