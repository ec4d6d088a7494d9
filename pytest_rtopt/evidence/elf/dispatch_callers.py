"""Finds functions that run only after a check of the CPU: targets of ifunc resolvers, callees of CPUID users.

*CPUID results* here means the answers of the CPUID instruction that the compiler's library keeps in memory.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from iced_x86 import Decoder, Mnemonic, OpKind, Register

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from iced_x86 import Instruction
    from numpy.typing import NDArray

    from pytest_rtopt.evidence.elf.functions import Function
    from pytest_rtopt.evidence.elf.image import ElfImage

_BITNESS: Final = 64
_CPUID: Final = b"\x0f\xa2"
_REL32: Final = 4
# The possible sizes in bytes of an immediate after the displacement of an instruction that reads memory.
_IMMEDIATES: Final = (0, 1, 2, 4)
_ADDRESSES: Final = frozenset({OpKind.IMMEDIATE32, OpKind.IMMEDIATE64, OpKind.IMMEDIATE32TO64})


@dataclass(frozen=True)
class DispatchCaller:
    """A function that checks the CPU, by its number.

    `probes` is true if it executes CPUID itself. `callees` are the functions that it refers to and that no
    function without a CPU check refers to.
    """

    number: int
    probes: bool
    callees: frozenset[int]


class _FunctionIndex:
    """Finds the functions of an image by address."""

    def __init__(self, image: ElfImage, functions: Sequence[Function]) -> None:
        self._image = image
        self._functions = functions
        placed = sorted((self.start(number), number) for number in range(len(functions)))
        self._starts = [start for start, _ in placed]
        self._numbers = [number for _, number in placed]

    def at(self, address: int) -> int | None:
        """Return the number of the function that begins at `address`."""
        place = bisect.bisect_left(self._starts, address)
        found = place < len(self._starts) and self._starts[place] == address
        return self._numbers[place] if found else None

    def start(self, number: int) -> int:
        """Return the address at which a function begins."""
        function = self._functions[number]
        return self._image.executable[function.section].address + function.offset

    def containing(self, address: int) -> int | None:
        """Return the number of the function whose code includes `address`."""
        place = bisect.bisect_right(self._starts, address) - 1
        if place < 0:
            return None
        number = self._numbers[place]
        return number if address < self._starts[place] + self._functions[number].size else None

    def instructions(self, number: int) -> Iterator[Instruction]:
        """Decode the instructions of a function."""
        function = self._functions[number]
        section = self._image.executable[function.section]
        code = section.data[function.offset : function.offset + function.size]
        yield from Decoder(_BITNESS, code, ip=self.start(number))


def targets_of(image: ElfImage, functions: Sequence[Function]) -> tuple[tuple[int, ...], ...]:
    """Return, for each ifunc resolver, the numbers of the functions that it chooses from."""
    if not image.dispatch.resolvers:
        return ()
    places = _FunctionIndex(image, functions)
    found = []
    for resolver in image.dispatch.resolvers:
        number = places.at(resolver)
        if number is None:
            continue
        named = {
            target
            for instruction in places.instructions(number)
            for address in _addresses(instruction, image.dispatch.pointers)
            if (target := places.at(address)) is not None
        }
        if named - {number}:
            found.append(tuple(sorted(named - {number})))
    return tuple(found)


def dispatch_callers_of(image: ElfImage, functions: Sequence[Function]) -> tuple[DispatchCaller, ...]:
    """Return the functions that execute CPUID or read the CPUID results in memory."""
    places = _FunctionIndex(image, functions)
    numbers = {
        number for address in _querying_code(image) if (number := places.containing(address)) is not None
    }
    found: dict[int, tuple[bool, set[int]]] = {}
    for number in numbers:
        instructions = list(places.instructions(number))
        if any(_queries_cpuid(instruction, image.dispatch.cpuid_results) for instruction in instructions):
            probes = any(instruction.mnemonic == Mnemonic.CPUID for instruction in instructions)
            named = {places.at(address) for part in instructions for address in _referenced_code(part)}
            found[number] = probes, {target for target in named if target is not None}
    called = set().union(*(callees for _, callees in found.values())) - found.keys()
    elsewhere = _referenced_elsewhere(image, places, called, found.keys())
    return tuple(
        DispatchCaller(number, probes, frozenset(callees & called - elsewhere))
        for number, (probes, callees) in sorted(found.items())
    )


def _referenced_elsewhere(
    image: ElfImage, places: _FunctionIndex, targets: set[int], excluded: Collection[int]
) -> frozenset[int]:
    """Return the `targets` that a function outside `excluded` calls, jumps to, or takes the address of."""
    if not targets:
        return frozenset()
    starts = np.array(sorted(places.start(number) for number in targets), np.int64)
    found = set()
    for section in image.executable:
        # Calls, jumps and LEA end with their displacement.
        for place in _displacements(section.data, section.address, starts, 0):
            number = places.containing(place)
            if number is None or number in excluded:
                continue
            named = {
                places.at(address)
                for part in places.instructions(number)
                for address in _referenced_code(part)
            }
            found |= named & targets
    return frozenset(target for target in found if target is not None)


def _querying_code(image: ElfImage) -> Iterator[int]:
    """Return addresses of bytes that may be a CPU check; decoding them decides."""
    for section in image.executable:
        at = section.data.find(_CPUID)
        while at >= 0:
            yield section.address + at
            at = section.data.find(_CPUID, at + 1)
        for start, end in image.dispatch.cpuid_results:
            for immediate in _IMMEDIATES:
                yield from _displacements(section.data, section.address, np.arange(start, end), immediate)


def _displacements(data: bytes, address: int, targets: NDArray[np.int64], after: int) -> Iterator[int]:
    """Return the addresses of possible displacements that lead to one of `targets`, which are sorted.

    A displacement ends `after` bytes before the end of its instruction. Some of the results are other bytes
    that look like a displacement.
    """
    for phase in range(min(_REL32, len(data))):
        words = np.frombuffer(data, "<i4", (len(data) - phase) // _REL32, phase)
        places = np.arange(len(words), dtype=np.int64) * _REL32 + phase + address
        reached = places + (_REL32 + after) + words
        near = np.flatnonzero((reached >= targets[0]) & (reached <= targets[-1]))
        yield from places[near[np.isin(reached[near], targets)]].tolist()


def _queries_cpuid(instruction: Instruction, cpuid_results: tuple[tuple[int, int], ...]) -> bool:
    if instruction.mnemonic == Mnemonic.CPUID:
        return True
    if not instruction.is_ip_rel_memory_operand:
        return False
    return any(start <= instruction.ip_rel_memory_address < end for start, end in cpuid_results)


def _referenced_code(instruction: Instruction) -> Iterator[int]:
    """Return the addresses of code that an instruction refers to."""
    if instruction.op_count and instruction.op_kind(0) == OpKind.NEAR_BRANCH64:
        yield instruction.near_branch_target
    yield from _addresses(instruction, {})


def _addresses(instruction: Instruction, pointers: Mapping[int, int]) -> Iterator[int]:
    """Return the addresses that an instruction loads into a register."""
    if instruction.mnemonic == Mnemonic.LEA and instruction.memory_base == Register.RIP:
        yield instruction.ip_rel_memory_address
    elif instruction.is_ip_rel_memory_operand:
        pointed = pointers.get(instruction.ip_rel_memory_address)
        if pointed is not None:
            yield pointed
    elif instruction.op_count and instruction.op_kind(instruction.op_count - 1) in _ADDRESSES:
        yield instruction.immediate(instruction.op_count - 1) & 0xFFFFFFFFFFFFFFFF
