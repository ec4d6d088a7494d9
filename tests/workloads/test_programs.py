"""The programs that are measured: each is there, each row of the guide has one, and they answer alike."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt import runtimes
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.runtimes import runtime

if TYPE_CHECKING:
    from pathlib import Path

WORKLOADS = PACKAGE / "workloads"
# The table of expectations in the guide, row by row.
PROMISED = {
    "nodejs": {(0.02, 0.05), (0.05, 0.15), (0.03, 0.08), (0.0, 0.02)},
    "go": {(0.03, 0.07), (0.05, 0.10), (0.05, 0.15)},
    "rust": {(0.05, 0.10), (0.05, 0.12), (0.03, 0.08)},
    "python": {(0.05, 0.10), (0.10, 0.30), (0.08, 0.15), (0.0, 0.05)},
}


@pytest.mark.parametrize("name", PROMISED)
def test_every_row_of_the_guide_is_measured(name: str) -> None:
    expected = {workload.expected for workload in runtime(name).workloads if workload.expected is not None}
    assert expected == PROMISED[name]


@pytest.mark.parametrize("name", runtimes.NAMES)
def test_what_is_measured_is_there(name: str) -> None:
    sources = {"go": ("go", "main.go"), "rust": ("rust/src/bin", "")}
    for workload in runtime(name).workloads:
        words = " ".join((*workload.argv, *(value for _, value in workload.env)))
        for file in re.findall(r"\{workloads\}/(\S+)", words):
            assert (WORKLOADS / file).exists(), file
        for program in re.findall(r"\{programs\}/bin/(\w+)", words):
            directory, main = sources[name]
            file = f"{directory}/{program}/{main}" if main else f"{directory}/{program}.rs"
            assert (WORKLOADS / file).is_file(), file


PYTHON = [path.stem for path in sorted((WORKLOADS / "python").glob("*.py"))]


@pytest.mark.parametrize("name", PYTHON)
def test_python_programs_answer_alike(name: str, tmp_path: Path) -> None:
    """Both starts have another seed of hashes, so that an answer in the order of a set would differ."""
    answers = {
        subprocess.run(
            [sys.executable, "-I", WORKLOADS / "python" / f"{name}.py"],
            check=True,
            capture_output=True,
            cwd=tmp_path,
        ).stdout
        for _ in range(2)
    }
    assert len(answers) == 1
    assert answers != {b""}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("units", [0, 1, 300])
def test_the_calibration_answers_alike_whatever_its_work(tmp_path: Path, units: int) -> None:
    (tmp_path / "units").write_text(str(units))
    script = WORKLOADS / "calibration" / "spin.py"
    run = subprocess.run([sys.executable, "-I", script], check=True, capture_output=True, cwd=tmp_path)
    assert run.stdout == b"spun\n"


@pytest.fixture(scope="module")
def rust_programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the Rust programs with the host's cargo."""
    cargo = shutil.which("cargo", path="/usr/bin")
    if cargo is None:
        pytest.skip("there is no /usr/bin/cargo")
    place = tmp_path_factory.mktemp("rust")
    shutil.copytree(WORKLOADS / "rust", place / "rust")
    command = [cargo, "build", "--offline", "--release", "--target-dir", str(place / "target")]
    # cargo takes the first rustc on PATH, and rustup's fails where HOME has no toolchain.
    env = {**os.environ, "RUSTC": "/usr/bin/rustc"}
    subprocess.run(command, cwd=place / "rust", check=True, capture_output=True, env=env)
    return place / "target" / "release"


@pytest.mark.parametrize("name", ["hash", "regex", "history"])
def test_rust_programs_answer_alike(rust_programs: Path, name: str) -> None:
    first, second = (
        subprocess.run([rust_programs / name], check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    )
    assert re.search(r"[0-9a-f]{8}", first)
    assert first == second
