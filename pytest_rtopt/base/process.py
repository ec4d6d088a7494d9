"""Starts processes; no other module of this project does.

Each process is given as an argument vector, never as a shell command. It has a time limit and a process group
of its own, so that nothing keeps running after a time-out or Ctrl-C.
"""

from __future__ import annotations

import contextlib
import os
import resource
import selectors
import shlex
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from pytest_rtopt.base.errors import ProcessError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_STOP_GRACE_SECONDS: Final = 10.0
_OUTLIVE_GRACE_SECONDS: Final = 3.0
_OUTLIVE_POLL_SECONDS: Final = 0.01
_STDERR_TAIL_LINES: Final = 20
_TICK_SECONDS: Final = 1.0
_CHUNK_BYTES: Final = 65536
_KIB: Final = 1024


@dataclass(frozen=True)
class Usage:
    """The resources that a process and its children used: elapsed and CPU time in seconds, and memory.

    `queued_seconds` is the part of the elapsed time in which the main thread of the process, or our thread
    that started it, was ready to run and waited for a CPU. It is 0 where the kernel does not report it.
    `peak_rss_bytes` is the largest resident set of the process or of one of its children. It is `None` if
    that is not above our own peak, because the kernel starts counting there.
    """

    wall_seconds: float
    user_seconds: float
    system_seconds: float
    queued_seconds: float = 0.0
    peak_rss_bytes: int | None = None

    @property
    def cpu_seconds(self) -> float:
        """User and system time together."""
        return self.user_seconds + self.system_seconds


@dataclass(frozen=True)
class Completed:
    """The result of a process that ended before its time limit.

    A negative `returncode` is the number of the signal that ended it. `left_running` is true if other
    processes of its group were still running at that moment; they were killed.
    """

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes
    usage: Usage
    left_running: bool = False

    @property
    def text(self) -> str:
        """Standard output as text, with undecodable bytes replaced."""
        return self.stdout.decode(errors="replace")

    @property
    def error_text(self) -> str:
        """Standard error as text, with undecodable bytes replaced."""
        return self.stderr.decode(errors="replace")


@dataclass(frozen=True)
class Surroundings:
    """The environment, working directory and standard input of a process.

    `env` is the whole environment; `None` means that of this process. `cwd` works alike.
    """

    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    stdin: bytes = b""


_OURS = Surroundings()


def run(argv: Sequence[str], *, timeout: float, surroundings: Surroundings = _OURS) -> Completed:
    """Run `argv` to its end and return its output and usage, whatever its status.

    Raises `ProcessError` if it cannot be started or is still running after `timeout` seconds.
    """
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        queued_before = _queued_seconds("thread-self")
        started = time.perf_counter()
        with _start(argv, surroundings, stdout=stdout, stderr=stderr) as process:
            expired = threading.Event()

            def expire() -> None:
                expired.set()
                _signal_group(process, signal.SIGKILL)

            timer = threading.Timer(timeout, expire)
            timer.start()
            try:
                os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
                wall = time.perf_counter() - started
                ours = _queued_seconds("thread-self") - queued_before
                queued = _queued_seconds(str(process.pid)) + ours
                _, status, rusage = os.wait4(process.pid, 0)
            finally:
                timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            left_running = _group_is_running(process)
        if expired.is_set():
            raise ProcessError(f"`{shlex.join(argv)}` was still running after {timeout:g} s and was stopped.")
        usage = Usage(wall, rusage.ru_utime, rusage.ru_stime, queued, _peak_rss_bytes(rusage))
        stdout.seek(0)
        stderr.seek(0)
        return Completed(tuple(argv), process.returncode, stdout.read(), stderr.read(), usage, left_running)


def check(argv: Sequence[str], *, timeout: float, surroundings: Surroundings = _OURS) -> Completed:
    """Do what `run` does, and raise `ProcessError` with the end of standard error unless the status is 0."""
    completed = run(argv, timeout=timeout, surroundings=surroundings)
    if completed.returncode != 0:
        tail = "\n".join(completed.error_text.splitlines()[-_STDERR_TAIL_LINES:])
        raise ProcessError(f"`{shlex.join(argv)}` ended with status {completed.returncode}.\n{tail}".rstrip())
    return completed


