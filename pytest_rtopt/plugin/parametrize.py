"""Parametrizes tests: one for each requested runtime, claim or workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt import runtimes
from pytest_rtopt.plugin.selection import FIXTURES
from pytest_rtopt.plugin.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from pytest_rtopt.claims.model import Runtime


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Parametrize a test that takes the plugin's `runtime` fixture, and perhaps `claim` or `workload`.

    A test that defines `runtime` itself, as a fixture or as a parameter, belongs to another project and stays
    as it is.
    """
    if not _takes_our_runtime(metafunc):
        return
    requested = [runtimes.runtime(name) for name in settings_of(metafunc.config).runtimes]
    if "claim" in metafunc.fixturenames:
        cases = [
            (runtime, claim, runtime.claim_id(claim)) for runtime in requested for claim in runtime.claims
        ]
        _pairs(metafunc, "claim", cases)
    elif "workload" in metafunc.fixturenames:
        work = [
            (runtime, workload, workload.name)
            for runtime in requested
            for workload in (*runtime.workloads, *runtime.optional_workloads())
        ]
        _pairs(metafunc, "workload", work)
    else:
        names = [runtime.name for runtime in requested]
        metafunc.parametrize("runtime", names, indirect=True)


def _takes_our_runtime(metafunc: pytest.Metafunc) -> bool:
    # pytest has no public way to look up the fixture behind a name. A parametrized name has none.
    found = metafunc._arg2fixturedefs.get("runtime", ())  # noqa: SLF001  # see above
    return bool(found) and found[-1].func.__module__ == FIXTURES


def _pairs(metafunc: pytest.Metafunc, name: str, cases: Sequence[tuple[Runtime, object, str]]) -> None:
    metafunc.parametrize(
        ("runtime", name),
        [(runtime.name, case) for runtime, case, _ in cases],
        indirect=["runtime"],
        ids=[identity for _, _, identity in cases],
    )
