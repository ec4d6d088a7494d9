"""Claims on garbage collection in Go: when the compiler, the linker and compiled programs first collect.

A collector changes no output. It trades memory for time: a larger heap is collected less often.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.isa import UNTOUCHED
from pytest_rtopt.claims.model import Answer, Claim
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation, Side

# The names of the reports and of the constants in the declaration of Go.
HEAP_REPORT: Final = "starting-heap"
LINKER_REPORT: Final = "linker-gc"
PROGRAM_REPORT: Final = "program-gc"
HEAP_CONSTANT: Final = "compiler-heap"
# Each report runs its program in an empty environment, prints this line, and runs it with GOGC=100.
WITH_GOGC: Final = "with GOGC=100:"

_MIB: Final = 1 << 20
_MB: Final = 1_000_000
# What `compile -d=gcadjust=1` prints before any collection: bytes until Go 1.25, millions of bytes since 1.26
# (`AdjustStartingHeap` in cmd/compile/internal/base).
_HEAP_GOAL: Final = re.compile(
    r"^GCAdjust: Reuse GOGC adjust, current goal (\d+)(MB)?, count is 0,", re.MULTILINE
)
# The first collection that `GODEBUG=gctrace=1` prints.
_FIRST_COLLECTION: Final = re.compile(r"^gc 1 @.*, (\d+) MB goal,", re.MULTILINE)
# The runtime's goal for the first collection with GOGC=100, in MiB. Other values change it in proportion
# (`heapMinimum` in runtime/mgcpacer.go).
_HEAP_MINIMUM: Final = 4
_PERCENT: Final = 100
_WINS: Final = "a GOGC in the environment wins"


def starting_heap(report: str) -> int | None:
    """Return the goal of the heap, in MiB, that the compiler reports before its first collection."""
    found = _HEAP_GOAL.search(report)
    if found is None:
        return None
    return round(int(found[1]) * (_MB if found[2] else 1) / _MIB)


def first_goal(report: str) -> int | None:
    """Return the goal of the heap at the first collection, in MiB, that a program traced."""
    found = _FIRST_COLLECTION.search(report)
    return None if found is None else int(found[1])


def compiler_heap(observation: Observation) -> Answer:
    """Decide whether the compiler lets its heap grow to the requested size before it collects."""
    asked = observation.settings.compiler_heap
    if asked is None:
        return not_applicable("nothing asks for a starting heap of the compiler")
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    stock, _ = _both(observation.stock, HEAP_REPORT)
    report, explicit = _both(observation.optimized, HEAP_REPORT)
    before, found = starting_heap(stock), starting_heap(report)
    if before is None or found is None:
        return unproven("the compiler reports no goal of its heap (`compile -d=gcadjust=1`)")
    measured = f"the compiler starts with a heap goal of {found} MiB (stock: {before} MiB)"
    if starting_heap(explicit) is not None:
        return refuted(f"{measured}, but it ignores a GOGC in the environment")
    # Since Go 1.26 the first goal lies below the constant, which is in MiB.
    constants = observation.optimized.constants.get(HEAP_CONSTANT) or frozenset[int]()
    if found > before and asked in constants:
        measured += f", and the code of its `gc.Main` holds {asked} MiB"
    elif found != asked:
        return refuted(f"{measured}, but {asked} MiB are requested")
    return proven(f"{measured}; {_WINS}")


def linker_collector(observation: Observation) -> Answer:
    """Decide whether the linker's first collection is where the requested GOGC puts it."""
    asked = observation.settings.linker_gc_percent
    if asked is None:
        return not_applicable("nothing asks for another GOGC of the linker")
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    stock, _ = _both(observation.stock, LINKER_REPORT)
    report, explicit = _both(observation.optimized, LINKER_REPORT)
    found, with_gogc = first_goal(report), first_goal(explicit)
    if found is None or with_gogc is None:
        return unproven("the linker traced no collection (`GODEBUG=gctrace=1`)")
    measured = f"the linker's first collection has a goal of {found} MiB (stock: {first_goal(stock)} MiB)"
    if found != _HEAP_MINIMUM * asked // _PERCENT:
        return refuted(f"{measured}, which is not that of the requested GOGC={asked}")
    if with_gogc != _HEAP_MINIMUM:
        return refuted(f"{measured}, but it ignores a GOGC in the environment")
    return proven(f"{measured}, that of GOGC={asked}; {_WINS}")


def program_collector(observation: Observation) -> Answer:
    """Decide whether a compiled program has the requested default of GOGC in an empty environment."""
    asked = observation.settings.go_gc_percent
    if asked is None:
        return not_applicable("nothing asks for another default of GOGC")
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    stock, _ = _both(observation.stock, PROGRAM_REPORT)
    found, explicit = _both(observation.optimized, PROGRAM_REPORT)
    if not stock or not found:
        return unproven("the package set compiled no program that would report its GOGC")
    measured = f"a program that it compiled runs with GOGC={found} (stock: {stock})"
    if found != str(asked):
        return refuted(f"{measured}, but {asked} is requested")
    if explicit != str(_PERCENT):
        return refuted(f"{measured}, but it ignores a GOGC in the environment")
    return proven(f"{measured}; {_WINS}")


def _both(side: Side, report: str) -> tuple[str, str]:
    """Return what a program reported in an empty environment, and what it reported with `GOGC=100`."""
    default, _, explicit = side.reports.get(report, "").partition(WITH_GOGC)
    return default.strip(), explicit.strip()


COMPILER_HEAP: Final = Claim(
    "compiler-heap",
    "the compiler collects no garbage before its heap has the requested size",
    (EvidenceKind.PROCESS,),
    compiler_heap,
)
LINKER_COLLECTOR: Final = Claim(
    "linker-collector",
    "the linker has the requested default of GOGC",
    (EvidenceKind.PROCESS,),
    linker_collector,
)
PROGRAM_COLLECTOR: Final = Claim(
    "program-collector",
    "programs that it compiles have the requested default of GOGC",
    (EvidenceKind.PROCESS,),
    program_collector,
)