@dataclass(frozen=True)
class Listener:
    """Callbacks for a running process; they run in the thread that called `stream`.

    `on_line` gets each line of standard error without its line end. `on_start` gets the process id once the
    process runs. `on_tick` is called about once a second, even if the process prints nothing.
    """

    on_line: Callable[[bytes], None]
    on_start: Callable[[int], None] = lambda _pid: None
    on_tick: Callable[[], None] = lambda: None


def stream(
    argv: Sequence[str], listener: Listener, *, timeout: float, surroundings: Surroundings = _OURS
) -> Completed:
    """Do what `run` does, and call `listener` while the process runs.

    The returned `stderr` is empty, because its lines went to the listener.
    """
    with tempfile.TemporaryFile() as stdout:
        started = time.perf_counter()
        with _start(argv, surroundings, stdout=stdout, stderr=subprocess.PIPE) as process:
            listener.on_start(process.pid)
            stderr = process.stderr
            assert stderr is not None  # noqa: S101  # PIPE was asked for
            if not _listen(stderr, listener, until=started + timeout):
                raise ProcessError(
                    f"`{shlex.join(argv)}` was still running after {timeout:g} s and was stopped."
                )
            _, status, rusage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        usage = Usage(wall, rusage.ru_utime, rusage.ru_stime)
        stdout.seek(0)
        return Completed(tuple(argv), process.returncode, stdout.read(), b"", usage)


def _peak_rss_bytes(rusage: resource.struct_rusage) -> int | None:
    # A new process inherits the peak of the process that started it.
    if rusage.ru_maxrss <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
        return None
    return rusage.ru_maxrss * _KIB


def _queued_seconds(task: str) -> float:
    """Read how long a task waited for a CPU; also works for a task that ended and was not yet waited for."""
    try:
        # The columns: time on the CPU (ns), time in the queue (ns), number of times on a CPU.
        return int(Path(f"/proc/{task}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _listen(stderr: IO[bytes], listener: Listener, *, until: float) -> bool:
    """Call `listener` until `stderr` ends; return `False` if it does not end before the time `until`."""
    rest = b""
    next_tick = time.perf_counter() + _TICK_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(stderr, selectors.EVENT_READ)
        while (now := time.perf_counter()) < until:
            if now >= next_tick:
                next_tick = now + _TICK_SECONDS
                listener.on_tick()
            if not selector.select(min(until, next_tick) - now):
                continue
            chunk = os.read(stderr.fileno(), _CHUNK_BYTES)
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                listener.on_line(line)
            if not chunk:
                if rest:
                    listener.on_line(rest)
                return True
    return False


@contextlib.contextmanager
def _start(
    argv: Sequence[str],
    surroundings: Surroundings,
    *,
    stdout: IO[bytes],
    stderr: IO[bytes] | int,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start `argv` in a process group of its own, and stop the whole group at the end in every case."""
    with tempfile.TemporaryFile() as stdin:
        stdin.write(surroundings.stdin)
        stdin.seek(0)
        try:
            process = subprocess.Popen(
                list(argv),
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=None if surroundings.env is None else dict(surroundings.env),
                cwd=surroundings.cwd,
                start_new_session=True,
            )
        except OSError as error:
            raise ProcessError(
                f"`{argv[0]}` could not be started: {error.strerror}; check that it exists and is executable."
            ) from error
    try:
        yield process
    finally:
        _stop(process)
        if process.stderr is not None:
            process.stderr.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        _signal_group(process, signal.SIGTERM)
        try:
            process.wait(_STOP_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            _signal_group(process, signal.SIGKILL)
            process.wait()
    # The leader has ended, but its children may still run in its group.
    _signal_group(process, signal.SIGKILL)


def _group_is_running(process: subprocess.Popen[bytes]) -> bool:
    """Return whether the group of an ended process still has members after a short grace period."""
    until = time.perf_counter() + _OUTLIVE_GRACE_SECONDS
    while True:
        # If this process adopts orphans, an ended orphan stays in its group until we wait for it.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-process.pid, os.WNOHANG)
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return False
        if time.perf_counter() > until:
            return True
        time.sleep(_OUTLIVE_POLL_SECONDS)


def _signal_group(process: subprocess.Popen[bytes], signum: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signum)
