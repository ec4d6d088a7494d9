"""The claim that a profile decided about the code, by the marks that each compiler leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import proven, refuted, unproven
from pytest_rtopt.claims.hidden_changes import hidden_changes
from pytest_rtopt.claims.isa import where_requested
from pytest_rtopt.claims.model import Claim
from pytest_rtopt.evidence.census.differential import compare
from pytest_rtopt.evidence.derivation.exported import added_flags
from pytest_rtopt.evidence.log.effective_flags import PROFILE, TRAINING, effective_flags
from pytest_rtopt.evidence.log.warnings import Topic, about
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_rtopt.claims.model import Answer
    from pytest_rtopt.evidence.observation import Binary, Observation

# Without a profile GCC splits off what it guesses to be cold, such as error paths: a few functions in a
# hundred. With one it splits off most of what the training did not reach. Measured with GCC 12 on Lua,
# QuickJS, MuJS and zstd (benchmarks/cold_parts.py): without a profile, other flags make up to 3.5 times as
# many cold parts as stock has. A profile makes at least 5.9 times as many. This is the geometric mean.
COLD_FACTOR: Final = 4.5
# A profile of only some files makes at least 1.7 times as many.
_AS_STOCK: Final = 1.2
_NO_PROFILE: Final = "-fno-profile-use"
_WOULD_SHOW: Final = "-frecord-gcc-switches or NIX_DEBUG=1 would show it"

# GCC's warning for each unit without a profile. A few untrained units are normal (luac); if most lack a
# profile, the wrong program was trained.
_NOT_FOUND: Final = "profile count data file not found"
_MOST_WITHOUT: Final = 0.5


def pgo_claim(binary: str, name: str = "pgo-used") -> Claim:
    """Return the claim that a profile decided about the code of `binary`."""
    by = (EvidenceKind.CENSUS, EvidenceKind.SWITCHES, EvidenceKind.BUILD_LOG)
    return Claim(name, "the code was laid out by the profile of a training run", by, pgo_used(binary))


def pgo_used(binary: str) -> Callable[[Observation], Answer]:
    """Return the decision whether the installed code of `binary` was compiled with a profile."""

    def decide(observation: Observation) -> Answer:
        stock, optimized = observation.stock.binaries[binary], observation.optimized.binaries[binary]
        counting = (*optimized.profiling_symbols, *optimized.traces.counters)
        if counting:
            return refuted(f"the installed program is the instrumented one: it still counts ({counting[0]})")
        if "clang" in optimized.traces.compilers:
            return _made_by_llvm(observation, stock, optimized)
        for side, program in (("optimized", optimized), ("stock", stock)):
            if not program.has_symbols:
                return unproven(
                    f"the {side} program is stripped, so the cold parts of its functions cannot be counted; "
                    "build with `dontStrip = true` and link without -s"
                )
        return _laid_out(observation, stock, optimized)

    return where_requested("profile-guided optimization", lambda settings: settings.pgo_requested, decide)


def _laid_out(observation: Observation, stock: Binary, optimized: Binary) -> Answer:
    """Decide on GCC's code by the functions that were split into a hot and a cold part."""
    split = f"{optimized.cold_functions} functions have a cold part, {stock.cold_functions} in stock"
    recorded, compiled = _recorded(optimized), _compiled_with_profile(observation)
    records = "the program" if recorded else "the log"
    without = _without_profile(observation)
    if optimized.cold_functions < COLD_FACTOR * max(1, stock.cold_functions):
        shown = f"{split}{_log_on_profile(observation)}"
        if without is None and (recorded or compiled):
            return unproven(
                f"{records} records -fprofile-use, but too few functions were split: {shown}; files compiled "
                "without the profile, or flags such as -Os, have this effect"
            )
        if without is not None or _shows_no_profile(observation, stock, optimized):
            return refuted(f"the code was not laid out by a profile: {shown}")
        return unproven(
            "neither the program nor the log records -fprofile-use, and too few functions were split to show "
            f"a profile: {shown}; {_WOULD_SHOW}"
        )
    if without is not None:
        return refuted(f"{split}, but {without}")
    if recorded is None and not compiled:
        return unproven(f"{split}, but neither the program nor the log records -fprofile-use; {_WOULD_SHOW}")
    return proven(f"{split}; no counter is left; {records} records -fprofile-use")


