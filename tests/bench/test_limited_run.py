"""What a start may not leave behind: real processes that stay, and real files that grow."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import ProcessError
from pytest_rtopt.bench import limited_run
from pytest_rtopt.bench.limited_run import Limits

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.alone

SMALL = Limits(file_bytes=2**20, directory_bytes=8 * 2**20, grace=0.3)
# Longer than a test takes, and found again by its number.
SLEEP = "4711"


def run(script: str, scratch: Path, *, timeout: float = 60.0, limits: Limits = SMALL) -> process.Completed:
    surroundings = process.Surroundings(env={"PATH": "/usr/bin:/bin"}, cwd=scratch)
    return limited_run.run(
        ["/bin/sh", "-c", script], timeout=timeout, surroundings=surroundings, limits=limits
    )


def sleepers() -> list[psutil.Process]:
    return [
        found
        for found in psutil.process_iter(["cmdline"])
        if found.info["cmdline"] == ["sleep", SLEEP] and found.status() != psutil.STATUS_ZOMBIE
    ]


def test_what_ends_properly_is_as_without_confinement(tmp_path: Path) -> None:
    completed = run("echo out; echo err >&2; exit 3", tmp_path)
    assert (completed.returncode, completed.text, completed.error_text) == (3, "out\n", "err\n")


@pytest.mark.parametrize(
    "script",
    [
        f"sleep {SLEEP} & echo done",
        f"setsid sleep {SLEEP} & echo done",  # a session of its own: out of reach of its group
        f"(setsid sh -c 'sleep {SLEEP} & sleep {SLEEP}' &) ; echo done",  # a daemon with a child
    ],
    ids=["child", "session", "daemon"],
)
def test_processes_left_behind_are_a_failure_and_are_killed(script: str, tmp_path: Path) -> None:
    assert not sleepers()
    with pytest.raises(ProcessError, match="left processes running"):
        run(script, tmp_path)
    assert not sleepers()
    assert run("echo next", tmp_path).text == "next\n"


def test_a_child_that_ends_a_moment_later_is_no_failure(tmp_path: Path) -> None:
    limits = Limits(grace=20.0)
    assert run("setsid sleep 0.1 & echo done", tmp_path, limits=limits).text == "done\n"
    assert run("true & echo done", tmp_path).text == "done\n"


def test_children_of_others_are_left_alone(tmp_path: Path) -> None:
    import subprocess  # noqa: PLC0415  # only to have a child that the confinement does not know

    with subprocess.Popen(["sleep", "30"]) as other:
        try:
            run("echo done", tmp_path)
            with pytest.raises(ProcessError):
                run(f"sleep {SLEEP} &", tmp_path)
            assert other.poll() is None
        finally:
            other.kill()


def test_a_file_that_grows_too_large_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match=r"wrote a file of more than 1 MiB"):
        run("exec dd if=/dev/zero of=big bs=65536 2>/dev/null", tmp_path)
    assert not list(tmp_path.iterdir())


def test_endless_output_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match=r"wrote a file of more than 1 MiB"):
        run("exec yes", tmp_path)


def test_many_files_that_fill_the_disk_are_stopped_and_removed(tmp_path: Path) -> None:
    writer = (
        "import itertools, os\n"
        "os.mkdir('d')\n"
        "for n in itertools.count():\n"
        "    with open(f'd/{n}', 'wb') as file: file.write(os.urandom(500000))\n"
    )
    started = time.monotonic()
    surroundings = process.Surroundings(env={}, cwd=tmp_path)
    with pytest.raises(ProcessError, match=r"wrote more than 8 MiB into its directory"):
        limited_run.run(
            [sys.executable, "-I", "-c", writer], timeout=120, surroundings=surroundings, limits=SMALL
        )
    assert time.monotonic() - started < 100
    assert not list(tmp_path.iterdir())


def test_a_hang_is_still_a_time_out_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match=r"still running after 0\.3 s"):
        run(f"setsid sleep {SLEEP} & sleep {SLEEP}", tmp_path, timeout=0.3)
    assert not sleepers()


def test_our_own_limit_comes_back(tmp_path: Path) -> None:
    import resource  # noqa: PLC0415  # only to look

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    run("true", tmp_path)
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before
