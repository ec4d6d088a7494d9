"""The profile suite on a machine that fits the profile, and on one that does not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_rtopt.base.resources import directory

if TYPE_CHECKING:
    import pytest


DATA = Path(__file__).parent.parent / "data" / "host"
CONFTEST = """
from pathlib import Path
import pytest
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.hardware.profile import parse_profile

def pytest_configure(config):
    config.addinivalue_line("markers", "profile: the profile fits the machine")

@pytest.fixture(scope="session")
def rtopt_host():
    return read_host(Path({machine!r}))

@pytest.fixture(scope="session")
def hardware_profile():
    return parse_profile({values!r}, name="shoshin", source="shoshin.nix")
"""
SHOSHIN = {
    "cpu": {"cores": 4, "threads": 8},
    "memory": {"total": 16},
    "build": {"compiler": {"march": "skylake"}},
}


def run_suite(pytester: pytest.Pytester, machine: str, values: dict[str, object]) -> pytest.RunResult:
    root = str(DATA / machine) if machine else str(pytester.path / "nothing")
    pytester.makeconftest(CONFTEST.format(machine=root, values=values))
    suite = (directory("suites") / "test_profile.py").read_text()
    pytester.makepyfile(test_copied_suite=suite)
    # The fixtures come from the conftest above; advice stays a warning, though this project's are errors.
    advice = "default::pytest_rtopt.hardware.advice.RtoptAdvice"
    return pytester.runpytest_subprocess("-p", "no:rtopt", "-W", "error", "-W", advice, "--strict-markers")


def test_a_machine_that_fits_passes_with_advice(pytester: pytest.Pytester) -> None:
    result = run_suite(pytester, "desktop-skylake", SHOSHIN)
    result.assert_outcomes(passed=5, warnings=2)
    result.stdout.fnmatch_lines(["*RtoptAdvice: The frequency governor is powersave*"])


def test_another_machine_fails_with_the_missing_features_named(pytester: pytest.Pytester) -> None:
    result = run_suite(pytester, "wsl-zen3", {**SHOSHIN, "build": {"compiler": {"march": "znver4"}}})
    result.assert_outcomes(passed=1, failed=4, warnings=1)
    result.stdout.fnmatch_lines(["*shoshin.nix* requests `znver4`*lacks avx512_bf16, *avx512vl*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_an_unknown_machine_is_skipped_not_passed(pytester: pytest.Pytester) -> None:
    run_suite(pytester, "", SHOSHIN).assert_outcomes(passed=1, skipped=4)
