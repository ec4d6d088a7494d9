"""Counting instructions: hand-assembled code, and compiled programs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.census.census import UNNAMED, census
from pytest_rtopt.evidence.elf.functions import FunctionSource
from pytest_rtopt.evidence.elf.image import read_elf
from tests.support.evidence_builds import compile_c
from tests.support.machine_code import ADDSD, INT3, INVALID, NOP, RET, SHLX, VADDSD, image_of

if TYPE_CHECKING:
    from pathlib import Path


def test_features_are_counted_by_instruction_and_by_function() -> None:
    first, second = SHLX + SHLX + RET, VADDSD + ADDSD + RET
    taken = census(image_of(first + second, ("a", 0, len(first)), ("b", len(first), len(second))))
    assert taken.instructions == 6
    assert {name: (use.instructions, use.functions, use.sample) for name, use in taken.uses.items()} == {
        "avx": (1, 1, ("b",)),
        "bmi2": (2, 1, ("a",)),
    }
    assert taken.functions["a"].features == {"bmi2"}
    assert taken.functions["b"].features == {"avx"}
    assert (taken.legacy_vector, taken.vex_vector, taken.vex_share) == (1, 1, 0.5)
    assert taken.coverage.share == 1.0


def test_data_between_functions_is_neither_decoded_nor_accounted_for() -> None:
    data = VADDSD * 4
    taken = census(image_of(RET + INT3 * 3 + RET + data, ("a", 0, 1), ("b", 4, 1)))
    assert taken.uses == {}
    assert dataclasses.astuple(taken.coverage) == (21, 2, 0, 3, 2, 0, 0)
    assert taken.coverage.in_words() == (
        "2 of 21 bytes of code are decoded in 2 functions, 3 are filler, 16 belong to no function (start-up "
        "code, data)"
    )
    assert taken.coverage.share == pytest.approx(5 / 21)


def test_long_no_operations_between_functions_are_padding() -> None:
    taken = census(image_of(RET + NOP + NOP + RET, ("a", 0, 1), ("b", 7, 1)))
    assert taken.coverage.padding == 6


def test_a_function_with_an_unknown_instruction_is_set_aside_and_stated() -> None:
    bad = VADDSD + INVALID
    taken = census(image_of(RET + bad, ("good", 0, 1), ("bad", 1, len(bad))))
    assert taken.uses == {}
    assert taken.functions.keys() == {"good"}
    assert taken.coverage.undecodable == len(bad)
    assert taken.coverage.share == pytest.approx(1 / 7)


def test_overlapping_functions_are_covered_once() -> None:
    taken = census(image_of(SHLX + RET, ("whole", 0, 6), ("tail", 5, 1)))
    assert taken.coverage.decoded == taken.coverage.executable == 6


def test_without_functions_sections_are_decoded_from_their_beginning() -> None:
    taken = census(image_of(SHLX + INVALID + VADDSD + RET))
    assert taken.source == FunctionSource.NONE
    assert taken.functions.keys() == {UNNAMED}
    assert taken.functions[UNNAMED].features == {"bmi2", "avx"}
    assert (taken.coverage.decoded, taken.coverage.undecodable) == (10, 2)
    assert taken.uses["avx"].sample == ()


def test_a_digest_sees_other_instructions_but_not_padding_and_addresses() -> None:
    call, moved = b"\xe8\x00\x00\x00\x00", b"\xe8\x10\x00\x00\x00"

    def digest(code: bytes) -> str:
        return census(image_of(code, ("f", 0, len(code)))).functions["f"].digest

    assert digest(call + RET) == digest(moved + NOP + RET)
    assert digest(SHLX + VADDSD) != digest(VADDSD + SHLX)


def test_code_of_one_name_is_taken_together() -> None:
    taken = census(image_of(SHLX + VADDSD, ("f", 0, 5), ("f", 5, 4)))
    assert taken.functions["f"].features == {"bmi2", "avx"}
    assert taken.uses["bmi2"].functions == 1


def test_an_image_without_code_counts_nothing() -> None:
    taken = census(dataclasses.replace(image_of(b""), executable=()))
    assert (taken.instructions, taken.coverage.share, taken.vex_share) == (0, 0.0, None)


def test_other_machines_are_refused() -> None:
    with pytest.raises(EvidenceError, match="program is for AArch64"):
        census(dataclasses.replace(image_of(RET), machine="AArch64"))


def test_a_baseline_program_needs_more_only_where_it_asks(tmp_path: Path) -> None:
    taken = census(read_elf(compile_c(tmp_path / "program", "-march=x86-64")))
    beyond = {name: code.features for name, code in taken.functions.items() if code.features}
    assert beyond == {"add_avx2": {"avx", "avx2"}}
    assert taken.coverage.share > 0.9


@settings(deadline=None)
@given(code=st.binary(max_size=64), split=st.integers(0, 64))
def test_any_code_is_counted(code: bytes, split: int) -> None:
    split = min(split, len(code))
    functions = [("a", 0, split)] * bool(split) + [("b", split, len(code) - split)] * (split < len(code))
    for image in (image_of(code), image_of(code, *functions)):
        taken = census(image)
        coverage = taken.coverage
        assert coverage.decoded + coverage.undecodable + coverage.padding == coverage.executable
