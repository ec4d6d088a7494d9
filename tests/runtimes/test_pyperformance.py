"""pyperformance's benchmarks as workloads: where it is installed, and only there."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.bench.workload import Places
from pytest_rtopt.plugin.session import expected_work
from pytest_rtopt.runtimes import runtime
from pytest_rtopt.runtimes.pyperformance import installed_workloads, workloads_in

if TYPE_CHECKING:
    from pathlib import Path

# As pyperf's runner reads its command line, and no more of it.
BENCHMARK = """
import pathlib, pyperf, sys
pathlib.Path("seen").write_text(" ".join(sys.argv[1:]))
print("nbody: 351 ms")
sys.exit(pyperf.STATUS)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Make a directory of modules, named with braces, with a pyperformance that has one benchmark."""
    modules = tmp_path / "site{packages}"
    benchmark = modules / "pyperformance/data-files/benchmarks/bm_nbody/run_benchmark.py"
    benchmark.parent.mkdir(parents=True)
    benchmark.write_text(BENCHMARK)
    (modules / "pyperformance/__init__.py").touch()
    (modules / "pyperf.py").write_text("STATUS = 0\n")
    return modules / "pyperformance"


def test_only_what_is_there_is_a_workload(package: Path, tmp_path: Path) -> None:
    assert [workload.name for workload in workloads_in(package)] == ["python/pyperformance-nbody"]
    assert workloads_in(tmp_path) == ()


def test_it_is_found_where_it_is_installed(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(package.parent))
    importlib.invalidate_caches()
    assert [workload.name for workload in installed_workloads()] == ["python/pyperformance-nbody"]
    assert runtime("python").optional_workloads() == installed_workloads()


def test_nobody_misses_what_is_optional(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger that was written without pyperformance holds where it is installed, too."""
    monkeypatch.syspath_prepend(str(package.parent))
    assert not any("pyperformance" in name for name in expected_work("python").workloads)


def test_a_start_is_the_same_work_every_time_and_says_nothing(package: Path, tmp_path: Path) -> None:
    (workload,) = workloads_in(package)
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    (out / "bin").mkdir(parents=True)
    scratch.mkdir()
    (out / "bin/python3").symlink_to(sys.executable)
    command = workload.command(Places(out, tmp_path, scratch))

    def start() -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command.argv, env=dict(command.env), cwd=command.cwd, capture_output=True, check=False
        )

    assert start().stdout == b""
    assert (scratch / "seen").read_text() == "--worker --worker-task=0 --values=1 --warmups=0 --loops=2"
    assert list((scratch / "bytecode").rglob("pyperf.*.pyc"))
    (package.parent / "pyperf.py").write_text("STATUS = 3  # another size, so that it is compiled anew\n")
    assert start().returncode == 3
    assert not list(package.parent.rglob("__pycache__"))


@pytest.mark.skipif(not installed_workloads(), reason="the extra `pyperformance` is not installed")
def test_the_real_one_has_all_that_are_named(tmp_path: Path) -> None:
    names = {workload.name.partition("-")[2] for workload in installed_workloads()}
    assert names == {"deltablue", "json_loads", "nbody", "regex_compile", "richards"}
    out = tmp_path / "out"
    (out / "bin").mkdir(parents=True)
    (out / "bin/python3").symlink_to(sys.executable)
    for workload in installed_workloads():
        command = workload.command(Places(out, tmp_path, tmp_path))
        subprocess.run(command.argv, env=dict(command.env), cwd=command.cwd, check=True)
