"""Instructions as bytes, and ELF images made of them."""

from __future__ import annotations

from pathlib import Path

from pytest_rtopt.evidence.elf.functions import Function, FunctionSource, Section
from pytest_rtopt.evidence.elf.image import ElfImage

SHLX = bytes.fromhex("c4e2f1f7c7")  # shlx rax, rdi, rcx
VADDSD = bytes.fromhex("c5fb58c1")  # vaddsd xmm0, xmm0, xmm1
ADDSD = bytes.fromhex("f20f58c1")  # addsd xmm0, xmm1
RET = b"\xc3"
NOP = bytes.fromhex("0f1f00")  # nop dword ptr [rax]
INT3 = b"\xcc"
INVALID = b"\x06\x90"  # push es, which 64-bit mode does not have, and the byte after it


def image_of(code: bytes, *functions: tuple[str, int, int]) -> ElfImage:
    """Return an image whose only section is `code`, with functions (name, offset, size)."""
    return ElfImage(
        path=Path("program"),
        machine="x86-64",
        executable=(Section(".text", 0x1000, code),),
        functions=tuple(Function(name, name, 0, offset, size) for name, offset, size in functions),
        function_source=FunctionSource.SYMBOLS if functions else FunctionSource.NONE,
        profiling_symbols=(),
        cold_functions=0,
        switches=b"",
    )
