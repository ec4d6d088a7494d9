"""Pins measured processes to one core, so that they do not move between cores while they are timed."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def pinned() -> Iterator[int | None]:
    """Pin this thread and the processes that it starts to one core, and restore the old cores at the end.

    Yields the number of the core, or `None` if the system does not permit it. It uses the last permitted
    core, because most interrupts are handled on the first.
    """
    before = os.sched_getaffinity(0)
    core: int | None = max(before)
    try:
        os.sched_setaffinity(0, {max(before)})
    except OSError:
        core = None
    try:
        yield core
    finally:
        if core is not None:
            os.sched_setaffinity(0, before)
