"""Python's claims: the level of its training, its environments, its sysconfig."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.resources import directory
from pytest_rtopt.evidence.elf.switches import CommandLine, RecordedSwitches
from pytest_rtopt.evidence.log.build_log import parse_log
from pytest_rtopt.results.values import FindingStatus
from pytest_rtopt.runtimes.python import (
    PYTHON,
    sysconfig_clean,
    trained_as_requested,
    with_packages_uses_it,
)
from tests.support.observations import binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

TRAINED = RecordedSwitches((CommandLine("GNU C11", "12.2.0", ("-O3", "-fprofile-use")),))
# As regrtest and overlays/training/python.py print them.
DEFAULT_TASK = "Total duration: 1 min 20 sec\nTotal test files: run=43/43\nResult: SUCCESS\n"
EXTENDED_TASK = "Total test files: run=478/480 failed=7\n"
PARTS = "rtopt: trained on start_ups in 7.1 s\nrtopt: trained on records in 9.0 s\n"
OUT = "/nix/store/optimized"


def built(level: str, log: str | None, *, cold: int = 3000, **reports: str) -> Observation:
    """Return an optimized build with this log and these reports, laid out with so many cold parts."""
    stock = side(derivation("stock"), {"interpreter": binary(census())})
    trained = binary(census(100, tag="o"), cold_functions=cold, switches=TRAINED)
    optimized = side(
        derivation("optimized"),
        {"interpreter": trained},
        out=OUT,
        log=None if log is None else parse_log(log),
        reports=reports,
    )
    requested = profile("x86-64-v3", "python313", pgoLevel=level)
    return observation(requested, stock, optimized, attr="python313")


@pytest.mark.parametrize(
    ("level", "log", "status"),
    [
        ("LIGHT", DEFAULT_TASK, FindingStatus.PROVEN),
        ("FULL", DEFAULT_TASK + PARTS, FindingStatus.PROVEN),
        ("FULL", DEFAULT_TASK + EXTENDED_TASK, FindingStatus.PROVEN),
        pytest.param("FULL", DEFAULT_TASK, FindingStatus.REFUTED, id="LIGHT sold as FULL"),
        pytest.param("LIGHT", DEFAULT_TASK + PARTS, FindingStatus.REFUTED, id="FULL is not LIGHT either"),
        pytest.param("LIGHT", "", FindingStatus.REFUTED, id="trained on nothing"),
        pytest.param("FULL", PARTS, FindingStatus.REFUTED, id="without upstream's task"),
        pytest.param(
            "LIGHT", "Total test files: run=1/1\n", FindingStatus.REFUTED, id="trained on a single test file"
        ),
        pytest.param("LIGHT", None, FindingStatus.UNPROVEN, id="no log, so no training is known"),
        pytest.param("NONE", DEFAULT_TASK, FindingStatus.NOT_APPLICABLE, id="not asked for"),
    ],
)
def test_the_level_of_the_training_is_held_to(level: str, log: str | None, status: FindingStatus) -> None:
    assert trained_as_requested(built(level, log)).status is status


def test_a_training_in_the_log_does_not_prove_a_profile_that_the_code_does_not_show() -> None:
    answer = trained_as_requested(built("LIGHT", DEFAULT_TASK, cold=7))
    assert answer.status is FindingStatus.UNPROVEN
    assert "too few functions were split" in answer.evidence


def test_the_parts_that_are_looked_for_are_those_that_the_training_prints() -> None:
    text = (directory("overlays") / "training" / "python.py").read_text()
    functions = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    assert {"start_ups", "records"} <= functions
    assert 'print(f"rtopt: trained on {part.__name__} in' in text


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (f"{OUT}\n/env/packaging.py\n{OUT}/lib/libpython3.13.so.1.0", FindingStatus.PROVEN),
        pytest.param(
            f"{OUT}\n/env/packaging.py\n{OUT}/bin/python3.13",
            FindingStatus.PROVEN,
            id="a static interpreter",
        ),
        pytest.param(
            f"{OUT}\n/env/packaging.py\n/nix/store/stock/bin/python3.13",
            FindingStatus.REFUTED,
            id="stock's static interpreter with the prefix of the optimized one",
        ),
        pytest.param(f"{OUT}\n/env/packaging.py\n", FindingStatus.UNPROVEN, id="no code was seen"),
        pytest.param(
            "/nix/store/stock\n/env/packaging.py\n/nix/store/stock/lib/libpython3.13.so.1.0",
            FindingStatus.REFUTED,
            id="the overlay forgot self",
        ),
        pytest.param(
            f"{OUT}\n/env/packaging.py\n/nix/store/stock/lib/libpython3.13.so.1.0",
            FindingStatus.REFUTED,
            id="the prefix is right and the code is not",
        ),
        pytest.param(
            f"{OUT}-env\n/env/packaging.py\n", FindingStatus.REFUTED, id="a path that only begins the same"
        ),
    ],
)
def test_environments_run_the_optimized_interpreter(said: str, status: FindingStatus) -> None:
    assert with_packages_uses_it(built("LIGHT", "", environment=said)).status is status


def test_without_an_environment_nothing_is_proven_of_it() -> None:
    assert with_packages_uses_it(built("LIGHT", "")).status is FindingStatus.UNPROVEN


@pytest.mark.parametrize(
    ("flags", "leaked"),
    [
        ("-fno-strict-overflow -DNDEBUG -g -O3 -Wall", None),
        ("-fno-strict-overflow -DNDEBUG -g -O3 -Wall -march=skylake", "-march=skylake in CFLAGS"),
        ("-fno-strict-overflow -DNDEBUG -g -O3 -Wall -fprofile-use", "-fprofile-use in CFLAGS"),
        ("-fno-strict-overflow -DNDEBUG -g -O3 -Wall -flto=auto", "-flto=auto in CFLAGS"),
    ],
)
def test_flags_that_extension_modules_would_inherit_are_named(flags: str, leaked: str | None) -> None:
    plain = "CC=gcc\nCFLAGS=-fno-strict-overflow -DNDEBUG -g -O3 -Wall"
    both = built("LIGHT", "", recorded=f"CC=gcc\nCFLAGS={flags}")
    stock = side(both.stock.derivation, both.stock.binaries, reports={"recorded": plain})
    answer = sysconfig_clean(observation(both.profile, stock, both.optimized, attr="python313"))
    assert answer.status is (FindingStatus.PROVEN if leaked is None else FindingStatus.REFUTED)
    assert leaked is None or leaked in answer.evidence


def test_every_workload_is_there_and_promised_or_plain() -> None:
    scripts = {
        path.stem
        for path in (directory("overlays").parent / "pytest_rtopt" / "workloads" / "python").glob("*.py")
    }
    named = {workload.name.partition("/")[2] for workload in PYTHON.workloads}
    assert named - scripts == {"start"}
    assert scripts <= named
