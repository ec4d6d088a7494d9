"""The workloads that measure rustc, run with a real one: their answer, and wrong compilations."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.bench.workload import Places
from pytest_rtopt.runtimes.rust_compile import COMPILING
from tests.support.host_rust import works

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.bench.workload import Command, Workload

SECONDS = 120
ALL = pytest.mark.parametrize("workload", COMPILING, ids=lambda workload: workload.name)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Return places with the host's rustc and linker in them."""
    if not works("/usr/bin/rustc"):
        pytest.skip("there is no /usr/bin/rustc that works")
    for directory in ("out/bin", "programs/share/rtopt", "scratch"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "out" / "bin" / "rustc").symlink_to("/usr/bin/rustc")
    linker = shutil.which("cc")
    assert linker is not None
    (tmp_path / "programs" / "share" / "rtopt" / "cc").symlink_to(linker)
    return Places(tmp_path / "out", PACKAGE / "workloads", tmp_path / "scratch", tmp_path / "programs")


def run(command: Command) -> process.Completed:
    surroundings = process.Surroundings(env=dict(command.env), cwd=command.cwd)
    return process.run(list(command.argv), timeout=SECONDS, surroundings=surroundings)


def prepared(workload: Workload, places: Places) -> Path:
    """Prepare a workload, and return the directory in which it was prepared."""
    for command in workload.preparations(places):
        completed = run(command)
        assert completed.returncode == 0, completed.error_text
    return places.scratch


@ALL
def test_the_answer_is_what_the_compiled_programs_print(workload: Workload, places: Places) -> None:
    """It was the checksum of an object, which two builds of one compiler do not share."""
    scratch = prepared(workload, places)
    names = dict(workload.env)["NAMES"].split()
    printed = "".join(process.check([str(scratch / name)], timeout=SECONDS).text for name in names)
    completed = run(workload.command(places))
    assert completed.returncode == 0, completed.error_text
    assert completed.text == printed
    assert len(printed.splitlines()) >= len(names)


@pytest.mark.parametrize("workload", COMPILING[:2], ids=lambda workload: workload.name)
def test_an_object_that_was_not_run_is_no_answer(workload: Workload, places: Places) -> None:
    scratch = prepared(workload, places)
    (scratch / "hash.sum").write_text("1 2\n")
    completed = run(workload.command(places))
    assert completed.returncode != 0
    assert "the object of hash is not the one that was linked and run" in completed.error_text
    assert completed.text == ""


@ALL
def test_sources_that_do_not_compile_are_no_answer(
    workload: Workload, places: Places, tmp_path: Path
) -> None:
    prepared(workload, places)
    shutil.copytree(PACKAGE / "workloads" / "rust", tmp_path / "broken" / "rust")
    first = dict(workload.env)["NAMES"].split()[0]
    (tmp_path / "broken" / "rust" / "src" / "bin" / f"{first}.rs").write_text('fn main() { let x: u8 = ""; }')
    broken = Places(places.out, tmp_path / "broken", places.scratch, places.programs)
    completed = run(workload.command(broken))
    assert completed.returncode != 0
    assert "mismatched types" in completed.error_text


def test_the_name_that_ledgers_hold_stays() -> None:
    assert [workload.name for workload in COMPILING] == [
        "rust/compile",
        "rust/compile-debug",
        "rust/compile-check",
    ]
    assert not any(workload.runs_programs for workload in COMPILING)
