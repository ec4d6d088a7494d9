"""Claims about flags that leave no instruction of their own: `-O`, `-mtune`, `-fno-semantic-interposition`.

The census cannot show them, because code may differ for other reasons. The build log can, and so can the
command lines that the compiler records in the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.hidden_changes import hidden_changes, rewritten
from pytest_rtopt.claims.isa import UNTOUCHED
from pytest_rtopt.claims.model import SAME_DERIVATION, Claim
from pytest_rtopt.evidence.census.differential import same_code
from pytest_rtopt.evidence.derivation.exported import added_flags, misplaced
from pytest_rtopt.evidence.flags.command_line import read_command_line
from pytest_rtopt.evidence.log.effective_flags import (
    INTERPOSITION,
    INTERPOSITION_GCC_12,
    INTERPOSITION_UNKNOWN,
    LEVEL,
    OFAST,
    TUNING,
    effective_flags,
)
from pytest_rtopt.results.values import EvidenceKind, FindingStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pytest_rtopt.claims.model import Answer
    from pytest_rtopt.evidence.log.effective_flags import EffectiveFlags, Option
    from pytest_rtopt.evidence.observation import Observation, Side

_WOULD_SHOW: Final = "-frecord-gcc-switches, or building here with NIX_DEBUG=1 in `env`, would show it"
_UNTUNED: Final = "-mtune=generic"
# The first version whose -Ofast brings it.
_GCC_12: Final = 12
_NO_INTERPOSITION: Final = "-fno-semantic-interposition"


@dataclass(frozen=True)
class _Wanted:
    """A requested flag, and the option that it sets. The last flag of an option wins."""

    flag: str
    option: Option


def optimization_level(observation: Observation) -> Answer:
    """Decide whether the requested `-O` wins in every compilation."""
    level = (
        observation.profile.optimization_level
        if observation.requested is None
        else observation.requested.optimization
    )
    if level is None:
        return not_applicable("nothing asks for an optimization level")
    return _decide(observation, _Wanted(f"-O{level}", LEVEL))


def tuning(observation: Observation) -> Answer:
    """Decide whether the code was scheduled for the requested processor."""
    mtune = observation.profile.mtune if observation.requested is None else observation.requested.mtune
    if mtune is None:
        return not_applicable("nothing asks for tuning")
    wanted = _Wanted(f"-mtune={mtune}", TUNING)
    if wanted.flag != _UNTUNED:
        return _decide(observation, wanted)
    seen = _effective_flags(observation.optimized, TUNING)
    others = [flag for flag in seen.counts if flag not in {_UNTUNED, None}]
    if others:
        return refuted(f"{_UNTUNED} was requested, and the compilations have {seen.in_words()}")
    return not_applicable("-mtune=generic is the compiler's default, so stock has it as well")


def no_semantic_interposition(observation: Observation) -> Answer:
    """Decide whether the functions of a shared library call each other directly."""
    if observation.same_derivation:
        return not_applicable(SAME_DERIVATION)
    wanted = _Wanted(_NO_INTERPOSITION, _interposition(observation.optimized))
    requested = observation.requested is not None and observation.requested.no_interposition
    stock = _effective_flags(observation.stock, _interposition(observation.stock))
    seen = _effective_flags(observation.optimized, wanted.option)
    # Without stock's log, its flags are unknown, so it is unknown whether the overlay removed one.
    if not (requested or stock.counts[wanted.flag] or seen.counts[wanted.flag]):
        return not_applicable(f"neither stock nor the overlay requests {wanted.flag}")
    if seen.counts[OFAST]:
        return unproven(
            f"{OFAST} takes effect in {seen.counts[OFAST]} of {seen.calls} compilations in the build log and "
            f"brings {wanted.flag} with GCC 12 or later; which one compiled cannot be told from the program"
        )
    return _decide(observation, wanted)


def interposition_by(gcc_versions: Collection[int]) -> Option:
    """Return how GCC of these major versions reads `-Ofast`, if all of them read it alike.

    For no version, or for versions that differ, the option picks `-Ofast` itself where that decides.
    """
    if gcc_versions and min(gcc_versions) >= _GCC_12:
        return INTERPOSITION_GCC_12
    return INTERPOSITION if gcc_versions and max(gcc_versions) < _GCC_12 else INTERPOSITION_UNKNOWN


def _interposition(side: Side) -> Option:
    """Return how the compiler of this side reads `-Ofast`."""
    traces = [binary.traces for binary in side.code.values()]
    if any("clang" in trace.compilers for trace in traces):
        return INTERPOSITION
    return interposition_by(frozenset[int]().union(*(trace.gcc_versions for trace in traces)))


def _decide(observation: Observation, wanted: _Wanted) -> Answer:
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    seen = _effective_flags(observation.optimized, wanted.option)
    answer = _by_calls(observation, wanted, seen) if seen.calls else _without_calls(observation, wanted)
    if (
        answer.status is FindingStatus.PROVEN
        and _code_is_unchanged(observation)
        and not _stock_has(observation, wanted)
    ):
        # A line of a log and a section of a file can be forged.
        return unproven(
            f"{answer.evidence}, but the code is stock's, instruction for instruction: stock has the flag, "
            "too, or the flag changes nothing here, or another command line compiled the code"
        )
    return answer


def _by_calls(observation: Observation, wanted: _Wanted, seen: EffectiveFlags) -> Answer:
    """Decide by the compilations in the build log."""
    side, flag = observation.optimized, wanted.flag
    reached = seen.counts[flag]
    wins = f"{flag} wins in {reached} of {seen.calls} compilations in the build log"
    recorded = _recorded(side, wanted.option)
    doubt = hidden_changes(observation)
    if reached == seen.calls and (
        doubt is None or (_is_on_command_lines(side, wanted) and rewritten(observation) is None)
    ):
        noted = f"; the program records it ({flag})" if recorded == {flag} else ""
        return proven(f"{wins}{noted}{_in_stock(observation, wanted)}")
    # Only units that were compiled with -frecord-gcc-switches record their flags, so the log counts for more.
    if recorded == {flag} and (doubt is not None or seen.elsewhere >= seen.calls - reached):
        return proven(f"the program records {flag} for all its units{_in_stock(observation, wanted)}")
    if doubt is not None:
        return unproven(f"{wins}, but {doubt}; {_WOULD_SHOW}")
    if seen.elsewhere >= seen.calls - reached:
        return unproven(f"{wins}; the others read flags from response files, which the log does not show")
    others = f"{wins}; there are {seen.in_words()}{_misplaced_places(side, flag)}"
    # A package may compile a few files in another way for a reason. Their share of the work is unknown.
    if 2 * reached < seen.calls and not (
        side.log is not None and side.log.may_be_mixed(seen.calls - reached)
    ):
        return refuted(others)
    return unproven(others)


def _without_calls(observation: Observation, wanted: _Wanted) -> Answer:
    """Decide by the program's own record, if the log shows no compilation."""
    side, flag = observation.optimized, wanted.flag
    recorded = _recorded(side, wanted.option)
    missing = (
        "there is no build log"
        if side.log is None
        else f"the build log shows no compilation{side.log.hidden}"
    )
    if recorded == {flag}:
        in_stock = _in_stock(observation, wanted)
        return proven(f"the program records {flag} for all its units; {missing}{in_stock}")
    if recorded:
        return refuted(f"the program records {', '.join(sorted(recorded))}, where {flag} was requested")
    exported = wanted.option.pick(read_command_line(added_flags(side.derivation).after).compiling)
    if exported not in {flag, None}:
        return refuted(f"the derivation exports {exported}, where {flag} was requested; {missing}")
    return unproven(f"{missing}, and the program does not record {flag}; {_WOULD_SHOW}")


