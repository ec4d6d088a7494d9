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

# Without a profile GCC splits off what it takes for cold by itself: error paths, a few functions in a
# hundred. With one it does so for most of what the training did not reach. Measured with GCC 12: 6 and 223 of
# about 1000 functions of Lua 5.4.7; halfway on a scale of factors lies at 6.
COLD_FACTOR: Final = 6
_NO_PROFILE: Final = "-fno-profile-use"

# GCC's warning for each unit without a profile. A few untrained units are normal (luac); if most lack a
# profile, the wrong program was trained.
_NOT_FOUND: Final = "profile count data file not found"
_MOST_WITHOUT: Final = 0.5


def pgo_claim(binary: str, name: str = "pgo-used") -> Claim:
    """Return the claim that a profile decided about the code of `binary`."""
    by = (EvidenceKind.CENSUS, EvidenceKind.SWITCHES, EvidenceKind.BUILD_LOG)
    return Claim(name, "the code was laid out by the profile of a training run", by, pgo_used(binary))


def pgo_used(binary: str) -> Callable[[Observation], Answer]:
    """Return the decision whether the final code of `binary` was made with a profile."""

    def decide(observation: Observation) -> Answer:
        stock, optimized = observation.stock.binaries[binary], observation.optimized.binaries[binary]
        counting = (*optimized.profiling_symbols, *optimized.traces.counters)
        if counting:
            return refuted(f"the installed program is the instrumented one: it still counts ({counting[0]})")
        if "clang" in optimized.traces.compilers:
            return _made_by_llvm(observation, stock, optimized)
        if not (stock.has_symbols and optimized.has_symbols):
            return unproven(
                "the program is stripped, so that the cold parts of its functions cannot be counted"
            )
        return _laid_out(observation, stock, optimized)

    return where_requested("profile-guided optimization", lambda settings: settings.pgo_requested, decide)


def _laid_out(observation: Observation, stock: Binary, optimized: Binary) -> Answer:
    """Decide on GCC's code by the functions that were split into a hot and a cold part."""
    split = f"{optimized.cold_functions} functions have a cold part, {stock.cold_functions} in stock"
    if optimized.cold_functions < COLD_FACTOR * max(1, stock.cold_functions):
        return refuted(f"the code was not laid out by a profile: {split}{_log_on_profile(observation)}")
    without = _without_profile(observation)
    if without is not None:
        return refuted(f"{split}, but {without}")
    recorded = _recorded(optimized)
    if recorded is None and not _compiled_with_profile(observation):
        return unproven(
            f"{split}, but neither the program nor the log records -fprofile-use; "
            "-frecord-gcc-switches or NIX_DEBUG=1 would show it"
        )
    return proven(
        f"{split}; no counter is left; {'the program' if recorded else 'the log'} records -fprofile-use"
    )


def _made_by_llvm(observation: Observation, stock: Binary, optimized: Binary) -> Answer:
    """Decide on LLVM's code, which is laid out anew without a mark: by records, and by the change itself."""
    if compare(stock.census, optimized.census).same_code:
        return refuted("the machine code is the same as stock's, instruction for instruction")
    recorded, log = _recorded(optimized), observation.optimized.log
    used = _compiled_with_profile(observation)
    if recorded is None and not used:
        shown = log is not None and bool(log.compilations) and hidden_changes(observation) is None
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
    """Say how many units the log has without a profile; `None` where they are half of all or fewer."""
    log = observation.optimized.log
    lost = 0 if log is None else dict(log.warnings).get(_NOT_FOUND, 0)
    if log is None or not lost:
        return None
    # Without printed flags, it is not known which of the calls were to use one.
    units = _compiled_with_profile(observation) or len(log.compilations)
    if lost <= _MOST_WITHOUT * units:
        return None
    return f"no profile was found for {lost} of {units} compilations, which got what the compiler guessed"


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
