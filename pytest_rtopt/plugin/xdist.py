"""Assigns tests to workers of pytest-xdist: one worker runs all tests of a runtime."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from xdist.scheduler import LoadScopeScheduling

from pytest_rtopt.plugin.selection import concerns_suites

if TYPE_CHECKING:
    import pytest
    from xdist.remote import Producer

# Parameters of a test begin with the runtime, alone or with a claim or workload: `[go]`, `[go/isa-level]`.
_RUNTIME: Final = re.compile(r"\[(\w+)(?:/[^\]]*)?\]$")


class ByRuntime(LoadScopeScheduling):  # type: ignore[misc]  # xdist publishes no types
    """Schedules the tests of one runtime together, and every other test on its own."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """Return the name that all tests for one worker share."""
    found = _RUNTIME.search(nodeid)
    return nodeid if found is None else found[1]


def by_runtime(config: pytest.Config, log: Producer) -> ByRuntime | None:
    """Return the scheduler for a run of the suites, or `None` if `--dist` is not the default."""
    return ByRuntime(config, log) if config.option.dist == "load" and concerns_suites(config) else None
