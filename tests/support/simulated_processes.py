"""Simulated processes and a comparison of them, for tests of measurements without real programs."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pytest_rtopt.base.process import Completed, Surroundings, Usage
from pytest_rtopt.bench.sampler import Comparison, Engine
from pytest_rtopt.bench.workload import Places, Workload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Laboratory:
    """Simulated processes with a clock of their own; times vary by 1 % about a mean for each side."""

    def __init__(self, stock: float, optimized: float, *, computing: float = 0.5) -> None:
        self.computing = computing
        self.means = {"stock": stock, "optimized": optimized}
        self.random = random.Random(11)  # noqa: S311  # reproducible noise, not a secret
        self.now = 0.0
        self.starts = 0
        self.interrupt_at: int | None = None

    def run(self, argv: Sequence[str], *, timeout: float, surroundings: Surroundings) -> Completed:
        """Advance the clock and answer 42, without starting a process."""
        assert timeout
        assert surroundings.cwd is not None
        self.starts += 1
        if self.starts == self.interrupt_at:
            raise KeyboardInterrupt
        seconds = self.means[surroundings.cwd.name] * self.random.lognormvariate(0, 0.01)
        self.now += seconds
        return Completed(tuple(argv), 0, b"42\n", b"", Usage(seconds, seconds * self.computing, 0.0))

    @property
    def engine(self) -> Engine:
        """The engine that simulates processes on this clock."""
        return Engine(run=self.run, clock=lambda: self.now)


def comparison(
    tmp_path: Path, *, threshold: float = 0.0, expected: tuple[float, float] | None = None
) -> Comparison:
    """Return a comparison whose sides differ by the name of their scratch directory."""
    workload = Workload("lua/a", ("{out}/bin/lua",), threshold=threshold, expected=expected)
    stock, optimized = (Places(tmp_path, tmp_path, tmp_path / side) for side in ("stock", "optimized"))
    return Comparison(workload, stock, optimized)
