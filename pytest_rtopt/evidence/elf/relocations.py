"""Reads the relocations and symbols of an ELF file that show which code checks the CPU."""

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
# Relocation types of the x86-64 psABI: a pointer to an address of the file, and a pointer to the result of
# the code at an address (an ifunc resolver).
_RELATIVE: Final = 8
_IRELATIVE: Final = 37
_TYPE: Final = 0xFFFFFFFF
_CPUID_RESULTS: Final = frozenset({"__cpu_model", "__cpu_features2"})


@dataclass(frozen=True)
class DispatchPoints:
    """The places in an ELF file that show a choice of code at run time.

    `resolvers` are the addresses of ifunc resolvers. `pointers` maps the address of each pointer that the
    loader sets to its value. `cpuid_results` are the ranges of addresses in which the compiler's library
    keeps the results of CPUID (`__cpu_model`).
    """

    resolvers: tuple[int, ...] = ()
    pointers: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    cpuid_results: tuple[tuple[int, int], ...] = ()


def dispatch_points(elf: ELFFile, symbols: Iterable[Symbol]) -> DispatchPoints:
    """Return the dispatch points of an x86-64 file."""
    entries = _relocations(elf)
    kinds = entries["info"] & _TYPE
    resolvers = {symbol.value for symbol in symbols if symbol.is_resolver and symbol.section is not None}
    resolvers |= set(entries["addend"][kinds == _IRELATIVE].tolist())
    relative = entries[kinds == _RELATIVE]
    pointers = dict(zip(relative["place"].tolist(), relative["addend"].tolist(), strict=True))
    return DispatchPoints(
        resolvers=tuple(sorted(resolvers)),
        # Pointers matter only for resolvers, and a large program has a million of them.
        pointers=MappingProxyType(pointers if resolvers else {}),
        cpuid_results=tuple(
            sorted(
                {(symbol.value, symbol.value + symbol.size) for symbol in symbols if _is_cpuid_result(symbol)}
            )
        ),
    )


def _is_cpuid_result(symbol: Symbol) -> bool:
    return symbol.name in _CPUID_RESULTS and symbol.size > 0 and symbol.section is not None


def _relocations(elf: ELFFile) -> NDArray[np.void]:
    found = [np.empty(0, _ENTRY)]
    for name in (".rela.dyn", ".rela.plt"):
        section = elf.get_section_by_name(name)
        if section is not None and section["sh_type"] == "SHT_RELA" and elf.elfclass == 64:  # noqa: PLR2004
            content = section.data()
            found.append(np.frombuffer(content, _ENTRY, len(content) // _ENTRY.itemsize))
    return np.concatenate(found)
