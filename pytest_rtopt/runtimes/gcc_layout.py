"""What link-time and profile-guided optimization by GCC leave in a program's code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.results import EvidenceKind
from pytest_rtopt.runtimes.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.runtimes.common import UNTOUCHED
from pytest_rtopt.runtimes.model import Claim

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_rtopt.evidence.observed import Binary, Observed
    from pytest_rtopt.runtimes.model import Answer

# Without a profile GCC splits off what it takes for cold by itself: error paths, a few functions in a
# hundred. With one it does so for most of what the training did not reach. Measured with GCC 12: 6 and 223 of
# about 1000 functions of Lua 5.4.7; halfway on a scale of factors lies at 6.
_COLD_FACTOR: Final = 6

# What GCC says of each unit that it has no profile for. Training leaves out a few, as that of Lua does luac;
# where it is most of them, the program that was trained is not the one that was built.
_NO_PROFILE: Final = "profile count data file not found"
_MOST_WITHOUT: Final = 0.5


def lto_claim(binary: str, name: str = "lto-used") -> Claim:
    """Return the claim that code of `binary` was generated at link time."""
    by = (EvidenceKind.SWITCHES, EvidenceKind.CENSUS)
    return Claim(name, "code was generated at link time", by, lto_used(binary))


def pgo_claim(binary: str, name: str = "pgo-used") -> Claim:
    """Return the claim that a profile decided about the code of `binary`."""
    by = (EvidenceKind.CENSUS, EvidenceKind.SWITCHES, EvidenceKind.BUILD_LOG)
    return Claim(name, "the code was laid out by the profile of a training run", by, pgo_used(binary))


def lto_used(binary: str) -> Callable[[Observed], Answer]:
    """Return the decision whether code of `binary` was generated at link time."""

    def decide(observed: Observed) -> Answer:
        if not observed.settings.lto:
            return not_applicable("nothing asks for link-time optimization")
        if observed.same_derivation:
            return refuted(UNTOUCHED)
        return _generated_at_link_time(observed, binary)

    return decide


def pgo_used(binary: str) -> Callable[[Observed], Answer]:
    """Return the decision whether the final code of `binary` was laid out by a profile."""

    def decide(observed: Observed) -> Answer:
        if (observed.settings.pgo_level or "NONE") == "NONE":
            return not_applicable("nothing asks for profile-guided optimization")
        if observed.same_derivation:
            return refuted(UNTOUCHED)
        stock, optimized = observed.stock.binaries[binary], observed.optimized.binaries[binary]
        if optimized.profiling_symbols:
            return refuted(
                "the installed program is the instrumented one: it still counts "
                f"({optimized.profiling_symbols[0]})"
            )
        if not (stock.has_symbols and optimized.has_symbols):
            return unproven(
                "the program is stripped, so that the cold parts of its functions cannot be counted"
            )
        return _laid_out(observed, stock, optimized)

    return decide


def _generated_at_link_time(observed: Observed, name: str) -> Answer:
    stock, optimized = observed.stock.binaries[name], observed.optimized.binaries[name]
    merged, before = _merged(optimized), _merged(stock)
    too = (
        f"; stock was linked so, too ({len(before)} such functions): no gain of the overlay" if before else ""
    )
    link_time = [line for line in optimized.switches.lines if line.is_link_time]
    if link_time:
        return proven(
            f"the program records code generation at link time (`{link_time[0].language}`), and "
            f"{len(merged)} functions carry the mark of merged units{too}"
        )
    if merged:
        return proven(
            f"{len(merged)} functions carry the mark of units merged at link time, as {merged[0]}{too}"
        )
    if not optimized.has_symbols:
        return unproven("the program is stripped and records no switches; either would show link-time code")
    lost = "; stock's was" if before else ""
    return refuted(f"nothing in the program was generated at link time{lost}{_log_on_lto(observed)}")


def _merged(binary: Binary) -> list[str]:
    """Return the static functions that GCC had to rename when it merged units at link time."""
    return sorted(name for name in binary.functions if ".lto_priv." in name)


def _laid_out(observed: Observed, stock: Binary, optimized: Binary) -> Answer:
    """Decide by the functions that were split into a hot and a cold part."""
    split = f"{optimized.cold_functions} functions have a cold part, {stock.cold_functions} in stock"
    if optimized.cold_functions < _COLD_FACTOR * max(1, stock.cold_functions):
        return refuted(f"the code was not laid out by a profile: {split}{_log_on_profile(observed)}")
    without = _without_profile(observed)
    if without is not None:
        return refuted(f"{split}, but {without}")
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


def _without_profile(observed: Observed) -> str | None:
    """Say how many units the log has without a profile; `None` where they are half of all or fewer."""
    log = observed.optimized.log
    lost = 0 if log is None else dict(log.warnings).get(_NO_PROFILE, 0)
    if log is None or not lost:
        return None
    # Without printed flags, it is not known which of the calls were to use one.
    units = _compiled_with_profile(observed) or len(log.compilations)
    if lost <= _MOST_WITHOUT * units:
        return None
    return f"no profile was found for {lost} of {units} compilations, which got what the compiler guessed"


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
