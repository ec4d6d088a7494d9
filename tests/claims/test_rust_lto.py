"""Link-time optimization of Rust programs, decided on made-up censuses.

`tests/evidence/elf/test_compiler_traces.py` decides the same on programs that rustc compiled.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.claims.rust_lto import OF_STD, programs_lto
from pytest_rtopt.evidence.census.census import FunctionCode
from pytest_rtopt.evidence.requested import Requested
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Binary, Observation

REQUESTED = Requested(frozenset(), frozenset(), lto=True, pgo_level="NONE")
STOCK = derivation("programs")
TUNED = derivation("programs-o", {"CARGO_PROFILE_RELEASE_LTO": "fat"})
STD = tuple(f"_ZN3std9panicking{number}" for number in range(20))


def program(changed: int, names: tuple[str, ...] = STD) -> Binary:
    """Return a program of these functions, of which the first `changed` were compiled again."""
    codes = {
        name: FunctionCode(frozenset(), "again" if number < changed else "precompiled")
        for number, name in enumerate(names)
    }
    return binary(replace(census(), functions=codes))


def built(optimized: Binary, **fields: object) -> Observation:
    """Return the observation of stock's program and of `optimized`, with stock's toolchain."""
    before, after = (
        side(derivation("rustc"), {}, programs={"hello": made}, program_derivation=by)
        for made, by in ((program(0), STOCK), (optimized, TUNED))
    )
    seen = observation(profile(None, "rust"), before, after, attr="rust")
    return replace(seen, **{"requested": REQUESTED, **fields})  # type: ignore[arg-type]  # its fields


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        (0, FindingStatus.REFUTED),
        (1, FindingStatus.REFUTED),  # one of 20 is less than a tenth
        (2, FindingStatus.PROVEN),
        (20, FindingStatus.PROVEN),
    ],
)
def test_a_tenth_of_the_standard_library_decides(changed: int, status: FindingStatus) -> None:
    answer = programs_lto(built(program(changed)))
    assert answer.status is status
    assert f"{changed} of 20 functions" in answer.evidence


def test_functions_that_one_side_lacks_do_not_count() -> None:
    """With link-time optimization, most functions of std are inlined or removed."""
    answer = programs_lto(built(program(2, STD[:4])))
    assert answer.status is FindingStatus.PROVEN
    assert "2 of 4 functions" in answer.evidence


def test_changed_functions_of_the_program_itself_prove_nothing() -> None:
    own = tuple(f"_ZN5hello4main{number}" for number in range(20))
    answer = programs_lto(built(program(20, own)))
    assert answer.status is FindingStatus.UNPROVEN
    assert "no function of the standard library was found" in answer.evidence


def test_what_nobody_asks_for_is_not_applicable() -> None:
    changed = program(20)
    plain = built(changed)
    unasked = replace(plain.optimized, program_derivation=STOCK)
    for seen in (
        built(changed, requested=None),
        replace(plain, optimized=unasked),
        replace(plain, optimized=replace(plain.optimized, program_derivation=None)),
    ):
        assert programs_lto(seen).status is FindingStatus.NOT_APPLICABLE


def test_another_toolchain_has_another_standard_library() -> None:
    seen = built(program(20))
    other = replace(seen, optimized=replace(seen.optimized, derivation=derivation("rustc-o")))
    assert programs_lto(other).status is FindingStatus.UNPROVEN
    assert programs_lto(replace(other, prebuilt=True)).status is FindingStatus.PROVEN


@pytest.mark.parametrize(
    ("symbol", "counts"),
    [
        ("_ZN3std2rt19lang_start_internal17h0123456789abcdefE", True),
        ("_ZN3std3sys3pal4unix2os6getenv17h0123456789abcdefE", True),
        ("_RNvNtCs1234_3std9panicking11begin_panic", True),
        ("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", False),
        ("_ZN3std2io5stdio6_print17h0123456789abcdefE", False),
        ("main", False),
    ],
)
def test_only_compiled_functions_of_std_count(symbol: str, *, counts: bool) -> None:
    assert (OF_STD.match(symbol) is not None) == counts
