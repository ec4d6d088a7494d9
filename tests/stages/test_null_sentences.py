"""The sentences of a null run, which blame the flags or the way they are applied."""

from __future__ import annotations

import pytest

from pytest_rtopt.stages.null_sentences import Taken, is_same_failure, with_sentence

FLAGS = "so the flags are at fault; correct them."
APPLICATION = "so the flags are not at fault; the way they are applied is."
ONE = Taken(("-O3",))
TWO = Taken(("-O3", "-flto"), overlays=2)
OWN = Taken(attributes=("lua5_4",))


@pytest.mark.parametrize(
    ("taken", "fails", "sentence"),
    [
        (ONE, False, f"Without its flags (-O3) the overlay evaluates, {FLAGS}"),
        (ONE, True, f"Without its flags (-O3) the overlay fails in the same way, {APPLICATION}"),
        (TWO, False, f"Without their flags (-O3 and -flto) the overlays evaluate, {FLAGS}"),
        (TWO, True, f"Without their flags (-O3 and -flto) the overlays fail in the same way, {APPLICATION}"),
        (
            OWN,
            False,
            (
                "With a profile that asks for nothing the overlay evaluates, so what the profile asks for is "
                "at fault; change `build.compiler` or `packages.lua5_4` in the profile."
            ),
        ),
    ],
)
def test_a_failed_evaluation(taken: Taken, *, fails: bool, sentence: str) -> None:
    assert taken.of_evaluation(fails=fails) == sentence


def test_a_build_that_is_the_same_without_flags_blames_them() -> None:
    assert ONE.of_build("lua5_4", [], []) == (
        f"Without its flags (-O3) the overlay makes the same build of lua5_4 as stock, which works, {FLAGS}"
    )


def test_a_flag_in_an_error_of_the_log_is_at_fault_whatever_else_changes() -> None:
    assert ONE.of_build("lua5_4", ["src"], ["-O3"]) == f"The log names -O3 in an error, {FLAGS}"


def test_another_change_is_probably_at_fault() -> None:
    assert TWO.of_build("lua5_4", ["src"], []) == (
        "Without their flags (-O3 and -flto) the overlays still change src of lua5_4, so the way the flags "
        "are applied is probably at fault; leave src as in stock."
    )


def test_messages() -> None:
    assert with_sentence("a (at b)", None) == "a (at b)"
    assert with_sentence("a (at b)", "C.") == "a (at b). C."
    assert with_sentence("a.\nb", "C.", first_line=True) == "a. C.\nb"
    assert with_sentence("a\nb", "C.") == "a\nb. C."
    assert is_same_failure('in "-O3": x', 'in "": x')
    assert not is_same_failure("x", "y")


def test_names_beyond_four_are_counted() -> None:
    said = Taken(("-O3",)).of_build("lua5_4", ["a", "b", "c", "d", "e"], [])
    assert "still changes a, b, c, d and 1 more of lua5_4" in said
    own = Taken(attributes=("lua5_4",)).of_build("lua5_4", ["a"], ["-O3"])
    assert own == (
        "With a profile that asks for nothing the overlay still changes a of lua5_4, so the profile is not "
        "at fault; the overlay does not fit these packages."
    )
