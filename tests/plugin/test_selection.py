"""What a run selects, by its command line."""

from __future__ import annotations

import pytest

from pytest_rtopt.base.resources import directory
from pytest_rtopt.plugin.selection import (
    concerns_suites,
    given_on_command_line,
    is_configured,
    is_gate_run,
    selects,
    selects_only_gate,
)

SUITES = directory("suites")
OPTION = "--rtopt-runtime=lua"


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ("", set()),
        ("build", {"build"}),
        ("build or verify", {"build", "verify"}),
        ("build and verify", set()),
        ("not gate", {"build", "verify", "benchmark"}),
        ("(build or gate) and not slow", {"build", "gate"}),
        # pytest reports the error itself.
        ("build or", set()),
    ],
)
def test_a_stage_is_selected_if_a_test_of_that_stage_alone_is(
    pytester: pytest.Pytester, expression: str, selected: set[str]
) -> None:
    config = pytester.parseconfig("-m", expression)
    stages = ("build", "verify", "benchmark", "gate")
    assert {stage for stage in stages if selects(config, stage)} == selected


@pytest.mark.parametrize(
    ("expression", "alone"),
    [("gate", True), ("gate and not slow", True), ("gate or build", False), ("", False)],
)
def test_a_run_of_the_gate_and_of_nothing_else(
    pytester: pytest.Pytester, expression: str, *, alone: bool
) -> None:
    assert selects_only_gate(pytester.parseconfig("-m", expression)) is alone


@pytest.mark.parametrize(
    ("arguments", "asks"),
    [
        (("-m", "gate", OPTION), True),
        (("-m", "gate", SUITES), True),
        (("-m", "gate and nothing_else", OPTION), True),
        ((SUITES / "test_gate.py",), True),
        ((f"{SUITES}/test_gate.py::test_gate[lua]",), True),
        (("-m", "not gate", OPTION), False),
        (("-m", "gateway", OPTION), False),
        (("-m", "verify", OPTION), False),
        # A marker of another project.
        (("-m", "gate"), False),
        ((SUITES / "test_verify.py",), False),
        ((), False),
    ],
    ids=str,
)
def test_a_run_that_asks_for_an_answer_of_the_gate(
    pytester: pytest.Pytester, arguments: tuple[str, ...], *, asks: bool
) -> None:
    assert is_gate_run(pytester.parseconfig(*arguments)) is asks


@pytest.mark.parametrize(
    ("arguments", "concerned"),
    [
        ((OPTION,), True),
        (("--pyargs", "pytest_rtopt.suites"), True),
        (("--pyargs", "pytest_rtopt.suites.test_verify::test_claim"), True),
        ((SUITES,), True),
        ((SUITES.parent,), False),
        (("-m", "verify"), False),
    ],
    ids=str,
)
def test_a_run_of_the_suites_has_an_option_or_a_path_of_them(
    pytester: pytest.Pytester, arguments: tuple[str, ...], *, concerned: bool
) -> None:
    assert concerns_suites(pytester.parseconfig(*arguments)) is concerned


def test_an_option_may_be_given_in_three_places(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = pytester.parseconfig()
    assert not is_configured(plain)
    assert is_configured(pytester.parseconfig(OPTION))
    assert given_on_command_line(pytester.parseconfig(OPTION))
    pytester.makeini("[pytest]\nrtopt_runtime = lua\n")
    written = pytester.parseconfig()
    assert is_configured(written)
    assert not given_on_command_line(written)
    monkeypatch.setenv("RTOPT_RUNTIME", "lua")
    assert is_configured(plain)
    assert not given_on_command_line(plain)
