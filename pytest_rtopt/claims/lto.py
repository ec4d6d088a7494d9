"""The claim that code was generated at link time, by the marks that each compiler leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import proven, refuted, unproven
from pytest_rtopt.claims.hidden_changes import hidden_changes
from pytest_rtopt.claims.isa import where_requested
from pytest_rtopt.claims.model import Claim
from pytest_rtopt.evidence.derivation.exported import added_flags
from pytest_rtopt.evidence.elf.compiler_traces import promoted
from pytest_rtopt.evidence.log.effective_flags import FAT_OBJECTS, LTO, effective_flags
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_rtopt.claims.model import Answer
    from pytest_rtopt.evidence.log.effective_flags import EffectiveFlags
    from pytest_rtopt.evidence.observation import Binary, Observation

# What LLD and gold's plugin call the one unit that full link-time optimization by LLVM makes.
_LLVM_UNIT: Final = "ld-temp.o"
_NO_LTO: Final = "-fno-lto"


def lto_claim(binary: str, name: str = "lto-used") -> Claim:
    """Return the claim that code of `binary` was generated at link time."""
    by = (EvidenceKind.SWITCHES, EvidenceKind.CENSUS, EvidenceKind.FILE, EvidenceKind.BUILD_LOG)
    return Claim(name, "code was generated at link time", by, lto_used(binary))


def lto_used(binary: str) -> Callable[[Observation], Answer]:
    """Return the decision whether code of `binary` was generated at link time."""
    return where_requested(
        "link-time optimization",
        lambda settings: settings.lto,
        lambda observation: _generated_at_link_time(observation, binary),
    )


def _generated_at_link_time(observation: Observation, name: str) -> Answer:
    stock, optimized = observation.stock.binaries[name], observation.optimized.binaries[name]
    before = _merged(stock)
    too = (
        f"; stock was linked so, too ({len(before)} such functions): no gain of the overlay" if before else ""
    )
    seen = effective_flags(observation.optimized.log, added_flags(observation.optimized.derivation), LTO)
    requested = seen.calls - seen.counts[None] - seen.counts[_NO_LTO]
    mark = _mark(stock, optimized)
    if mark is None and (requested or not seen.calls):
        mark = _units_mark(stock, optimized)
    if mark is not None:
        # A few units are enough for a mark.
        few = f"; yet only {requested} of {seen.calls} compilations in the build log were asked for -flto"
        return unproven(mark + few) if 2 * requested < seen.calls else proven(mark + too)
    apart = _compiled_apart(stock, optimized)
    if not apart and _objects_hold_no_code(observation, optimized, seen):
        return proven(
            f"all {seen.calls} compilations in the build log were asked for {seen.in_words()}, and their "
            f"objects hold no machine code without link-time optimization{too}"
        )
    if not optimized.has_symbols:
        return unproven("the program is stripped and records no switches; either would show link-time code")
    on_log = f"; {requested} of {seen.calls} compilations in the build log were asked for -flto"
    if _is_llvms(optimized) and optimized.traces.units is None and (requested or not seen.calls):
        return unproven(
            "LLVM leaves no mark of full link-time optimization in a program whose symbols name no files; "
            f"-frecord-command-line would{on_log if seen.calls else ''}"
        )
    if not seen.calls and _names_nothing(optimized):
        return unproven(
            "the symbols of the program name no files, as link-time code and `strip -S` leave them, no log "
            "shows a compilation, and nothing is recorded; -frecord-gcc-switches or a build log would tell"
        )
    lost = "; stock's was" if before else ""
    return refuted(
        f"nothing in the program was generated at link time{apart}{lost}{on_log if seen.calls else ''}"
    )


def _mark(stock: Binary, optimized: Binary) -> str | None:
    """Return the mark that code of no other kind has; `None` without one.

    A name and a record are easily made; where symbols still name every source, nothing was merged.
    """
    if _compiled_apart(stock, optimized):
        return None
    merged = _merged_of(stock, optimized)
    link_time = [line for line in optimized.switches.lines if line.is_link_time]
    if link_time:
        return (
            f"the program records code generation at link time (`{link_time[0].language}`), and "
            f"{len(merged)} functions carry the mark of merged units"
        )
    if merged:
        return f"{len(merged)} functions carry the mark of units merged at link time, as {merged[0]}"
    return _llvm_mark(optimized) if _is_llvms(optimized) else None


def _llvm_mark(optimized: Binary) -> str | None:
    renamed = promoted(optimized.functions)
    if renamed:
        return f"{len(renamed)} functions carry the mark of ThinLTO, as {renamed[0]}"
    if _LLVM_UNIT in (optimized.traces.units or ()):
        return f"the unit that symbols name is {_LLVM_UNIT}, which link-time optimization makes"
    picked = [(LTO.pick(line.switches), FAT_OBJECTS.pick(line.switches)) for line in optimized.switches.lines]
    if picked and all(lto not in {None, _NO_LTO} and fat is None for lto, fat in picked):
        return f"the program records {picked[0][0]} of all its units, whose objects hold no machine code"
    return None


def _units_mark(stock: Binary, optimized: Binary) -> str | None:
    """Return the mark of GCC: symbols that named source files name none any more.

    It is something missing, which has other causes, too: what was compiled before linking is on record.
    """
    before, after = stock.traces.units, optimized.traces.units
    if _is_llvms(optimized) or optimized.switches.lines or not before or after is None or after:
        return None
    return f"no symbol of the program names a source file, where {len(before)} are named in stock"


def _compiled_apart(stock: Binary, optimized: Binary) -> str:
    """Say that GCC compiled each unit by itself, whatever was asked; nothing where that is not seen."""
    before, after = stock.traces.units, optimized.traces.units
    if _is_llvms(optimized) or not before or after is None or not before <= after:
        return ""
    return f"; its symbols name all {len(before)} source files that stock's do"


def _merged(binary: Binary) -> list[str]:
    """Return the static functions that GCC had to rename when it merged units at link time."""
    return sorted(name for name in binary.functions if ".lto_priv." in name)


def _merged_of(stock: Binary, optimized: Binary) -> list[str]:
    """Return the same, of functions that stock has; of all where stock has no names."""
    known = {name.partition(".")[0] for name in stock.functions}
    return [name for name in _merged(optimized) if not stock.has_symbols or name.partition(".")[0] in known]


def _names_nothing(binary: Binary) -> bool:
    """Say whether nothing in the program tells how its units were compiled."""
    return binary.traces.units is None and not binary.switches.lines


def _is_llvms(binary: Binary) -> bool:
    return "clang" in binary.traces.compilers


def _objects_hold_no_code(observation: Observation, optimized: Binary, seen: EffectiveFlags) -> bool:
    """Say whether all objects were without machine code, so that the linker had to have it generated.

    What was compiled to machine code before linking is on record, where anything is.
    """
    log, derivation = observation.optimized.log, observation.optimized.derivation
    fat = effective_flags(log, added_flags(derivation), FAT_OBJECTS)
    compiled = any(not line.is_link_time for line in optimized.switches.lines)
    return (
        seen.calls > 0
        and not seen.counts[None] + seen.counts[_NO_LTO]
        and fat.counts[None] == fat.calls
        and not compiled
        and hidden_changes(observation) is None
    )
