"""Functions that run only after a check of the CPU, in programs that GCC compiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt.evidence.elf.dispatch_callers import dispatch_callers_of, targets_of
from pytest_rtopt.evidence.elf.image import read_elf
from tests.support.dispatched_programs import CALLERS, IFUNC
from tests.support.evidence_builds import compile_c

if TYPE_CHECKING:
    from pathlib import Path

PROBING = r"""
#include <cpuid.h>
__attribute__((noipa)) static int quick(int x) { return x + 1; }
__attribute__((noipa)) int probe(int x) {
  unsigned a, b, c, d;
  __cpuid_count(7, 0, a, b, c, d);
  return (b & 32) ? quick(x) : x;
}
int main(int argc, char **argv) { return probe(argc); }
"""
PLAIN = r"""
__attribute__((noipa)) static int first(int x) { return x + 1; }
int main(int argc, char **argv) { return first(argc) + 0xa20f; }
"""


def callers(program: Path) -> dict[str, tuple[bool, set[str]]]:
    """Return, for each function that checks the CPU, whether it executes CPUID, and its callees."""
    image = read_elf(program)
    names = [function.name for function in image.functions]
    return {
        names[caller.number]: (caller.probes, {names[callee] for callee in caller.callees})
        for caller in dispatch_callers_of(image, image.functions)
    }


def test_a_resolver_chooses_from_the_functions_that_it_names(tmp_path: Path) -> None:
    image = read_elf(compile_c(tmp_path / "program", source=IFUNC))
    names = [function.name for function in image.functions]
    chosen = [{names[number] for number in targets} for targets in targets_of(image, image.functions)]
    assert {"fast", "plain"} in chosen


def test_a_callee_of_another_function_runs_without_a_check_as_well(tmp_path: Path) -> None:
    probes, callees = callers(compile_c(tmp_path / "program", source=CALLERS))["main"]
    assert not probes
    assert {"wide", "plain"} <= callees
    assert "also_elsewhere" not in callees


def test_a_function_that_executes_cpuid_probes(tmp_path: Path) -> None:
    found = callers(compile_c(tmp_path / "program", source=PROBING))
    assert found["probe"] == (True, {"quick"})
    assert "main" not in found


def test_bytes_that_look_like_cpuid_are_decoded_first(tmp_path: Path) -> None:
    """The constant holds the two bytes of the instruction."""
    program = compile_c(tmp_path / "program", source=PLAIN)
    assert b"\x0f\xa2" in program.read_bytes()
    assert callers(program) == {}
    image = read_elf(program)
    assert targets_of(image, image.functions) == ()
