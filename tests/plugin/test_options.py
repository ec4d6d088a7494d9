"""The three names of each option, and what the table of options promises."""

from __future__ import annotations

import pytest

from pytest_rtopt.plugin.options import OPTIONS, Option


def test_an_option_has_a_name_for_each_place() -> None:
    option = Option("strict-machine", "", "", switch=True)
    assert (option.flag, option.ini, option.variable) == (
        "--rtopt-strict-machine",
        "rtopt_strict_machine",
        "RTOPT_STRICT_MACHINE",
    )


@pytest.mark.parametrize(
    ("option", "action"),
    [
        (Option("a", "", "A"), "store"),
        (Option("a", "", "A", repeatable=True), "append"),
        (Option("a", "", "", switch=True), "store_true"),
    ],
)
def test_the_kind_of_an_option_decides_what_a_second_one_does(option: Option, action: str) -> None:
    assert option.action == action


@pytest.mark.parametrize("place", ["flag", "ini", "variable"])
def test_no_two_options_have_one_name(place: str) -> None:
    names = [getattr(option, place) for option in OPTIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_the_help_names_a_value_and_repetition_where_there_is_one(option: Option) -> None:
    assert bool(option.metavar) is not option.switch
    assert ("(repeatable" in option.help) is option.repeatable
    assert not option.help.endswith(".")
    # argparse reads % as a placeholder.
    assert "%" not in option.help


def test_no_option_has_the_name_of_the_bypass() -> None:
    """`RTOPT_GATE` bypasses the gate, and would be set by an option of that name."""
    assert "RTOPT_GATE" not in {option.variable for option in OPTIONS}
