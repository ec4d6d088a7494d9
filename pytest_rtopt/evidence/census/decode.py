"""Decodes functions of machine code and counts their instructions; this work runs in several processes."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import numpy as np
from iced_x86 import Code, Decoder

from pytest_rtopt.evidence.census import opcodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

DIGEST_BYTES: Final = 8

_BITNESS: Final = 64
_FILLER: Final = b"\x00\x90\xcc"
_CODE: Final = attrgetter("code")
# One chunk takes a tenth of a second: enough to justify a message to another process, and a short wait at the
# end.
_CHUNK_BYTES: Final = 1 << 19


@dataclass(frozen=True)
class Chunk:
    """Consecutive functions of one section, with the offsets of their starts and ends in `data`.

    `reached` is, for each function, the offset at which the code before it ends; the gap between is padding
    or data, and is checked only once.
    """

    data: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    reached: NDArray[np.int64]


@dataclass(frozen=True)
class Counted:
    """The counts of functions, in their order.

    - `known`: whether the decoder knows all instructions of a function.
    - `histogram`: the number of instructions by code, in functions that are `known`.
    - `masks`: the features that each function needs (see `OpcodeTable`).
    - `digests`: digests of the mnemonics without padding.
    - `padding`: the number of filler bytes between the functions.
    """

    histogram: NDArray[np.int64]
    known: NDArray[np.bool_]
    masks: NDArray[np.uint64]
    digests: NDArray[np.uint8]
    padding: int

    def of_known(self) -> Counted:
        """Return the counts without the functions that could not be decoded."""
        known = self.known
        return replace(self, known=known[known], masks=self.masks[known], digests=self.digests[known])


def chunks(data: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Iterator[Chunk]:
    """Split a section into chunks of work; `starts` are sorted."""
    if not len(starts):
        return
    reached = np.concatenate(([0], np.maximum.accumulate(ends)[:-1]))
    cuts = np.flatnonzero(np.diff(starts // _CHUNK_BYTES, prepend=-1))
    for first, last in zip(cuts, [*cuts[1:], len(starts)], strict=True):
        chosen = slice(first, last)
        base = min(int(reached[first]), int(starts[first]))
        yield Chunk(
            data=data[base : int(ends[chosen].max())],
            starts=starts[chosen] - base,
            ends=ends[chosen] - base,
            reached=np.maximum(reached[chosen] - base, 0),
        )


def count(chunk: Chunk) -> Counted:
    """Decode all functions of a chunk."""
    codes = array("H")
    firsts = np.empty(len(chunk.starts), np.int64)
    for number, (start, end) in enumerate(zip(chunk.starts.tolist(), chunk.ends.tolist(), strict=True)):
        firsts[number] = len(codes)
        codes.extend(_codes(chunk.data[start:end]))
    table = opcodes.table()
    row = np.frombuffer(codes, np.uint16)
    lasts = np.append(firsts[1:], len(row))
    known = np.ones(len(firsts), np.bool_)
    known[np.searchsorted(firsts, np.flatnonzero(row == Code.INVALID), side="right") - 1] = False
    masks = np.zeros((len(firsts), table.masks.shape[1]), np.uint64)
    for word in range(table.masks.shape[1]):
        needed = table.masks[:, word][row]
        if needed.any():
            masks[:, word] = np.bitwise_or.reduceat(needed, firsts)
    masks[~known] = 0
    return Counted(
        histogram=np.bincount(row[np.repeat(known, lasts - firsts)], minlength=len(table.mnemonic)),
        known=known,
        masks=masks,
        digests=_digests(row, lasts),
        padding=_padding_between(chunk),
    )


def joined(parts: Sequence[Counted]) -> Counted:
    """Return the counts of all functions of `parts`, in their order."""
    table = opcodes.table()
    return Counted(
        histogram=sum((part.histogram for part in parts), np.zeros(len(table.mnemonic), np.int64)),
        known=np.concatenate([np.empty(0, np.bool_), *(part.known for part in parts)]),
        masks=np.concatenate(
            [np.empty((0, table.masks.shape[1]), np.uint64), *(part.masks for part in parts)]
        ),
        digests=np.concatenate([np.empty((0, DIGEST_BYTES), np.uint8), *(part.digests for part in parts)]),
        padding=sum(part.padding for part in parts),
    )


def count_stream(data: bytes) -> tuple[Counted, int]:
    """Decode a section as one function; also return the number of bytes of unknown instructions."""
    pairs = array("H")
    for instruction in Decoder(_BITNESS, data):
        pairs.append(instruction.code)
        pairs.append(instruction.len)
    code, length = np.frombuffer(pairs, np.uint16).reshape(-1, 2).T
    unknown = code == Code.INVALID
    row = code[~unknown]
    table = opcodes.table()
    exists = bool(len(row))
    counted = Counted(
        histogram=np.bincount(row, minlength=len(table.mnemonic)),
        known=np.ones(int(exists), np.bool_),
        masks=np.bitwise_or.reduce(table.masks[row], axis=0, keepdims=True)[: int(exists)],
        digests=_digests(row, np.full(int(exists), len(row))),
        padding=0,
    )
    return counted, int(length[unknown].sum())


def padding_of(gap: bytes) -> int:
    """Return the length of `gap`, the bytes between two functions, if it is filler, else 0."""
    if not gap.strip(_FILLER):
        return len(gap)
    padding = opcodes.table().padding
    return len(gap) if all(padding[code] for code in _codes(gap)) else 0


def is_baseline(data: bytes) -> bool:
    """Return whether code consists of known instructions that every x86-64 CPU has."""
    row = np.fromiter(_codes(data), np.uint16)
    return not (row == Code.INVALID).any() and not opcodes.table().masks[row].any()


def digest(*parts: bytes) -> bytes:
    """Return a short digest of `parts`."""
    hashed = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        hashed.update(part)
    return hashed.digest()


def _codes(content: bytes) -> Iterator[int]:
    # `map` runs no Python bytecode per instruction; the binding has no faster way.
    return map(_CODE, Decoder(_BITNESS, content))


def _digests(row: NDArray[np.uint16], lasts: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return digests of the functions' mnemonics; `lasts` has the index after each function's last one."""
    table = opcodes.table()
    real = ~table.padding[row]
    mnemonics = memoryview(table.mnemonic[row[real]].tobytes())
    ends = (np.concatenate(([0], np.cumsum(real)))[lasts] * table.mnemonic.itemsize).tolist()
    found = b"".join(
        hashlib.blake2b(mnemonics[start:end], digest_size=DIGEST_BYTES).digest()
        for start, end in zip([0, *ends], ends, strict=False)
    )
    return np.frombuffer(found, np.uint8).reshape(-1, DIGEST_BYTES)


def _padding_between(chunk: Chunk) -> int:
    gaps = zip(chunk.reached.tolist(), chunk.starts.tolist(), strict=True)
    return sum(padding_of(chunk.data[reached:start]) for reached, start in gaps if reached < start)
