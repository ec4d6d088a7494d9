"""Starts a workload once and makes sure that it leaves no process running and does not fill the disk.

A process that keeps running would disturb all later measurements. Both faults end the workload with an error.
The processes are killed, and the files are deleted.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import shutil
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import ProcessError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SET_CHILD_SUBREAPER: Final = 36  # linux/prctl.h
_WATCH_SECONDS: Final = 0.5
_POLL_SECONDS: Final = 0.02
_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_MIB: Final = 2**20


@dataclass(frozen=True)
class Limits:
    """Limits of one start: the size of one file and of the whole directory, in bytes.

    A process that is still running at the end has `grace` seconds to end by itself.
    """

    file_bytes: int = 1024 * _MIB
    directory_bytes: int = 4096 * _MIB
    grace: float = 5.0


_USUAL: Final = Limits()


def run(
    argv: Sequence[str],
    *,
    timeout: float,
    surroundings: process.Surroundings,
    limits: Limits = _USUAL,
) -> process.Completed:
    """Run `argv` like `process.run` does, within `limits`; no other program may use its directory.

    Raises `ProcessError` if it leaves processes running or writes too much. These processes are killed, and a
    directory that is too large is emptied.
    """
    scratch = surroundings.cwd or Path.cwd()
    with _files_up_to(limits.file_bytes), _adopting() as others, _watched(scratch, limits, others) as watch:
        try:
            completed = process.run(argv, timeout=timeout, surroundings=surroundings)
        finally:
            left = _left_running(others, limits.grace)
    if watch.exceeded or _is_larger(scratch, limits.directory_bytes, watch.free_before):
        _empty(scratch)
        raise ProcessError(
            f"it wrote more than {limits.directory_bytes // _MIB} MiB into its directory, which was emptied; "
            "change the workload so that it deletes its files."
        )
    if completed.returncode == -signal.SIGXFSZ:
        _empty(scratch)
        raise ProcessError(f"it wrote a file of more than {limits.file_bytes // _MIB} MiB and was stopped.")
    if left or completed.left_running:
        raise ProcessError(
            f"it left processes running{_named(left)}, which were killed; change the workload so that it "
            "waits for all processes that it starts."
        )
    return completed


@dataclass
class _Watch:
    """Whether the directory exceeded its limit, and the free bytes of its disk before the start."""

    free_before: int
    exceeded: bool = False


@contextlib.contextmanager
def _files_up_to(size: int) -> Iterator[None]:
    """Limit the size of files that started processes write; they inherit the limit of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    allowed = [limit for limit in (size, soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(allowed), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def _adopting() -> Iterator[frozenset[int]]:
    """Adopt orphaned descendants, so that none escapes; yields the children that existed before."""
    before = _children()
    _LIBC.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield before
    finally:
        _LIBC.prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@contextlib.contextmanager
def _watched(scratch: Path, limits: Limits, others: frozenset[int]) -> Iterator[_Watch]:
    """Check the directory twice a second, and kill the started processes once it is too large."""
    watch = _Watch(shutil.disk_usage(scratch).free)
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_WATCH_SECONDS):
            if _is_larger(scratch, limits.directory_bytes, watch.free_before):
                watch.exceeded = True
                for pid in _children() - others:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(pid, signal.SIGKILL)
                return

    thread = threading.Thread(target=look, name="disk watch", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()


def _is_larger(directory: Path, size: int, free_before: int) -> bool:
    """Return whether `directory` holds more than `size` bytes; counts only if the disk lost as much."""
    if free_before - shutil.disk_usage(directory).free <= size:
        return False
    taken = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(OSError):
                taken += Path(folder, name).lstat().st_blocks * 512
    return taken > size


def _empty(directory: Path) -> None:
    for entry in directory.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


def _left_running(others: frozenset[int], grace: float) -> list[str]:
    """Return the names of adopted processes that do not end within `grace` seconds, and kill them."""
    until = time.monotonic() + grace
    while (left := _running(others)) and time.monotonic() < until:
        time.sleep(_POLL_SECONDS)
    names = []
    for pid in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            leader = psutil.Process(pid)
            family = [leader, *leader.children(recursive=True)]
            names.append(leader.name())
            for member in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.kill()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
    return sorted(names)


def _running(others: frozenset[int]) -> list[int]:
    """Return the adopted processes that still run, and wait for those that have ended."""
    running = []
    for pid in _children() - others:
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                running.append(pid)
    return running


def _children() -> frozenset[int]:
    pids: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        # A thread may end meanwhile.
        with contextlib.suppress(OSError):
            pids.update(map(int, (task / "children").read_text().split()))
    return frozenset(pids)


def _named(names: list[str]) -> str:
    return f" ({', '.join(names)})" if names else ""
