"""Decoding in chunks: the counts are those of the functions one by one, wherever chunks are cut."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from iced_x86 import Decoder

from pytest_rtopt.evidence.census import decode, opcodes
from tests.support.machine_code import ADDSD, INT3, INVALID, NOP, RET, SHLX, VADDSD

if TYPE_CHECKING:
    from pytest_rtopt.evidence.census.decode import Chunk, Counted

PIECES = st.sampled_from([ADDSD, VADDSD, SHLX, RET, NOP, INT3, INVALID])
FUNCTIONS = st.lists(st.lists(PIECES, min_size=1, max_size=4).map(b"".join), min_size=1, max_size=6)


def section(functions: list[bytes], gap: bytes = b"") -> tuple[bytes, list[int], list[int]]:
    """Return functions one behind the other with `gap` between them, and their starts and ends."""
    data, starts, ends = b"", [], []
    for number, function in enumerate(functions):
        data += gap if number else b""
        starts.append(len(data))
        data += function
        ends.append(len(data))
    return data, starts, ends


def counted(functions: list[bytes], gap: bytes = b"") -> Counted:
    """Return the counts of a section with these functions."""
    data, starts, ends = section(functions, gap)
    return decode.joined([decode.count(chunk) for chunk in chunks(data, starts, ends)])


def chunks(data: bytes, starts: list[int], ends: list[int]) -> list[Chunk]:
    return list(decode.chunks(data, np.array(starts, np.int64), np.array(ends, np.int64)))


def features(found: Counted) -> list[frozenset[str]]:
    return [opcodes.table().features_of(mask) for mask in found.masks]


def instructions(found: Counted) -> int:
    return int(found.histogram.sum())


@given(FUNCTIONS)
def test_counts_are_those_of_the_functions_one_by_one(functions: list[bytes]) -> None:
    together = counted(functions)
    alone = [counted([function]) for function in functions]
    assert together.known.tolist() == [bool(one.known[0]) for one in alone]
    assert features(together) == [features(one)[0] for one in alone]
    assert together.digests.tolist() == [one.digests[0].tolist() for one in alone]
    assert instructions(together) == sum(map(instructions, alone))


@given(FUNCTIONS)
def test_known_functions_have_as_many_instructions_as_the_decoder_finds(functions: list[bytes]) -> None:
    found = counted(functions)
    pairs = zip(functions, found.known, strict=True)
    assert instructions(found) == sum(len(list(Decoder(64, code))) for code, known in pairs if known)


def test_a_function_needs_the_features_of_its_instructions_and_of_no_other_function() -> None:
    assert features(counted([ADDSD + RET, SHLX + RET, VADDSD + SHLX])) == [
        frozenset(),
        frozenset({"bmi2"}),
        frozenset({"avx", "bmi2"}),
    ]


def test_an_unknown_instruction_sets_its_function_aside_and_no_other() -> None:
    found = counted([ADDSD + RET, SHLX + INVALID, VADDSD + RET])
    assert found.known.tolist() == [True, False, True]
    assert features(found) == [frozenset(), frozenset(), frozenset({"avx"})]
    assert instructions(found) == 4
    assert len(found.of_known().digests) == len(found.of_known().masks) == 2


def test_a_digest_is_one_of_mnemonics_without_padding() -> None:
    plain, padded, reordered = counted([ADDSD + RET, NOP + ADDSD + RET, RET + ADDSD]).digests.tolist()
    assert plain == padded
    assert plain != reordered


@pytest.mark.parametrize(("gap", "padding"), [(b"", 0), (NOP, 3), (INT3 * 5, 5), (b"\0" * 4, 4), (ADDSD, 0)])
def test_bytes_between_functions_are_padding_if_they_are_filler(gap: bytes, padding: int) -> None:
    assert counted([RET, RET, RET], gap).padding == 2 * padding
    assert decode.padding_of(gap) == padding


def test_a_gap_that_overlapping_functions_cover_is_counted_by_none() -> None:
    data = ADDSD + NOP + RET
    [chunk] = chunks(data, [0, 0, 7], [8, 4, 8])
    assert decode.count(chunk).padding == 0


@given(st.lists(st.tuples(st.integers(0, 300_000), st.integers(1, 400_000)), max_size=20))
def test_chunks_have_every_function_once_in_its_order(gaps: list[tuple[int, int]]) -> None:
    """Functions are long and far apart here, so that several chunks are made."""
    starts = np.cumsum([gap for gap, _ in gaps]).astype(int).tolist()
    ends = [start + size for start, (_, size) in zip(starts, gaps, strict=True)]
    # Each byte tells where it lies.
    data = np.arange(max(ends, default=0), dtype=np.uint32).astype(np.uint8).tobytes()
    found = [
        chunk.data[start:end]
        for chunk in chunks(data, starts, ends)
        for start, end in zip(chunk.starts, chunk.ends, strict=True)
    ]
    assert found == [data[start:end] for start, end in zip(starts, ends, strict=True)]


def test_a_gap_between_two_chunks_is_checked_once() -> None:
    size = 1 << 20
    data = RET * size + INT3 * 16 + RET * size + INT3 * 16 + RET
    starts, ends = [0, size + 16, 2 * size + 32], [size, 2 * size + 16, 2 * size + 33]
    parts = chunks(data, starts, ends)
    assert len(parts) == 3
    assert sum(decode.count(part).padding for part in parts) == 32


def test_without_functions_there_are_no_chunks_and_no_counts() -> None:
    assert chunks(RET, [], []) == []
    nothing = decode.joined([])
    assert instructions(nothing) == nothing.padding == 0
    assert len(nothing.known) == len(nothing.masks) == len(nothing.digests) == 0


def test_a_stream_is_one_function_and_skips_what_is_unknown() -> None:
    found, unknown = decode.count_stream(ADDSD + SHLX + INVALID[:1])
    assert unknown == 1
    assert instructions(found) == 2
    assert features(found) == [frozenset({"bmi2"})]
    assert found.digests.tolist() == counted([ADDSD + SHLX]).digests.tolist()


@pytest.mark.parametrize("data", [b"", INVALID[:1]])
def test_a_stream_of_nothing_known_has_no_function(data: bytes) -> None:
    found, unknown = decode.count_stream(data)
    assert unknown == len(data)
    assert len(found.known) == len(found.masks) == len(found.digests) == 0


@given(st.binary(max_size=64))
def test_a_stream_accounts_for_every_byte(data: bytes) -> None:
    found, unknown = decode.count_stream(data)
    assert 0 <= unknown <= len(data)
    assert instructions(found) + unknown <= len(data)
    assert decode.is_baseline(data) is (not unknown and not any(features(found)))


@pytest.mark.parametrize(
    ("code", "baseline"),
    [(b"", True), (ADDSD + RET, True), (NOP + INT3, True), (SHLX, False), (ADDSD + INVALID, False)],
)
def test_code_that_every_cpu_has(code: bytes, *, baseline: bool) -> None:
    assert decode.is_baseline(code) is baseline


@given(st.lists(st.binary(max_size=4), max_size=4))
def test_a_digest_is_short_and_one_of_all_bytes(parts: list[bytes]) -> None:
    assert len(decode.digest(*parts)) == decode.DIGEST_BYTES
    assert decode.digest(*parts) == decode.digest(b"".join(parts))
    assert decode.digest(*parts, b"x") != decode.digest(*parts)


def test_masks_of_chunks_are_joined_in_order() -> None:
    parts = [counted([code]) for code in (SHLX, ADDSD, VADDSD)]
    both = decode.joined(parts)
    for number, part in enumerate(parts):
        assert both.masks[number].tolist() == part.masks[0].tolist()
    assert all(first != second for first, second in pairwise(both.digests.tolist()))
