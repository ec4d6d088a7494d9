"""The claim that Rust programs were optimized at link time, together with the standard library.

The standard library comes compiled. Without link-time optimization a program's copies of its functions are
those, instruction for instruction, whatever the program is compiled for; with it they are compiled anew, in
the light of the program. Measured with rustc 1.95: 52 of 52 the same without, 22 of 45 with `-Clto=thin`, 13
of 33 with `-Clto=fat` (`tests/evidence/elf/test_compiler_traces.py` compiles them again). LLVM's renamed
functions show ThinLTO in C programs. They show nothing here: rustc runs ThinLTO over each crate by itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.model import Answer, Claim
from pytest_rtopt.evidence.requested import requested_by
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

# Functions of std that are no generics, so that a program has them as std was compiled: the start-up, panics,
# and what is written against the operating system; in Rust's legacy mangling of names and in its present one.
OF_STD: Final = re.compile(
    r"_ZN3std(?:2rt19lang_start_internal|9panicking|3sys|13backtrace_rs)|_RNv\w*3std(?:2rt|9panicking|3sys)"
)
# Between what every program shows without (none) and with link-time optimization (half).
_LEAST_CHANGED: Final = 0.1


def programs_lto(observation: Observation) -> Answer:
    """Decide whether programs were optimized at link time, by their copies of the standard library."""
    stock, optimized = observation.stock.program_derivation, observation.optimized.program_derivation
    if observation.requested is None or stock is None or optimized is None:
        return not_applicable("nothing asks for link-time optimization of programs")
    if not requested_by((stock, optimized)).lto:
        return not_applicable("nothing asks for link-time optimization of programs")
    if not (observation.same_derivation or observation.prebuilt):
        return unproven(
            "the overlay changes the toolchain, too, whose standard library may be another; programs of "
            "stock's toolchain would tell"
        )
    common = changed = 0
    for name in observation.stock.programs.keys() & observation.optimized.programs.keys():
        before = observation.stock.programs[name].census.functions
        after = observation.optimized.programs[name].census.functions
        std = {function for function in before if OF_STD.match(function)}
        common += len(std & after.keys())
        changed += sum(before[function] != after[function] for function in std & after.keys())
    if not common:
        return unproven("no function of the standard library can be found; an unstripped program would tell")
    said = f"{changed} of {common} functions of the standard library in programs"
    if changed < _LEAST_CHANGED * common:
        return refuted(f"{said} were compiled anew: the others are the precompiled ones, as without it")
    return proven(f"{said} were compiled anew with the program, which link-time optimization alone does")


PROGRAMS_LTO: Final = Claim(
    "programs-lto",
    "programs were optimized together with the standard library",
    (EvidenceKind.CENSUS,),
    programs_lto,
)
