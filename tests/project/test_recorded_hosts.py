"""Tests as on a recorded machine: what detection sees there, and what is run nevertheless.

`vm-zen4`, `wsl-zen3` and `desktop-skylake` were recorded on such machines. The other hosts are composed:
their flags, memory and load are those of a plausible machine of that kind, and were not read off one.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.hardware.microarch import features
from tests.support.cpu_here import is_shown, real_features, runs_here, skip_where_it_would_crash

TESTS = Path(__file__).resolve().parent.parent
HOSTS = TESTS / "data" / "host"
ON_RECORDED_HOST = str(TESTS.parent / "bin" / "on-recorded-host")
NAMES = sorted(path.name for path in HOSTS.iterdir())
TELL = """
import json, os
from pytest_rtopt.hardware.host import read_host
print(json.dumps([read_host().as_json(), len(os.sched_getaffinity(0))]))
"""


def on_recorded_host(*arguments: str) -> process.Completed:
    completed = process.run([ON_RECORDED_HOST, *arguments], timeout=60)
    if "takes a mount namespace" in completed.error_text:
        pytest.skip(completed.error_text)
    return completed


@pytest.mark.parametrize("name", NAMES)
def test_detection_sees_the_recorded_machine_in_every_child(name: str) -> None:
    """Whatever environment a test gives to what it starts."""
    completed = on_recorded_host(name, "env", "-i", sys.executable, "-c", TELL)
    assert completed.returncode == 0, completed.error_text
    seen, usable = json.loads(completed.text)
    assert seen == read_host(HOSTS / name).as_json()
    assert usable == len(os.sched_getaffinity(0))


def test_a_sandbox_can_mount_its_own_proc_there() -> None:
    """Nix refused all builds: the kernel lets nobody mount what is covered where it is mounted already."""
    namespaces = ("--mount", "--pid", "--fork", "--map-root-user")
    sandbox = ["unshare", *namespaces, "mount", "-t", "proc", "none", "/proc"]
    if process.run(sandbox, timeout=60).returncode:
        pytest.skip("there are no sandboxes here")
    completed = on_recorded_host("vm-zen5", *sandbox)
    assert completed.returncode == 0, completed.error_text


def test_the_real_processor_can_be_asked_there() -> None:
    script = "from tests.support.cpu_here import real_features; print(*sorted(real_features()))"
    python = ("env", f"PYTHONPATH={TESTS.parent}", sys.executable, "-c", script)
    completed = on_recorded_host("desktop-kaixian", *python)
    assert completed.text.split() == sorted(real_features()), completed.error_text


@pytest.mark.parametrize("name", ["nosuch", "", "../host"])
def test_an_unknown_host_is_refused_with_those_that_are_known(name: str) -> None:
    completed = on_recorded_host(name, "true")
    assert completed.returncode == 2  # as for any wrong option
    assert f'there is no recorded host "{name}"; there are {" ".join(NAMES)}.' in completed.error_text


@pytest.fixture
def older_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the real CPU be an Ivy Bridge, which has no AVX2."""
    text = (HOSTS / "laptop-ivybridge" / "proc" / "cpuinfo").read_text()
    (tmp_path / "cpuinfo").write_text(text)
    monkeypatch.setenv("REAL_PROC", str(tmp_path))


def show(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.cpu_here.read_host", lambda: read_host(HOSTS / name))


@pytest.mark.usefixtures("older_processor")
def test_code_that_only_the_recorded_processor_can_run_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    show("desktop-skylake", monkeypatch)
    assert is_shown("x86-64-v3")
    assert not runs_here("x86-64-v3")
    assert runs_here("x86-64-v2")
    for march in ("x86-64-v3", None):
        with pytest.raises(pytest.skip.Exception, match=r"only the recorded CPU has .*avx2"):
            skip_where_it_would_crash(march)
    skip_where_it_would_crash("x86-64-v2")


@pytest.mark.usefixtures("older_processor")
def test_code_that_neither_can_run_is_left_to_the_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    show("desktop-kaixian", monkeypatch)
    assert not is_shown("x86-64-v3")
    assert not runs_here("x86-64-v3")
    skip_where_it_would_crash("x86-64-v3")
    skip_where_it_would_crash()


def test_the_machine_at_hand_runs_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REAL_PROC", raising=False)
    assert runs_here("x86-64")
    assert real_features() == read_host().features
    skip_where_it_would_crash()


def test_the_hosts_differ_in_what_expectations_were_seen_to_depend_on() -> None:
    hosts = [read_host(HOSTS / name) for name in NAMES]
    assert {host.vendor for host in hosts} >= {"GenuineIntel", "AuthenticAMD", "CentaurHauls"}
    assert max(host.cores or 0 for host in hosts) == 64
    levels = [f"x86-64-v{level}" for level in (2, 3, 4)]
    shown = [sum(features(level) <= host.features for level in levels) for host in hosts]
    assert set(shown) == {1, 2, 3}


def test_what_reads_the_machine_at_hand_is_tried_on_every_recorded_one() -> None:
    """A new test file that asks what this machine is has a test with the mark for it."""
    asking = [
        file
        for file in sorted(TESTS.rglob("test_*.py"))
        if file != Path(__file__).resolve()
        and any(call in file.read_text() for call in ("read_host()", "read_machine()"))
    ]
    assert asking
    assert [file.name for file in asking if "@pytest.mark.detection" not in file.read_text()] == []
