"""Reads the constants in the code of one function: what a patch of a number in the source ends up as."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from elftools.elf.elffile import ELFFile
from iced_x86 import Decoder, OpKind

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.functions import symbols_of
from pytest_rtopt.evidence.elf.image import DAMAGE
from pytest_rtopt.evidence.elf.limits import check_sections, content_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iced_x86 import Instruction

_BITNESS: Final = 64
_IMMEDIATES: Final = frozenset(
    {
        OpKind.IMMEDIATE8,
        OpKind.IMMEDIATE16,
        OpKind.IMMEDIATE32,
        OpKind.IMMEDIATE64,
        OpKind.IMMEDIATE8TO16,
        OpKind.IMMEDIATE8TO32,
        OpKind.IMMEDIATE8TO64,
        OpKind.IMMEDIATE32TO64,
    }
)


def constants_of(
    wanted: Mapping[str, tuple[str, str]], places: Mapping[str, Path]
) -> dict[str, frozenset[int] | None]:
    """Return the constants of each wanted function, by name.

    `wanted` gives a file, whose path may name one of `places` in braces, and a function in it. A file that
    does not exist is left out.
    """
    files = {
        name: (Path(template.format(**places)), function) for name, (template, function) in wanted.items()
    }
    return {name: immediates(file, function) for name, (file, function) in files.items() if file.is_file()}


def immediates(path: Path, function: str) -> frozenset[int] | None:
    """Return the immediate operands of a function's instructions, as unsigned numbers of their width.

    `None` if the symbol table has no such function, as in a stripped file. Raises `EvidenceError` if the file
    cannot be read or is damaged.
    """
    try:
        with path.open("rb") as file:
            elf = ELFFile(file)
            check_sections(elf)
            return _of(elf, function)
    except DAMAGE as error:
        raise EvidenceError(f"{path} is no readable ELF file ({error}); build it again.") from error


def _of(elf: ELFFile, name: str) -> frozenset[int] | None:
    found = next(
        (symbol for symbol in symbols_of(elf, ".symtab") if symbol.name == name and symbol.is_function), None
    )
    if found is None or found.section is None:
        return None
    section = elf.get_section(found.section)
    start = found.value - section["sh_addr"]
    code = content_of(section)[start : start + found.size]
    return frozenset(value for instruction in Decoder(_BITNESS, code) for value in _values(instruction))


def _values(instruction: Instruction) -> list[int]:
    operands = range(instruction.op_count)
    return [
        instruction.immediate(operand) for operand in operands if instruction.op_kind(operand) in _IMMEDIATES
    ]