def _shows_no_profile(observation: Observation, stock: Binary, optimized: Binary) -> bool:
    """Say whether there is evidence that no file was compiled with a profile, where none was seen to be."""
    log = observation.optimized.log
    calls = 0 if log is None else len(log.compilations)
    if log is not None and calls > log.mixed and not log.quiet and hidden_changes(observation) is None:
        return True
    if any(not line.is_link_time for line in optimized.switches.lines):
        return True
    # Any profile makes more cold parts, unless the compiler was told to split nothing.
    return 0 < optimized.cold_functions <= _AS_STOCK * stock.cold_functions


def _made_by_llvm(observation: Observation, stock: Binary, optimized: Binary) -> Answer:
    """Decide on LLVM's code, in which a profile leaves no mark, by records and by the change of the code."""
    if compare(stock.census, optimized.census).same_code:
        return refuted("the machine code is the same as stock's, instruction for instruction")
    recorded, log = _recorded(optimized), observation.optimized.log
    used = _compiled_with_profile(observation)
    if recorded is None and not used:
        shown = log is not None and len(log.compilations) > log.mixed and hidden_changes(observation) is None
        if shown:
            return refuted(f"no compilation used a profile{_log_on_profile(observation)}")
        return unproven(
            "LLVM leaves no mark of a profile in the code; -frecord-command-line, or building here with "
            "NIX_DEBUG=1 in `env`, would show -fprofile-use"
        )
    warned = () if log is None else about(log.warnings, Topic.PROFILE)
    if used and sum(count for _, count in warned) >= used:
        return refuted(f"the profile fits nothing that was compiled{_log_on_profile(observation)}")
    where = (
        f"the program records {recorded}" if recorded else f"{used} compilations in the log used a profile"
    )
    return proven(f"{where}; the code is not stock's; no counter is left{_warned(warned)}")


def _recorded(binary: Binary) -> str | None:
    picked = [PROFILE.pick(line.options) for line in binary.switches.lines]
    return next((flag for flag in picked if flag not in {None, _NO_PROFILE}), None)


def _without_profile(observation: Observation) -> str | None:
    """Say how many units the log shows without a profile; `None` if that is at most half of them."""
    log = observation.optimized.log
    lost = 0 if log is None else dict(log.warnings).get(_NOT_FOUND, 0)
    if log is None or not lost:
        return None
    # Without printed flags, the calls that were to use a profile are unknown.
    units = _compiled_with_profile(observation) or len(log.compilations)
    if lost <= _MOST_WITHOUT * units:
        return None
    return f"no profile was found for {lost} of {units} compilations, so the compiler guessed their layout"


def _compiled_with_profile(observation: Observation) -> int:
    seen = effective_flags(observation.optimized.log, added_flags(observation.optimized.derivation), PROFILE)
    return seen.calls - seen.counts[None] - seen.counts[_NO_PROFILE]


def _log_on_profile(observation: Observation) -> str:
    log = observation.optimized.log
    if log is None:
        return "; there is no build log"
    seen = effective_flags(log, added_flags(observation.optimized.derivation), TRAINING)
    pgo_requested = seen.calls - seen.counts[None]
    return (
        f"; the log has {pgo_requested} instrumented compilations and {_compiled_with_profile(observation)} "
        f"that use a profile{log.hidden}{_warned(log.warnings)}"
    )


def _warned(warnings: tuple[tuple[str, int], ...]) -> str:
    return "".join(f"; the compiler said {text!r} {count} times" for text, count in warnings)
