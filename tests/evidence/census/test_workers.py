"""Decoding on all cores gives what decoding in one process gives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from pytest_rtopt.evidence.census import workers
from pytest_rtopt.evidence.census.census import census
from pytest_rtopt.evidence.elf.image import read_elf
from tests.support.evidence_builds import compile_c
from tests.support.machine_code import RET, SHLX, image_of

if TYPE_CHECKING:
    from pathlib import Path

BODY = SHLX * 4000 + RET
COUNT = 500  # ten megabytes

PROGRAM = """
from pytest_rtopt.evidence.census import workers
from pytest_rtopt.evidence.census.decode import Chunk
import numpy as np

if __name__ == "__main__":
    data = b"\\x90" * (1 << 19)
    whole = np.array([0]), np.array([len(data)]), np.array([0])
    print("started", flush=True)
    workers.on_all_cores([Chunk(data, *whole)] * 400)
"""


def test_a_large_file_is_counted_as_by_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """In all processes the same: chunks come back in their order, whoever was first."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)
    functions = [(f"f{number}", number * len(BODY), len(BODY)) for number in range(COUNT)]
    image = image_of(BODY * COUNT, *functions)
    assert census(image, workers.on_all_cores) == census(image)


def test_a_program_is_counted_as_by_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)
    monkeypatch.setattr(workers, "_WORTH_BYTES", 0)
    image = read_elf(compile_c(tmp_path / "program"))
    assert census(image, workers.on_all_cores) == census(image)


def test_workers_of_xdist_share_the_cores() -> None:
    assert workers.available_cores({}, 8) == 8
    assert workers.available_cores({"PYTEST_XDIST_WORKER_COUNT": "2"}, 8) == 4
    assert workers.available_cores({"PYTEST_XDIST_WORKER_COUNT": "16"}, 8) == 1
    assert workers.available_cores({"PYTEST_XDIST_WORKER_COUNT": "?"}, 8) == 8


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core decodes in one process")
def test_an_interrupted_census_leaves_no_process_behind(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with subprocess.Popen(
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={"PATH": "/usr/bin:/bin"},
        # A shell's background job ignores SIGINT, and so would what is started by one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # see above
    ) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"started\n"
        whole = psutil.Process(started.pid)
        until = time.monotonic() + 60
        while len(children := whole.children(recursive=True)) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        assert children
        time.sleep(1)
        started.send_signal(signal.SIGINT)
        _, errors = started.communicate(timeout=60)
    assert b"KeyboardInterrupt" in errors
    # What was told to end may still be ending, and one that nobody has waited for yet is no running process.
    _, left = psutil.wait_procs(children, timeout=5)
    assert not [child for child in left if child.status() != psutil.STATUS_ZOMBIE]
