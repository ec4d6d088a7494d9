"""What an ELF file shows of a choice at run time: resolvers, pointers and the results of CPUID."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.process import check
from pytest_rtopt.evidence.elf.image import read_elf
from pytest_rtopt.evidence.elf.relocations import DispatchPoints
from tests.support.dispatched_programs import CALLERS, IFUNC
from tests.support.evidence_builds import compile_c

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.evidence.elf.image import ElfImage


def addresses(image: ElfImage) -> dict[str, int]:
    """Return the addresses of functions by name."""
    return {
        function.name: image.executable[function.section].address + function.offset
        for function in image.functions
    }


@pytest.mark.parametrize("flags", [(), ("-no-pie",), ("-static",), ("-fPIC", "-shared")], ids=" ".join)
def test_a_resolver_is_found_by_its_symbol_in_every_kind_of_file(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    image = read_elf(compile_c(tmp_path / "program", *flags, source=IFUNC))
    assert addresses(image)["choose"] in image.dispatch.resolvers


def test_a_stripped_file_has_the_same_resolvers_in_its_relocations(tmp_path: Path) -> None:
    program = compile_c(tmp_path / "program", source=IFUNC)
    resolvers = read_elf(program).dispatch.resolvers
    check(["strip", "-s", str(program)], timeout=60)
    assert read_elf(program).dispatch.resolvers == resolvers != ()


def test_pointers_are_read_only_where_there_is_a_resolver(tmp_path: Path) -> None:
    """A large program has a million pointers, which nothing else needs."""
    functions = "".join(
        f"__attribute__((noipa)) int {name}(int x) {{ return x {work}; }}\n"
        for name, work in (("first", "+ 1"), ("second", "* 2"))
    )
    table = "static int (*const table[])(int) = {first, second};\n"
    source = f"{functions}{table}int main(int argc, char **argv) {{ return table[argc & 1](argc); }}"
    plain = read_elf(compile_c(tmp_path / "plain", "-fPIE", "-pie", source=source))
    assert plain.dispatch == DispatchPoints()
    chosen = "static int (*choose(void))(int) { return table[1]; }\n"
    chosen += 'int work(int x) __attribute__((ifunc("choose")));\nint main'
    image = read_elf(
        compile_c(tmp_path / "chosen", "-fPIE", "-pie", source=source.replace("int main", chosen))
    )
    found = addresses(image)
    assert {found["first"], found["second"]} <= set(image.dispatch.pointers.values())


def test_the_results_of_cpuid_have_a_range_of_addresses(tmp_path: Path) -> None:
    results = read_elf(compile_c(tmp_path / "program", source=CALLERS)).dispatch.cpuid_results
    assert results
    assert all(start < end for start, end in results)
    nothing = "int main(int argc, char **argv) { return argc; }"
    assert read_elf(compile_c(tmp_path / "other", source=nothing)).dispatch.cpuid_results == ()
