"""Names of microarchitectures in a profile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.errors import ProfileError
from pytest_rtopt.hardware.fields import Fields
from pytest_rtopt.hardware.microarch import known_marches, known_mtunes
from pytest_rtopt.hardware.names import march_field


def read(name: object, known: tuple[str, ...] = known_marches()) -> str | None:
    return march_field(Fields("mine.nix", {"march": name}), "march", known)


def refusal(name: str, known: tuple[str, ...] = known_marches()) -> str:
    with pytest.raises(ProfileError) as caught:
        read(name, known)
    return str(caught.value)


@pytest.mark.parametrize("name", ["skylake", "znver4", "x86-64-v3", None])
def test_known_names_and_none(name: str | None) -> None:
    assert read(name) == name


def test_native_is_refused_with_the_profile_that_detects_it() -> None:
    assert "`native` is not one, because what it builds depends on the machine" in refusal("native")
    assert refusal("native").endswith("use `--rtopt-profile host`, which detects the name for this machine.")


def test_a_misspelt_name_is_answered_with_the_closest_ones() -> None:
    assert "use `skylake` or " in refusal("skylak")
    assert "`znver3`" in refusal("zenver3")


def test_what_is_like_no_name_is_answered_with_a_level_or_with_what_gcc_tunes_for() -> None:
    assert refusal("qqqqqqq").endswith("use a level such as `x86-64-v3`.")
    assert refusal("qqqqqqq", known_mtunes()).endswith("use `generic`.")


def test_a_level_is_a_name_to_build_for_and_not_to_tune_for() -> None:
    message = refusal("x86-64-v3", known_mtunes())
    assert "use `x86-64-v" not in message
    assert message.endswith("`generic`.")


@given(st.text(max_size=12))
def test_any_name_is_known_or_refused_with_known_ones(name: str) -> None:
    try:
        assert read(name) == name
        assert name in known_marches()
    except ProfileError as error:
        remedy = str(error).rpartition("; use ")[2]
        assert name == "native" or all(word in known_marches() for word in remedy.split("`")[1::2])
