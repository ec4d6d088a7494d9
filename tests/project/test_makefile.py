"""The words of the Makefile: what its targets run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.registry import REGISTRY

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("runtimes", "expected"),
    [
        (None, [name for name, known in REGISTRY.items() if known.gate]),
        ("rust", ["rust"]),
        ("lua  nosuch", ["lua", "nosuch"]),
        ("all", []),
    ],
)
def test_the_gate_names_its_runtimes(runtimes: str | None, expected: list[str]) -> None:
    """Both runs of pytest, the one that judges and the one that gates, are about the same runtimes."""
    argv = [
        "make",
        "--dry-run",
        "-C",
        str(ROOT),
        "gate",
        *([] if runtimes is None else [f"RUNTIMES={runtimes}"]),
    ]
    runs = [part.split() for part in process.check(argv, timeout=30).text.split(".venv/bin/pytest")[1:]]
    assert len(runs) == len(("judge", "gate"))
    for words in runs:
        named = [words[index + 1] for index, word in enumerate(words) if word == "--rtopt-runtime"]
        assert named == expected
        assert "--rtopt-packages embedded" in " ".join(words)


def test_the_gate_refuses_no_runtimes() -> None:
    completed = process.run(["make", "--dry-run", "-C", str(ROOT), "gate", "RUNTIMES="], timeout=30)
    assert completed.returncode != 0
    assert "RUNTIMES is empty" in completed.error_text


STAGES = ("alone", "others", "sabotage")
# Says which stage it is asked to run, and ends as the environment wants that stage to end.
PYTEST = r"""#!/usr/bin/env bash
case "$*" in
  *"-m alone and"*) stage=alone ;;
  *test_sabotage.py\ -m*) stage=sabotage ;;
  *) stage=others ;;
esac
echo "ran $stage${RECORDED-}"
if [[ $stage == "${INTERRUPTED-}" ]]; then trap 'exit 2' INT; kill -INT 0; fi
[[ " ${FAILING-} " != *" $stage "* ]]
"""
AS_HOST = '#!/usr/bin/env bash\nRECORDED=" as $1" exec "${@:2}"\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a directory with the Makefile, in which the programs that it runs are made up."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    programs = {"bin/setup": "#!/bin/sh\n", "bin/on-recorded-host": AS_HOST, ".venv/bin/pytest": PYTEST}
    for name, text in programs.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def make(checkout: Path, *arguments: str, **environment: str) -> process.Completed:
    surroundings = process.Surroundings(env={"PATH": os.environ["PATH"], **environment}, cwd=checkout)
    return process.run(["make", *arguments], timeout=60, surroundings=surroundings)


def ran(completed: process.Completed) -> list[str]:
    return [line.removeprefix("ran ") for line in completed.text.splitlines() if line.startswith("ran ")]


@pytest.mark.parametrize("failing", [("alone",), ("others",), ("sabotage",), ("alone", "sabotage"), STAGES])
def test_all_stages_run_and_those_that_failed_are_named_last(
    checkout: Path, failing: tuple[str, ...]
) -> None:
    """The stages after one that failed were not run."""
    completed = make(checkout, "test", FAILING=" ".join(failing))
    assert ran(completed) == list(STAGES)
    assert completed.returncode != 0
    said = [line for line in completed.error_text.splitlines() if line.startswith("make test: ")]
    assert said == [f"make test: failed: {stage} (status 1)" for stage in failing]


def test_nothing_failed(checkout: Path) -> None:
    completed = make(checkout, "test")
    assert ran(completed) == list(STAGES)
    assert completed.returncode == 0, completed.error_text
    assert "failed" not in completed.error_text


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_it(checkout: Path) -> None:
    completed = make(checkout, "test", INTERRUPTED="alone")
    assert ran(completed) == ["alone"]
    assert completed.returncode != 0


def test_a_recorded_host_is_that_of_every_stage(checkout: Path) -> None:
    assert ran(make(checkout, "test", "HOST=vm-zen5")) == [f"{stage} as vm-zen5" for stage in STAGES]


def test_the_name_of_a_machine_in_the_environment_is_no_recorded_host(checkout: Path) -> None:
    """Some shells export it."""
    assert ran(make(checkout, "test", HOST="mine.example")) == list(STAGES)


def test_every_recorded_host_is_tried_and_those_that_failed_are_named(checkout: Path) -> None:
    for name in ("desktop-a", "vm-b"):
        (checkout / "tests" / "data" / "host" / name).mkdir(parents=True)
    (checkout / "tests" / "test_a.py").write_text("@pytest.mark.detection\ndef test_a(): pass\n")
    (checkout / "tests" / "test_b.py").write_text("def test_b(): pass\n")
    completed = make(checkout, "test-hosts", FAILING="others")
    assert sorted(ran(completed)) == ["others as desktop-a", "others as vm-b"]
    assert "test_a.py" in completed.text
    assert "test_b.py" not in completed.text
    assert "make test-hosts: failed: desktop-a (status 1)" in completed.error_text
    assert "make test-hosts: failed: vm-b (status 1)" in completed.error_text
    assert completed.returncode != 0
