"""Distributes the decoding: a small file is decoded in this process, a large one on all available cores."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context, parent_process
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.census.decode import Chunk, Counted, count

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

Spread = Callable[[Sequence[Chunk]], list[Counted]]
"""A function that counts chunks and returns the results in their order."""

# A Python process with NumPy and the decoder takes about half a second to start. In that time, this process
# decodes about this number of bytes.
_WORTH_BYTES: Final = 8_000_000


def in_this_process(chunks: Sequence[Chunk]) -> list[Counted]:
    """Count the chunks one after the other."""
    return [count(chunk) for chunk in chunks]


def on_all_cores(chunks: Sequence[Chunk]) -> list[Counted]:
    """Count in one process per available core, if there is enough work for more than one.

    The processes are spawned and not forked, because pytest and its plugins may have threads. They end with
    this call in every case.
    """
    cores = _cores()
    if cores == 1 or sum(len(chunk.data) for chunk in chunks) < _WORTH_BYTES:
        return in_this_process(chunks)
    pool = ProcessPoolExecutor(cores, mp_context=get_context("spawn"), initializer=_depend_on_parent)
    try:
        return list(pool.map(count, chunks))
    finally:
        # After Ctrl-C the waiting chunks are cancelled; the running ones end within a tenth of a second.
        pool.shutdown(cancel_futures=True)


class WaitingThreads:
    """Threads that wait for processes, one per available core; at the end, waiting tasks are cancelled."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_cores())

    def __enter__(self) -> Executor:
        return self._pool

    def __exit__(self, *_: object) -> None:
        # After Ctrl-C or an error, the waiting tasks are not needed.
        self._pool.shutdown(cancel_futures=True)


def _cores() -> int:
    return available_cores(dict(os.environ), len(os.sched_getaffinity(0)))


def available_cores(environment: dict[str, str], cores: int) -> int:
    """Return this process's share of `cores`, which it shares with the other workers of pytest-xdist."""
    sharing = environment.get("PYTEST_XDIST_WORKER_COUNT", "1")
    return max(1, cores // max(1, int(sharing) if sharing.isdigit() else 1))


def _depend_on_parent() -> None:
    """Ignore Ctrl-C, and end when the parent ends.

    If the parent is interrupted while it starts processes, it has no thread yet that would stop them.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
