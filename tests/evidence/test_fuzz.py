"""Damaged ELF files, build logs, derivations and the like give a value or an error of our own, and soon.

The inputs are made in `fuzz_elf` and `fuzz_text`, and read as a run would read them (`fuzz_targets`), each
target in a process of its own with 1 GB and 5 s for each input (`fuzz_worker`). What was found so has a test
of its own beside the tests of the file where it was mended.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.process import Surroundings, run
from tests.support.fuzz_elf import corpus
from tests.support.fuzz_worker import BYTES, SECONDS, Figures

if TYPE_CHECKING:
    from collections.abc import Callable

WORKER = Path(__file__).parent.parent / "support" / "fuzz_worker.py"
FEW = {"elf": 60, "log": 60, "derivation": 60, "nix": 60, "ledger": 100, "census": 60, "wrapper": 60}
MANY = {
    "elf": 4000,
    "log": 2000,
    "derivation": 2000,
    "nix": 500,
    "ledger": 500,
    "census": 500,
    "wrapper": 500,
}
BATCH = 500


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with files to damage."""
    directory = tmp_path_factory.mktemp("corpus")
    corpus(directory)
    return directory


def figures(target: str, first: int, count: int, whole: Path) -> Figures:
    """Read `count` damaged inputs and return what became of them; none may have failed."""
    argv = [sys.executable, str(WORKER), target, str(first), str(count), str(whole)]
    # A library that keeps memory for each core would count as if the input had asked for it.
    surroundings = Surroundings(env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    completed = run(argv, timeout=60 + 2 * SECONDS * count, surroundings=surroundings)
    assert completed.returncode in (0, 1), completed.error_text
    found = Figures(**json.loads(completed.text))
    assert found.failures == []
    assert found.examples == count
    assert found.peak_bytes <= BYTES
    return found


@pytest.mark.parametrize("target", FEW)
def test_a_damaged_input_is_a_value_or_an_error(target: str, whole: Path) -> None:
    found = figures(target, 0, FEW[target], whole)
    # Damage that is never noticed, or that nothing survives, would be no test of either way.
    assert found.errors or target in ("log", "nix", "census")
    assert found.values or target == "wrapper"


@pytest.mark.heavy
@pytest.mark.parametrize("target", MANY)
def test_ten_thousand_damaged_inputs(
    target: str, whole: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    assert sum(MANY.values()) == 10_000
    batches = [figures(target, 1000 + first, BATCH, whole) for first in range(0, MANY[target], BATCH)]
    slowest = max(batch.slowest for batch in batches)
    peak = max(batch.peak_bytes for batch in batches)
    said = f"{MANY[target]} inputs, slowest {slowest[0]} s (number {slowest[1]}), peak {peak >> 20} MB"
    record_testsuite_property(f"fuzzing {target}", said)
    assert slowest[0] <= SECONDS


def test_a_reader_that_hangs_or_grows_or_raises_is_a_failure(tmp_path: Path) -> None:
    """The limits hold: what they are there for is reported, each with its number."""
    script = tmp_path / "broken.py"
    script.write_text(
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv.pop(1))\n"
        "import fuzz_worker; from fuzz_targets import Target\n"
        "fuzz_worker.SECONDS = 0.2\n"
        "faults = iter((lambda: bytes(2 << 30), lambda: 1 / 0, lambda: exec('while True: pass')))\n"
        "broken = Target(lambda chance: b'', lambda data: next(faults)())\n"
        "fuzz_worker.targets = lambda corpus, scratch: {'broken': broken}\n"
        "sys.exit(fuzz_worker.main('broken', 7, 3, Path('/')))\n"
    )
    completed = run([sys.executable, str(script), str(WORKER.parent)], timeout=60)
    assert completed.returncode == 1
    found = json.loads(completed.text)["failures"]
    assert [failure.partition(":")[0] for failure in found] == ["7", "8", "9"]
    for failure, error in zip(found, ("MemoryError", "ZeroDivisionError", "_HangError"), strict=True):
        assert failure.strip().endswith(error) or error in failure.splitlines()[-1]
