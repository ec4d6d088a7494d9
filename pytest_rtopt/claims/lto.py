"""The claim that code was generated at link time, decided by the marks that compilers leave."""

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

# LLVM's full link-time optimization makes one unit, to which LLD and gold's plugin give this name.
_LLVM_UNIT: Final = "ld-temp.o"
_NO_LTO: Final = "-fno-lto"


def lto_claim(binary: str, name: str = "lto-used") -> Claim:
    """Return the claim that code of `binary` was generated at link time."""
    by = (EvidenceKind.SWITCHES, EvidenceKind.CENSUS, EvidenceKind.FILE, EvidenceKind.BUILD_LOG)
    return Claim(name, "code was generated at link time", by, lto_used(binary))


def lto_used(binary: str) -> Callable[[Observation], Answer]:
    """Return a function that decides whether code of `binary` was generated at link time."""
    return where_requested(
        "link-time optimization",
        lambda settings: settings.lto,
        lambda observation: _generated_at_link_time(observation, binary),
    )


def _generated_at_link_time(observation: Observation, name: str) -> Answer:
    stock, optimized = observation.stock.binaries[name], observation.optimized.binaries[name]
    before = _merged(stock)
    too = (
        f"; stock uses link-time optimization, too ({len(before)} such functions), so this is no gain of the "
        "overlay"
        if before
        else ""
    )
    flags = effective_flags(observation.optimized.log, added_flags(observation.optimized.derivation), LTO)
    requested = flags.calls - flags.counts[None] - flags.counts[_NO_LTO]
    mark = _mark(stock, optimized)
    if mark is None and (requested or not flags.calls):
        mark = _units_mark(stock, optimized)
    if mark is not None:
        # A few units suffice for a mark.
        few = f"; but only {requested} of {flags.calls} compilations in the build log got -flto"
        return unproven(mark + few) if 2 * requested < flags.calls else proven(mark + too)
    apart = _compiled_apart(stock, optimized)
    if not apart and _objects_hold_no_code(observation, optimized, flags):
        return proven(
            f"all {flags.calls} compilations in the build log got {flags.in_words()}, and their objects hold "
            f"no machine code without link-time optimization{too}"
        )
    if not optimized.has_symbols:
        return unproven(
            "the program is stripped and records no switches; symbols or switches would show link-time code"
        )
    on_log = f"; {requested} of {flags.calls} compilations in the build log got -flto"
    if _is_llvms(optimized) and optimized.traces.units is None and (requested or not flags.calls):
        return unproven(
            "LLVM leaves no mark of full link-time optimization in a program whose symbols name no files; "
            f"-frecord-command-line would leave one{on_log if flags.calls else ''}"
        )
    if not flags.calls and _names_nothing(optimized):
        return unproven(
            "the symbols of the program name no files, which link-time code and `strip -S` cause, no log "
            "shows a compilation, and nothing is recorded; -frecord-gcc-switches or a build log would decide"
        )
    lost = "; stock's was" if before else ""
    return refuted(
        f"nothing in the program was generated at link time{apart}{lost}{on_log if flags.calls else ''}"
    )


def _mark(stock: Binary, optimized: Binary) -> str | None:
    """Return a description of a mark that only link-time code has; `None` without one.

    Names and records can be forged. If symbols still name every source file, nothing was merged.
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
        return f"{len(merged)} functions carry the mark of units merged at link time, such as {merged[0]}"
    return _llvm_mark(optimized) if _is_llvms(optimized) else None


def _llvm_mark(optimized: Binary) -> str | None:
    renamed = promoted(optimized.functions)
    if renamed:
        return f"{len(renamed)} functions carry the mark of ThinLTO, such as {renamed[0]}"
    if _LLVM_UNIT in (optimized.traces.units or ()):
        return f"symbols name the unit {_LLVM_UNIT}, which link-time optimization makes"
    picked = [(LTO.pick(line.options), FAT_OBJECTS.pick(line.options)) for line in optimized.switches.lines]
    if picked and all(lto not in {None, _NO_LTO} and fat is None for lto, fat in picked):
        return f"the program records {picked[0][0]} for all its units, whose objects hold no machine code"
    return None


def _units_mark(stock: Binary, optimized: Binary) -> str | None:
    """Return a description of GCC's mark: symbols name source files in stock, but none in optimized.

    The names may be missing for other reasons, too. So the mark does not count if the program records
    compilations.
    """
    before, after = stock.traces.units, optimized.traces.units
    if _is_llvms(optimized) or optimized.switches.lines or not before or after is None or after:
        return None
    return f"no symbol of the program names a source file, but stock's symbols name {len(before)}"


def _compiled_apart(stock: Binary, optimized: Binary) -> str:
    """Return a sentence suffix if GCC compiled each unit by itself; empty if there is no sign of that."""
    before, after = stock.traces.units, optimized.traces.units
    if _is_llvms(optimized) or not before or after is None or not before <= after:
        return ""
    return f"; its symbols name all {len(before)} source files that stock's symbols name"


def _merged(binary: Binary) -> list[str]:
    """Return the static functions that GCC renamed when it merged units at link time."""
    return sorted(name for name in binary.functions if ".lto_priv." in name)


def _merged_of(stock: Binary, optimized: Binary) -> list[str]:
    """Return the merged functions of optimized that stock has, too; all of them if stock has no names."""
    in_stock = {name.partition(".")[0] for name in stock.functions}
    merged = _merged(optimized)
    return [name for name in merged if not stock.has_symbols or name.partition(".")[0] in in_stock]


def _names_nothing(binary: Binary) -> bool:
    """Return whether nothing in the program shows how its units were compiled."""
    return binary.traces.units is None and not binary.switches.lines


def _is_llvms(binary: Binary) -> bool:
    return "clang" in binary.traces.compilers


def _objects_hold_no_code(observation: Observation, optimized: Binary, flags: EffectiveFlags) -> bool:
    """Return whether no object had machine code, so that the code was generated at link time.

    If the program records compilations before the link step, the objects had machine code.
    """
    log, derivation = observation.optimized.log, observation.optimized.derivation
    fat = effective_flags(log, added_flags(derivation), FAT_OBJECTS)
    compiled = any(not line.is_link_time for line in optimized.switches.lines)
    return (
        flags.calls > 0
        and not flags.counts[None] + flags.counts[_NO_LTO]
        and fat.counts[None] == fat.calls
        and not compiled
        and hidden_changes(observation) is None
    )
