"""Reads all evidence from one ELF file of a runtime at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_rtopt.evidence.census.census import Census, census
from pytest_rtopt.evidence.census.workers import on_all_cores
from pytest_rtopt.evidence.elf.compiler_traces import Traces, read_traces
from pytest_rtopt.evidence.elf.functions import FunctionSource
from pytest_rtopt.evidence.elf.image import linker_of, read_elf
from pytest_rtopt.evidence.elf.libraries import Needs, needs_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class FileEvidence:
    """The evidence of one file: its census, and the other fields of `ElfImage` and `Binary`.

    `names` are the names of its functions with the compilers' suffixes.
    """

    census: Census
    switches: bytes
    names: frozenset[str]
    cold_functions: int
    profiling_symbols: tuple[str, ...]
    has_symbols: bool
    imports: frozenset[str]
    linker: str
    traces: Traces
    needs: Needs
    cold_shares: Mapping[str, float] = field(default_factory=dict)


def read_file_evidence(path: Path) -> FileEvidence:
    """Read a file; raises `EvidenceError` if it is not an x86-64 ELF file."""
    image = read_elf(path)
    return FileEvidence(
        census=census(image, on_all_cores),
        switches=image.switches,
        names=frozenset(function.name for function in image.functions),
        cold_functions=image.cold_functions,
        cold_shares=image.cold_shares,
        profiling_symbols=image.profiling_symbols,
        has_symbols=image.function_source is FunctionSource.SYMBOLS,
        imports=image.imports,
        linker=linker_of(path),
        traces=read_traces(path),
        needs=needs_of(path),
    )
