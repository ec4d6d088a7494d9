"""Names of functions."""

from __future__ import annotations

import pytest

from pytest_rtopt.evidence.elf.functions import Section, Symbol, base_name, from_symbols


@pytest.mark.parametrize(
    ("symbol", "base"),
    [
        ("foo", "foo"),
        ("foo.cold", "foo"),
        ("foo.constprop.0", "foo"),
        ("foo.isra.0.cold", "foo"),
        ("foo.part.12.lto_priv.3", "foo"),
        ("foo.localalias", "foo"),
        ("foo.llvm.1234567890", "foo"),
        ("memcpy.avx2", "memcpy.avx2"),
        ("dot.arch_haswell", "dot.arch_haswell"),
        ("runtime.(*mheap).alloc.func1", "runtime.(*mheap).alloc.func1"),
        ("main.part", "main.part"),
        ("_ZN4core3fmt5write17h0123456789abcdefE", "_ZN4core3fmt5writeE"),
        ("_RNvCs1234_7mycrate3foo", "_RNvC7mycrate3foo"),
        ("", ""),
    ],
)
def test_parts_and_copies_have_the_name_of_their_function(symbol: str, base: str) -> None:
    assert base_name(symbol) == base


def test_functions_end_with_their_size_the_next_function_or_the_section() -> None:
    sections = (Section(".text", 0x1000, bytes(64)), Section(".fini", 0x2000, bytes(8)))
    symbols = (
        Symbol("sized", is_function=True, section=14, value=0x1000, size=8),
        Symbol("alias", is_function=True, section=14, value=0x1000, size=8),
        Symbol("assembly", is_function=True, section=14, value=0x1010, size=0),
        Symbol("oversized", is_function=True, section=14, value=0x1020, size=4096),
        Symbol("end", is_function=True, section=14, value=0x1040, size=0),
        Symbol("last", is_function=True, section=15, value=0x2000, size=0),
        Symbol("data", is_function=False, section=14, value=0x1018, size=8),
        Symbol("elsewhere", is_function=True, section=3, value=0x1018, size=8),
        Symbol("imported", is_function=True, section=None, value=0, size=0),
    )
    functions = from_symbols(symbols, sections, {14: 0, 15: 1})
    assert [(f.name, f.section, f.offset, f.size) for f in functions] == [
        ("alias", 0, 0, 8),
        ("assembly", 0, 16, 16),
        ("oversized", 0, 32, 32),
        ("last", 1, 0, 8),
    ]
