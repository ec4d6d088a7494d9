"""Who decodes: this process for a small file, all cores that are ours for a large one."""

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
"""Counts chunks, in their order."""

# A process of Python with NumPy and the decoder takes about half a second to start; in that time the one that
# is there decodes this much.
_WORTH_BYTES: Final = 8_000_000


def in_this_process(chunks: Sequence[Chunk]) -> list[Counted]:
    """Count one chunk after the other."""
    return [count(chunk) for chunk in chunks]


def on_all_cores(chunks: Sequence[Chunk]) -> list[Counted]:
    """Count in as many processes as there are cores for us, if there is enough to do for more than one.

    The processes are started anew and not forked: pytest and its plugins may have threads. They end with this
    call, however it ends.
    """
    cores = _cores()
    if cores == 1 or sum(len(chunk.data) for chunk in chunks) < _WORTH_BYTES:
        return in_this_process(chunks)
    pool = ProcessPoolExecutor(cores, mp_context=get_context("spawn"), initializer=_depend_on_parent)
    try:
        return list(pool.map(count, chunks))
    finally:
        # After Ctrl-C nobody wants the rest; what is being decoded ends within a tenth of a second.
        pool.shutdown(cancel_futures=True)


class Waiting:
    """Threads that wait for processes, one for each core for us; when left, no more of them are started."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_cores())

    def __enter__(self) -> Executor:
        return self._pool

    def __exit__(self, *_: object) -> None:
        # After Ctrl-C or an error nobody wants the rest.
        self._pool.shutdown(cancel_futures=True)


def _cores() -> int:
    return cores_for_us(dict(os.environ), len(os.sched_getaffinity(0)))


def cores_for_us(environment: dict[str, str], cores: int) -> int:
    """Return this process' part of `cores`, which it shares with the other workers of pytest-xdist."""
    sharing = environment.get("PYTEST_XDIST_WORKER_COUNT", "1")
    return max(1, cores // max(1, int(sharing) if sharing.isdigit() else 1))


def _depend_on_parent() -> None:
    """Leave Ctrl-C to the parent, and end when it does.

    Interrupted while it starts processes, it has no thread yet that would tell them that there is no work.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
