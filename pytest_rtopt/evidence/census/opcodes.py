"""Tables with the properties of the decoder's instruction codes that the census needs, indexed by code."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from iced_x86 import Code, EncodingKind, Instruction, Mnemonic, OpCodeInfo, OpCodeOperandKind

from pytest_rtopt.evidence.census.cpuid import requirements

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORD = 64
_PADDING = frozenset({Mnemonic.NOP, Mnemonic.INT3, Mnemonic.RESERVEDNOP})
_VECTOR_OPERANDS = frozenset(
    kind for name, kind in vars(OpCodeOperandKind).items() if name.startswith(("XMM", "YMM", "ZMM"))
)


class Vector(IntEnum):
    """The encoding of an instruction on XMM, YMM or ZMM registers."""

    NONE = 0
    LEGACY = 1
    VEX = 2


@dataclass(frozen=True)
class OpcodeTable:
    """For each code: the number of its mnemonic, whether it is padding, its `Vector` class, its features.

    `names` are all features beyond the baseline, sorted. `masks` has a row of 64-bit words for each code, in
    which bit `n` is set if the code needs the feature `names[n]`.
    """

    mnemonic: NDArray[np.uint16]
    padding: NDArray[np.bool_]
    vector: NDArray[np.uint8]
    names: tuple[str, ...]
    masks: NDArray[np.uint64]

    def features_of(self, mask: NDArray[np.uint64]) -> frozenset[str]:
        """Return the names of the features whose bits are set in `mask`, a row of words."""
        bits = np.unpackbits(mask.astype("<u8").view(np.uint8), bitorder="little")
        return frozenset(self.names[number] for number in np.flatnonzero(bits))

    def needing(self, feature: str) -> NDArray[np.bool_]:
        """Return, for each code, whether it needs `feature`."""
        word, bit = divmod(self.names.index(feature), _WORD)
        return (self.masks[:, word] >> np.uint64(bit) & np.uint64(1)).astype(np.bool_)


@functools.cache
def table() -> OpcodeTable:
    """Return the tables for all codes of the decoder."""
    # The decoder numbers its codes from 0 without gaps.
    codes = sorted(code for name, code in vars(Code).items() if name.isupper())
    infos = [OpCodeInfo(code) for code in codes]
    features = [_features(info) for info in infos]
    names = tuple(sorted(frozenset[str]().union(*features)))
    return OpcodeTable(
        mnemonic=np.array([info.mnemonic for info in infos], np.uint16),
        padding=np.array([info.mnemonic in _PADDING for info in infos]),
        vector=np.array([_vector(info) for info in infos], np.uint8),
        names=names,
        masks=_masks(features, names),
    )


def _masks(features: list[frozenset[str]], names: tuple[str, ...]) -> NDArray[np.uint64]:
    words = -(-len(names) // _WORD)
    bits = np.zeros((len(features), words * _WORD), np.uint8)
    numbers = {name: number for number, name in enumerate(names)}
    for code, needed in enumerate(features):
        bits[code, [numbers[name] for name in needed]] = 1
    return np.packbits(bits, axis=1, bitorder="little").view("<u8").astype(np.uint64)


def _vector(info: OpCodeInfo) -> Vector:
    if _VECTOR_OPERANDS.isdisjoint(info.op_kinds()):
        return Vector.NONE
    return Vector.LEGACY if info.encoding == EncodingKind.LEGACY else Vector.VEX


def _features(info: OpCodeInfo) -> frozenset[str]:
    instruction = Instruction()
    instruction.code = info.code
    if instruction.mnemonic == Mnemonic.TZCNT:
        # Older CPUs execute it as BSF, and compilers use it for them as well.
        return frozenset()
    return requirements(instruction.cpuid_features())
