"""What the loader of an ELF file fills in, as far as it tells which code asks the CPU."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elftools.elf.elffile import ELFFile
    from numpy.typing import NDArray

    from pytest_rtopt.evidence.elf.functions import Symbol

_ENTRY: Final = np.dtype([("place", "<u8"), ("info", "<u8"), ("addend", "<i8")])
# Of the x86-64 psABI: a pointer to what the file has at an address, and to what the code there returns.
_RELATIVE: Final = 8
_IRELATIVE: Final = 37
_TYPE: Final = 0xFFFFFFFF
_ANSWERS: Final = frozenset({"__cpu_model", "__cpu_features2"})


@dataclass(frozen=True)
class DispatchPoints:
    """What an ELF file tells of choices.

    `resolvers` are the addresses of ifunc resolvers, `pointers` those that the loader fills in (where each
    is, what it gets), and `answers` where the answers of CPUID are kept (`__cpu_model`), from and to.
    """

    resolvers: tuple[int, ...] = ()
    pointers: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    answers: tuple[tuple[int, int], ...] = ()


def dispatch_points(elf: ELFFile, symbols: Iterable[Symbol]) -> DispatchPoints:
    """Return where the code of an x86-64 file asks the CPU."""
    entries = _relocations(elf)
    kinds = entries["info"] & _TYPE
    resolvers = {symbol.value for symbol in symbols if symbol.is_resolver and symbol.section is not None}
    resolvers |= set(entries["addend"][kinds == _IRELATIVE].tolist())
    relative = entries[kinds == _RELATIVE]
    pointers = dict(zip(relative["place"].tolist(), relative["addend"].tolist(), strict=True))
    return DispatchPoints(
        resolvers=tuple(sorted(resolvers)),
        # Only resolvers are followed through pointers, of which a large program has a million.
        pointers=MappingProxyType(pointers if resolvers else {}),
        answers=tuple(
            sorted({(symbol.value, symbol.value + symbol.size) for symbol in symbols if _is_answer(symbol)})
        ),
    )


def _is_answer(symbol: Symbol) -> bool:
    return symbol.name in _ANSWERS and symbol.size > 0 and symbol.section is not None


def _relocations(elf: ELFFile) -> NDArray[np.void]:
    found = [np.empty(0, _ENTRY)]
    for name in (".rela.dyn", ".rela.plt"):
        section = elf.get_section_by_name(name)
        if section is not None and section["sh_type"] == "SHT_RELA" and elf.elfclass == 64:  # noqa: PLR2004
            content = section.data()
            found.append(np.frombuffer(content, _ENTRY, len(content) // _ENTRY.itemsize))
    return np.concatenate(found)
