"""Fixtures of the project's own tests: a private Nix store, and runs of the plugin as its users have them."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.child_environment import HOST_TOOLCHAIN
from tests.support.cpu_here import skip_where_it_would_crash
from tests.support.plugin_runs import Stranger
from tests.support.private_store import private_store

__all__ = ["interruptible", "private_store", "stranger", "stranger_with_nix"]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_store import PrivateStore


@pytest.fixture(autouse=True)
def a_run_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide from runs inside of tests that xdist spreads the tests: nothing would be measured there."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)


@pytest.fixture
def stranger(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Stranger:
    """Make a stranger's repository; nothing of this machine's settings reaches it."""
    # On CI, pytest repeats whole messages in its summary.
    for name in ("PYTEST_ADDOPTS", "COLUMNS", "CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)
    return Stranger(pytester)


@pytest.fixture(scope="session")
def runs_detected_code() -> None:
    """Skip what runs code for the detected profile where a recorded CPU has more than this one."""
    skip_where_it_would_crash()


@pytest.fixture
def stranger_with_nix(
    stranger: Stranger, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Stranger:
    """Make the same with a Nix that keeps to the tests' own store."""
    store: PrivateStore = request.getfixturevalue("private_store")
    for name, value in {**store.environment, **HOST_TOOLCHAIN}.items():
        monkeypatch.setenv(name, value)
    return stranger


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Take SIGINT as a terminal gives it: a shell starts background commands with the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
