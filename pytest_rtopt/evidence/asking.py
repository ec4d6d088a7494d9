"""Which functions an ELF file calls after asking the CPU: targets of ifunc resolvers, and callees of askers."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from iced_x86 import Decoder, FlowControl, Mnemonic, OpKind, Register

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iced_x86 import Instruction

    from pytest_rtopt.evidence.elf import ElfImage
    from pytest_rtopt.evidence.functions import Function

_BITNESS: Final = 64
_CPUID: Final = b"\x0f\xa2"
_CALL: Final = 0xE8
_REL32: Final = 4
# After the displacement of an instruction that reads memory there may be an immediate of so many bytes.
_IMMEDIATES: Final = (0, 1, 2, 4)
_ADDRESSES: Final = frozenset({OpKind.IMMEDIATE32, OpKind.IMMEDIATE64, OpKind.IMMEDIATE32TO64})


@dataclass(frozen=True)
class AskingPoints:
    """What an ELF file tells of choices: addresses of ifunc resolvers, pointers that the loader fills in
    (address of the pointer, address that it gets), and where the answers of CPUID are kept (`__cpu_model`).
    """

    resolvers: tuple[int, ...] = ()
    pointers: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    answers: tuple[tuple[int, int], ...] = ()


class _Places:
    """Functions of an image by address."""

    def __init__(self, image: ElfImage, functions: Sequence[Function]) -> None:
        self._image = image
        self._functions = functions
        placed = sorted(
            (image.executable[function.section].address + function.offset, number)
            for number, function in enumerate(functions)
        )
        self._starts = [start for start, _ in placed]
        self._numbers = [number for _, number in placed]

    def at(self, address: int) -> int | None:
        """Return the number of the function that begins at `address`."""
        place = bisect.bisect_left(self._starts, address)
        found = place < len(self._starts) and self._starts[place] == address
        return self._numbers[place] if found else None

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
        yield from Decoder(_BITNESS, code, ip=section.address + function.offset)


def targets_of(image: ElfImage, functions: Sequence[Function]) -> tuple[tuple[int, ...], ...]:
    """Return for each ifunc resolver the numbers of the functions that it chooses from."""
    if not image.asking.resolvers:
        return ()
    places = _Places(image, functions)
    found = []
    for resolver in image.asking.resolvers:
        number = places.at(resolver)
        if number is None:
            continue
        named = {
            target
            for instruction in places.instructions(number)
            for address in _addresses(instruction, image.asking.pointers)
            if (target := places.at(address)) is not None
        }
        if named - {number}:
            found.append(tuple(sorted(named - {number})))
    return tuple(found)


def called_by_askers(image: ElfImage, functions: Sequence[Function]) -> Mapping[int, int]:
    """Return the functions that are called from functions that ask the CPU and from no others, each with one
    of its callers.

    A function asks if it executes CPUID or reads the answers that the compiler's library keeps.
    """
    places = _Places(image, functions)
    askers = {number for address in _asking_code(image) if (number := places.around(address)) is not None}
    callees: dict[int, int] = {}
    for asker in sorted(askers):
        instructions = list(places.instructions(asker))
        if not any(_asks(instruction, image.asking.answers) for instruction in instructions):
            continue
        for instruction in instructions:
            for address in (*_branches(instruction), *_addresses(instruction, {})):
                target = places.at(address)
                if target is not None and target not in askers:
                    callees.setdefault(target, asker)
    if not callees:
        return callees
    addresses = {
        image.executable[functions[number].section].address + functions[number].offset: number
        for number in callees
    }
    for caller, target in _calls_of(image, addresses):
        if places.around(caller) not in askers:
            callees.pop(addresses[target], None)
    return callees


def _asking_code(image: ElfImage) -> Iterator[int]:
    """Return addresses of code that looks as if it asked; what it is, decoding tells."""
    for section in image.executable:
        at = section.data.find(_CPUID)
        while at >= 0:
            yield section.address + at
            at = section.data.find(_CPUID, at + 1)
        for start, end in image.asking.answers:
            for immediate in _IMMEDIATES:
                yield from _displacements(section.data, section.address, (start, end), immediate)


def _displacements(data: bytes, address: int, wanted: tuple[int, int], after: int) -> Iterator[int]:
    """Return where a displacement, `after` bytes before the end of its instruction, reaches into `wanted`."""
    for phase in range(_REL32):
        words = np.frombuffer(data, "<i4", (len(data) - phase) // _REL32, phase) if len(data) > phase else []
        places = np.arange(len(words), dtype=np.int64) * _REL32 + phase + address
        reached = places + _REL32 + after + words
        yield from places[(reached >= wanted[0]) & (reached < wanted[1])].tolist()


def _calls_of(image: ElfImage, targets: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Return calls of `targets` with their addresses; some may be data that looks like one."""
    wanted = np.array(sorted(targets), np.int64)
    for section in image.executable:
        data = np.frombuffer(section.data, np.uint8)
        places = np.flatnonzero(data[: max(0, len(data) - _REL32)] == _CALL)
        words = sum(data[places + 1 + byte].astype(np.int64) << (8 * byte) for byte in range(_REL32))
        words -= (words >> 31 & 1) << 32
        reached = section.address + places + 1 + _REL32 + words
        hits = np.isin(reached, wanted)
        yield from zip((places[hits] + section.address).tolist(), reached[hits].tolist(), strict=True)


def _asks(instruction: Instruction, answers: tuple[tuple[int, int], ...]) -> bool:
    if instruction.mnemonic == Mnemonic.CPUID:
        return True
    if not instruction.is_ip_rel_memory_operand:
        return False
    return any(start <= instruction.ip_rel_memory_address < end for start, end in answers)


def _branches(instruction: Instruction) -> Iterator[int]:
    if instruction.flow_control in (FlowControl.CALL, FlowControl.UNCONDITIONAL_BRANCH):
        yield instruction.near_branch_target


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
