"""Which functions of an ELF file run after the CPU was asked: targets of resolvers, and callees of askers."""

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
# After the displacement of an instruction that reads memory there may be an immediate of so many bytes.
_IMMEDIATES: Final = (0, 1, 2, 4)
_ADDRESSES: Final = frozenset({OpKind.IMMEDIATE32, OpKind.IMMEDIATE64, OpKind.IMMEDIATE32TO64})


@dataclass(frozen=True)
class DispatchCaller:
    """A function that asks the CPU, by its number, and the functions that it calls and only askers do.

    One that `probes` executes CPUID itself.
    """

    number: int
    probes: bool
    callees: frozenset[int]


class _Places:
    """Functions of an image by address."""

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
        """Return where a function begins."""
        function = self._functions[number]
        return self._image.executable[function.section].address + function.offset

    def around(self, address: int) -> int | None:
        """Return the number of the function whose code is at `address`."""
        place = bisect.bisect_right(self._starts, address) - 1
        if place < 0:
            return None
        number = self._numbers[place]
        return number if address < self._starts[place] + self._functions[number].size else None

    def instructions(self, number: int) -> Iterator[Instruction]:
        """Decode a function."""
        function = self._functions[number]
        section = self._image.executable[function.section]
        code = section.data[function.offset : function.offset + function.size]
        yield from Decoder(_BITNESS, code, ip=self.start(number))


def targets_of(image: ElfImage, functions: Sequence[Function]) -> tuple[tuple[int, ...], ...]:
    """Return for each ifunc resolver the numbers of the functions that it chooses from."""
    if not image.dispatch.resolvers:
        return ()
    places = _Places(image, functions)
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
    """Return the functions that execute CPUID or read what the compiler's library keeps of its answers."""
    places = _Places(image, functions)
    numbers = {number for address in _querying_code(image) if (number := places.around(address)) is not None}
    found: dict[int, tuple[bool, set[int]]] = {}
    for number in numbers:
        instructions = list(places.instructions(number))
        if any(_queries_cpuid(instruction, image.dispatch.answers) for instruction in instructions):
            probes = any(instruction.mnemonic == Mnemonic.CPUID for instruction in instructions)
            named = {places.at(address) for part in instructions for address in _named(part)}
            found[number] = probes, {target for target in named if target is not None}
    called = set().union(*(callees for _, callees in found.values())) - found.keys()
    elsewhere = _named_elsewhere(image, places, called, found.keys())
    return tuple(
        DispatchCaller(number, probes, frozenset(callees & called - elsewhere))
        for number, (probes, callees) in sorted(found.items())
    )


def _named_elsewhere(
    image: ElfImage, places: _Places, targets: set[int], but: Collection[int]
) -> frozenset[int]:
    """Return those of `targets` that functions other than `but` call, jump to, or take the address of."""
    if not targets:
        return frozenset()
    starts = np.array(sorted(places.start(number) for number in targets), np.int64)
    found = set()
    for section in image.executable:
        # The displacement of calls, jumps and LEA is the end of the instruction.
        for place in _displacements(section.data, section.address, starts, 0):
            number = places.around(place)
            if number is None or number in but:
                continue
            named = {places.at(address) for part in places.instructions(number) for address in _named(part)}
            found |= named & targets
    return frozenset(target for target in found if target is not None)


def _querying_code(image: ElfImage) -> Iterator[int]:
    """Return addresses of code that looks as if it asked; what it is, decoding tells."""
    for section in image.executable:
        at = section.data.find(_CPUID)
        while at >= 0:
            yield section.address + at
            at = section.data.find(_CPUID, at + 1)
        for start, end in image.dispatch.answers:
            for immediate in _IMMEDIATES:
                yield from _displacements(section.data, section.address, np.arange(start, end), immediate)


def _displacements(data: bytes, address: int, wanted: NDArray[np.int64], after: int) -> Iterator[int]:
    """Return where a displacement, `after` bytes before the end of its instruction, reaches one of `wanted`.

    `wanted` is sorted; some of what is found is no displacement.
    """
    for phase in range(min(_REL32, len(data))):
        words = np.frombuffer(data, "<i4", (len(data) - phase) // _REL32, phase)
        places = np.arange(len(words), dtype=np.int64) * _REL32 + phase + address
        reached = places + (_REL32 + after) + words
        near = np.flatnonzero((reached >= wanted[0]) & (reached <= wanted[-1]))
        yield from places[near[np.isin(reached[near], wanted)]].tolist()


def _queries_cpuid(instruction: Instruction, answers: tuple[tuple[int, int], ...]) -> bool:
    if instruction.mnemonic == Mnemonic.CPUID:
        return True
    if not instruction.is_ip_rel_memory_operand:
        return False
    return any(start <= instruction.ip_rel_memory_address < end for start, end in answers)


def _named(instruction: Instruction) -> Iterator[int]:
    """Return the addresses of code that an instruction may lead to."""
    if instruction.op_count and instruction.op_kind(0) == OpKind.NEAR_BRANCH64:
        yield instruction.near_branch_target
    yield from _addresses(instruction, {})


def _addresses(instruction: Instruction, pointers: Mapping[int, int]) -> Iterator[int]:
    """Return addresses that an instruction puts into a register."""
    if instruction.mnemonic == Mnemonic.LEA and instruction.memory_base == Register.RIP:
        yield instruction.ip_rel_memory_address
    elif instruction.is_ip_rel_memory_operand:
        pointed = pointers.get(instruction.ip_rel_memory_address)
        if pointed is not None:
            yield pointed
    elif instruction.op_count and instruction.op_kind(instruction.op_count - 1) in _ADDRESSES:
        yield instruction.immediate(instruction.op_count - 1) & 0xFFFFFFFFFFFFFFFF