def _effective_flags(side: Side, option: Option) -> EffectiveFlags:
    return effective_flags(side.log, added_flags(side.derivation), option)


def _recorded(side: Side, option: Option) -> set[str]:
    """Return the flags that won in the units of the programs, as far as recorded, without the link step."""
    lines = [line for binary in side.binaries.values() for line in binary.switches.lines]
    picked = [option.pick(line.options) for line in lines if not line.is_link_time]
    return {flag for flag in picked if flag is not None}


def _is_on_command_lines(side: Side, wanted: _Wanted) -> bool:
    """Return whether the flag wins by the command lines alone, without what the derivation exports."""
    log = side.log
    return log is not None and all(
        wanted.option.pick(call.options) == wanted.flag for call in log.compilations
    )


def _code_is_unchanged(observation: Observation) -> bool:
    stock, optimized = observation.stock.code, observation.optimized.code
    common = stock.keys() & optimized.keys()
    return bool(common) and all(same_code(stock[name].census, optimized[name].census) for name in common)


def _stock_has(observation: Observation, wanted: _Wanted) -> bool:
    seen = _effective_flags(observation.stock, wanted.option)
    return seen.calls > 0 and seen.counts[wanted.flag] == seen.calls


def _in_stock(observation: Observation, wanted: _Wanted) -> str:
    seen = _effective_flags(observation.stock, wanted.option)
    if _stock_has(observation, wanted):
        return f"; stock has {wanted.flag} as well, so this is no gain of the overlay"
    return f"; stock: {seen.in_words()}" if seen.calls else ""


def _misplaced_places(side: Side, flag: str) -> str:
    found = misplaced(side.derivation, flag)
    return "".join(f"; {place.flag} stands in {place.attribute}, which {place.reason}" for place in found)


def _claim(name: str, promise: str, decide: Callable[[Observation], Answer]) -> Claim:
    return Claim(name, promise, (EvidenceKind.BUILD_LOG, EvidenceKind.SWITCHES), decide)


OPTIMIZATION_LEVEL: Final = _claim(
    "optimization-level",
    "the requested optimization level wins in every compilation",
    optimization_level,
)
TUNING_CLAIM: Final = _claim("tuning", "the code is scheduled for the requested processor", tuning)
NO_INTERPOSITION: Final = _claim(
    "no-semantic-interposition",
    "functions of the shared library call each other directly",
    no_semantic_interposition,
)
