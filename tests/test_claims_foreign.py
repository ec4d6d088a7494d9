"""What somebody else's overlay is held to."""

from __future__ import annotations

from observations import profile

from pytest_rtopt.evidence.asked import Asked
from pytest_rtopt.hardware.profile import HardwareProfile
from pytest_rtopt.runtimes.foreign import held_to

DETECTED = profile("x86-64-v4", "lua5_4", enableLTO=True, pgoLevel="LIGHT", goamd64="v4")
NOTHING = Asked(frozenset(), frozenset(), lto=False, pgo=False)


def asked(
    *marches: str, levels: tuple[str, ...] = (), lto: bool = False, pgo: bool = False
) -> HardwareProfile:
    """Return the detected profile as an overlay that asks for these is held to it."""
    return held_to(DETECTED, "lua5_4", Asked(frozenset(marches), frozenset(levels), lto=lto, pgo=pgo))


def test_one_named_architecture_is_the_one() -> None:
    held = asked("skylake")
    assert (held.march, held.settings("lua5_4").goamd64) == ("skylake", None)


def test_none_or_several_or_an_impure_one_leave_the_profiles() -> None:
    for marches in ((), ("skylake", "x86-64"), ("native",), ("skylake", "native")):
        assert asked(*marches).march == "x86-64-v4"


def test_a_level_alone_asks_for_nothing_of_the_c_compiler() -> None:
    held = asked(levels=("v3",))
    assert (held.march, held.settings("lua5_4").goamd64) == (None, "v3")
    both = asked("skylake", levels=("v3",))
    assert (both.march, both.settings("lua5_4").goamd64) == ("skylake", "v3")
    for levels in (("v2", "v3"), ("v9",)):
        assert asked(levels=levels).settings("lua5_4").goamd64 == "v4"


def test_link_time_and_profile_guided_optimization_are_claimed_by_those_who_name_them() -> None:
    plain, both = asked().settings("lua5_4"), asked(lto=True, pgo=True).settings("lua5_4")
    assert (plain.lto, plain.pgo_level) == (False, "NONE")
    assert (both.lto, both.pgo_level) == (True, "FULL")


def test_the_detected_profile_stays_as_it_was() -> None:
    before = repr(DETECTED)
    asked("skylake", levels=("v3",), lto=True)
    assert repr(DETECTED) == before


def test_a_profile_without_sections_can_be_narrowed() -> None:
    bare = HardwareProfile("bare", "bare", {})
    assert held_to(bare, "lua5_4", NOTHING).march is None
