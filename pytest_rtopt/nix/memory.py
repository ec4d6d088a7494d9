"""Peak resident memory of the processes that a process starts, sampled while they run."""

from __future__ import annotations

import threading
from typing import Final, Self

import psutil

_INTERVAL_SECONDS: Final = 0.25


class PeakMemory:
    """Samples the child processes of a process until the `with` block ends.

    `peak_bytes` is the largest total since the last `restart`. With a Nix daemon it is `None`, because the
    daemon starts the builders, and not the client.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._peak = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def peak_bytes(self) -> int | None:
        """The largest total of resident memory of the child processes, or `None` if there were none."""
        return self._peak or None

    def restart(self) -> None:
        """Forget the peak so far."""
        self._peak = 0

    def watch(self, pid: int) -> None:
        """Start sampling the process `pid`."""
        self._thread = threading.Thread(target=self._sample, args=(pid,), daemon=True)
        self._thread.start()

    def _sample(self, pid: int) -> None:
        while not self._stop.wait(_INTERVAL_SECONDS):
            try:
                children = psutil.Process(pid).children(recursive=True)
            except psutil.Error:
                return
            self._peak = max(self._peak, sum(map(_resident, children)))


def _resident(child: psutil.Process) -> int:
    try:
        return int(child.memory_info().rss)
    except psutil.Error:
        return 0
