"""The claim that Rust programs were optimized at link time, together with the standard library.

The standard library is precompiled. Without link-time optimization, its functions are copied into a program
without any change, whatever the program's flags are. With it, they are compiled again for the program. With
rustc 1.95, 52 of 52 functions were the same without it, 22 of 45 with `-Clto=thin`, and 13 of 33 with
`-Clto=fat` (`tests/evidence/elf/test_compiler_traces.py` compiles these programs). In C programs, functions
that LLVM renamed show ThinLTO. In Rust programs they show nothing, because rustc always runs ThinLTO within
each crate.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.model import Answer, Claim
from pytest_rtopt.claims.rust_upstream import asks_for_upstream
from pytest_rtopt.evidence.requested import requested_by
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

# Functions of std that are not generic, so that a program has std's compiled code of them: start-up, panics,
# and the interface to the operating system. Names are in Rust's legacy mangling scheme or in the current one.
OF_STD: Final = re.compile(
    r"_ZN3std(?:2rt19lang_start_internal|9panicking|3sys|13backtrace_rs)|_RNv\w*3std(?:2rt|9panicking|3sys)"
)
# The share of changed functions is 0 without link-time optimization, and about half with it.
_LEAST_CHANGED: Final = 0.1


def programs_lto(observation: Observation) -> Answer:
    """Decide whether programs were optimized at link time, by their copies of the standard library."""
    stock, optimized = observation.stock.program_derivation, observation.optimized.program_derivation
    if observation.requested is None or stock is None or optimized is None:
        return not_applicable("nothing asks for link-time optimization of programs")
    if not requested_by((stock, optimized)).lto:
        return not_applicable("nothing asks for link-time optimization of programs")
    brings_std = not (observation.same_derivation or observation.prebuilt) or asks_for_upstream(observation)
    if brings_std:
        return unproven(
            "the overlay also changes the toolchain, so its standard library may differ; programs of stock's "
            "toolchain would decide"
        )
    common = changed = 0
    for name in observation.stock.programs.keys() & observation.optimized.programs.keys():
        before = observation.stock.programs[name].census.functions
        after = observation.optimized.programs[name].census.functions
        std = {function for function in before if OF_STD.match(function)}
        common += len(std & after.keys())
        changed += sum(before[function] != after[function] for function in std & after.keys())
    if not common:
        return unproven(
            "no function of the standard library was found; an unstripped program would show them"
        )
    evidence = f"{changed} of {common} functions of the standard library in programs were compiled again"
    if changed < _LEAST_CHANGED * common:
        return refuted(f"{evidence}; the others are precompiled, as without link-time optimization")
    return proven(f"{evidence} with the program, which only link-time optimization does")


PROGRAMS_LTO: Final = Claim(
    "programs-lto",
    "programs were optimized together with the standard library",
    (EvidenceKind.CENSUS,),
    programs_lto,
)
