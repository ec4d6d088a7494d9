"""Builds with a real Nix in a store of the tests' own: events, records, failures, interruptions."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
import pytest

from pytest_rtopt.base.errors import BuildError
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.events import BuildStarted, Event, LogLine, PhaseChanged
from pytest_rtopt.nix.host_builds import Isolation, prepare_host_builds

if TYPE_CHECKING:
    from pytest_rtopt.nix.client import Nix
    from tests.support.private_store import PrivateStore

pytestmark = pytest.mark.alone

BUILDS: Final = Path(__file__).parent.parent / "data" / "nix" / "expressions" / "builds.nix"


@pytest.fixture(scope="module")
def nix(private_store: PrivateStore) -> Nix:
    """Return a Nix whose builds see the host's shell."""
    return prepare_host_builds(private_store.nix).nix


def new(nix: Nix, name: str, tmp_path: Path) -> tuple[str, str]:
    """Return the derivation and output of a build that was never made before."""
    expression = tmp_path / "new.nix"
    expression.write_text(f'(import {BUILDS} {{ salt = "{time.time_ns()}"; }}).{name}\n')
    drv = nix.instantiate(expression, {})
    return drv, nix.derivations([drv])[drv].outputs["out"]


def test_builds_of_root_without_a_daemon_are_sandboxed(private_store: PrivateStore) -> None:
    """Also in a store that is not /nix/store."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    assert prepare_host_builds(private_store.nix).isolation is Isolation.SANDBOXED


def test_a_build_is_observed_and_remembered(nix: Nix, tmp_path: Path) -> None:
    events: list[Event] = []
    drv, out = new(nix, "phases", tmp_path)
    assert nix.missing([out]) == (out,)
    Builder(nix, tmp_path, events.append, {drv: "lua"}).build(drv)
    assert nix.missing([out]) == ()
    assert Path(out).read_text() == "67108864\n"
    own = [event for event in events if isinstance(event, PhaseChanged)]
    assert own == [PhaseChanged(drv, "buildPhase"), PhaseChanged(drv, "installPhase")]

    # A later run reads what this one wrote.
    later = Builder(nix, tmp_path)
    record = later.record(drv, out, cached=True)
    assert record.cached
    assert record.seconds is not None
    assert 1.2 <= record.seconds < 30
    assert record.peak_rss_bytes is not None
    assert 64 * 2**20 <= record.peak_rss_bytes < 2**30
    assert record.out_bytes is not None
    assert 0 < record.out_bytes < 1000
    assert later.expected_seconds("lua") == record.seconds
    assert later.expected_seconds("go") is None


def test_what_is_built_is_not_built_again(nix: Nix, tmp_path: Path) -> None:
    drv, _ = new(nix, "first", tmp_path)
    Builder(nix, tmp_path).build(drv)
    events: list[Event] = []
    Builder(nix, tmp_path, events.append).build(drv)
    assert not [event for event in events if isinstance(event, BuildStarted)]


def test_a_record_that_is_not_whole_is_none(nix: Nix, tmp_path: Path) -> None:
    drv, out = new(nix, "first", tmp_path)
    builder = Builder(nix, tmp_path)
    builder.build(drv)
    (record,) = (tmp_path / "builds").iterdir()
    record.write_text('{"seconds": 1')
    assert builder.record(drv, out, cached=True).seconds is None
    assert builder.expected_seconds("first") is None


@pytest.mark.parametrize("name", ["failing", "needsFailing"])
def test_a_failing_build_shows_derivation_log_and_remedy(nix: Nix, tmp_path: Path, name: str) -> None:
    drv, _ = new(nix, name, tmp_path)
    with pytest.raises(BuildError) as caught:
        Builder(nix, tmp_path).build(drv)
    first, *tail = str(caught.value).splitlines()
    culprit = first.split()[1]
    assert culprit.endswith("-failing.drv")
    assert tail == [*(f"line {n}" for n in range(22, 61)), "main.c:3:1: error: unknown type name 'in'"]
    log = Path(first.split("whole log at ")[1].split(", then")[0])
    assert log.read_text().splitlines()[0] == "line 1"
    assert len(log.read_text().splitlines()) == 61


def test_what_was_finished_before_a_failure_keeps_its_record(nix: Nix, tmp_path: Path) -> None:
    """Records were written only after a build that was good as a whole."""
    drv, _ = new(nix, "needsFailing", tmp_path)
    with pytest.raises(BuildError):
        Builder(nix, tmp_path).build(drv)
    (record,) = (tmp_path / "builds").iterdir()
    assert record.name.endswith("-first.drv.json")


def test_a_full_disk_has_its_own_remedy(nix: Nix, tmp_path: Path) -> None:
    drv, _ = new(nix, "full", tmp_path)
    with pytest.raises(BuildError, match="the disk is full: free some space"):
        Builder(nix, tmp_path).build(drv)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("sandbox", ["true", "false"])
def test_an_interruption_leaves_nothing_running_and_no_lock(nix: Nix, tmp_path: Path, sandbox: str) -> None:
    nix = nix.with_settings(f"sandbox = {sandbox}")
    drv, out = new(nix, "endless", tmp_path)
    before = set(sleepers())

    def interrupt(event: Event) -> None:
        if event == LogLine(drv, "started"):
            # As Ctrl-C does: in this thread, at any time after the builder has said something.
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        Builder(nix, tmp_path, interrupt).build(drv)
    assert set(sleepers()) <= before
    assert nix.missing([out]) == (out,)
    # What was finished stays, and what comes next waits for no lock.
    (record,) = (tmp_path / "builds").iterdir()
    assert record.name.endswith("-first.drv.json")
    (needed,) = nix.derivations([drv])[drv].inputs
    events: list[Event] = []
    started = time.monotonic()
    Builder(nix, tmp_path, events.append).build(needed)
    assert time.monotonic() - started < 10
    assert not [event for event in events if isinstance(event, BuildStarted)]
    with pytest.raises(KeyboardInterrupt):
        Builder(nix, tmp_path, interrupt).build(drv)


def sleepers() -> list[int]:
    """Return the processes that only the endless build starts."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if (process.info["cmdline"] or [])[-2:] == ["sleep", "7777"]
    ]
