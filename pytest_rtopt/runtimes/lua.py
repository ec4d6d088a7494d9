"""Lua 5.4: small enough that every stage, profile-guided optimization included, takes seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.bench.workload import Workload
from pytest_rtopt.results import EvidenceKind
from pytest_rtopt.runtimes.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.runtimes.c_flags import flags_reach_compiler
from pytest_rtopt.runtimes.common import ENV_KEPT, ISA_LEVEL, ISA_RUNS_HERE, UNTOUCHED
from pytest_rtopt.runtimes.model import Answer, Claim, Runtime

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observed import Binary, Observed

# Without a profile GCC splits off what it takes for cold by itself: error paths, a few functions in a
# hundred. With one it does so for most of what the training did not reach. Measured on Lua 5.4.7 with GCC 12:
# 6 and 223 of about 1000 functions; halfway on a scale of factors lies at 6.
_COLD_FACTOR: Final = 6
_BINARY: Final = "lua"


def lto_used(observed: Observed) -> Answer:
    """Decide whether code was generated at link time."""
    if not observed.settings.lto:
        return not_applicable("nothing asks for link-time optimization")
    if observed.same_derivation:
        return refuted(UNTOUCHED)
    stock, optimized = observed.stock.binaries[_BINARY], observed.optimized.binaries[_BINARY]
    # GCC gives this suffix to static symbols that it had to rename when it merged units at link time.
    merged = sorted(name for name in optimized.functions - stock.functions if ".lto_priv." in name)
    link_time = [line for line in optimized.switches.lines if line.is_link_time]
    if link_time:
        return proven(
            f"the program records code generation at link time (`{link_time[0].language} … -fltrans`), and "
            f"{len(merged)} functions carry the mark of merged units"
        )
    if merged:
        return proven(f"{len(merged)} functions carry the mark of units merged at link time, as {merged[0]}")
    if not optimized.has_symbols:
        return unproven("the program is stripped and records no switches; either would show link-time code")
    return refuted(f"nothing in the program was generated at link time{_log_on_lto(observed)}")


def pgo_used(observed: Observed) -> Answer:
    """Decide whether the final code was laid out by a profile."""
    level = observed.settings.pgo_level or "NONE"
    if level == "NONE":
        return not_applicable("nothing asks for profile-guided optimization")
    if observed.same_derivation:
        return refuted(UNTOUCHED)
    stock, optimized = observed.stock.binaries[_BINARY], observed.optimized.binaries[_BINARY]
    if optimized.profiling_symbols:
        return refuted(
            "the installed program is the instrumented one: it still counts "
            f"({optimized.profiling_symbols[0]})"
        )
    if not (stock.has_symbols and optimized.has_symbols):
        return unproven("the program is stripped, so that the cold parts of its functions cannot be counted")
    return _laid_out(observed, stock, optimized)


def _laid_out(observed: Observed, stock: Binary, optimized: Binary) -> Answer:
    """Decide by the functions that were split into a hot and a cold part."""
    split = f"{optimized.cold_functions} functions have a cold part, {stock.cold_functions} in stock"
    if optimized.cold_functions < _COLD_FACTOR * max(1, stock.cold_functions):
        return refuted(f"the code was not laid out by a profile: {split}{_log_on_profile(observed)}")
    recorded = any(
        switch.startswith("-fprofile-use") for line in optimized.switches.lines for switch in line.switches
    )
    if not recorded and not _compiled_with_profile(observed):
        return unproven(
            f"{split}, but neither the program nor the log records -fprofile-use; "
            "-frecord-gcc-switches or NIX_DEBUG=1 would show it"
        )
    return proven(
        f"{split}; no counter is left; {'the program' if recorded else 'the log'} records -fprofile-use"
    )


def _log_on_lto(observed: Observed) -> str:
    log = observed.optimized.log
    if log is None or not log.is_complete:
        return ""
    asked = [call.last("-flto") or call.last("-fno-lto") for call in log.compilations]
    count = sum(flag is not None and flag.startswith("-flto") for flag in asked)
    return f"; {count} of {len(asked)} compilations in the build log were asked for -flto"


def _compiled_with_profile(observed: Observed) -> int:
    log = observed.optimized.log
    return 0 if log is None else sum(call.last("-fprofile-use") is not None for call in log.compilations)


def _log_on_profile(observed: Observed) -> str:
    log = observed.optimized.log
    if log is None:
        return "; there is no build log"
    trained = sum(call.last("-fprofile-generate") is not None for call in log.compilations)
    warned = "".join(f"; the compiler said {text!r} {count} times" for text, count in log.warnings)
    return (
        f"; the log has {trained} instrumented compilations and {_compiled_with_profile(observed)} "
        f"that use a profile{warned}"
    )


LUA: Final = Runtime(
    name="lua",
    attrs=("lua5_4",),
    profile_attr="lua5_4",
    overlay="lua-hardware-optimized.nix",
    binaries={_BINARY: ("bin/lua",)},
    claims=(
        Claim(
            "flags-reach-compiler",
            "the flags are in the environment that the compiler sees, and in its calls",
            (EvidenceKind.DERIVATION, EvidenceKind.BUILD_LOG, EvidenceKind.SWITCHES),
            flags_reach_compiler,
        ),
        ENV_KEPT,
        ISA_LEVEL,
        ISA_RUNS_HERE,
        Claim(
            "lto-used",
            "code was generated at link time",
            (EvidenceKind.SWITCHES, EvidenceKind.CENSUS),
            lto_used,
        ),
        Claim(
            "pgo-used",
            "the code was laid out by the profile of a training run",
            (EvidenceKind.CENSUS, EvidenceKind.SWITCHES, EvidenceKind.BUILD_LOG),
            pgo_used,
        ),
    ),
    workloads=(
        Workload("lua/tables", ("{out}/bin/lua", "{workloads}/lua/tables.lua")),
        Workload("lua/strings", ("{out}/bin/lua", "{workloads}/lua/strings.lua")),
        Workload("lua/closures", ("{out}/bin/lua", "{workloads}/lua/closures.lua")),
    ),
    sources=("lua-5.4.7",),
    build_seconds=40.0,
)
