"""Claims on flags that leave no instruction of their own: `-O`, `-mtune`, `-fno-semantic-interposition`.

The census cannot tell them: other code may have other reasons. What can is a record of command lines: the
build log, where in each compilation the flag wins, or the compiler's own record in the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.hidden_changes import hidden_changes, rewritten
from pytest_rtopt.claims.isa import UNTOUCHED
from pytest_rtopt.claims.model import Claim
from pytest_rtopt.evidence.census.differential import same_code
from pytest_rtopt.evidence.derivation.exported import added_flags, misplaced
from pytest_rtopt.evidence.log.effective_flags import INTERPOSITION, LEVEL, TUNING, effective_flags
from pytest_rtopt.results.values import EvidenceKind, FindingStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_rtopt.claims.model import Answer
    from pytest_rtopt.evidence.log.effective_flags import EffectiveFlags, Option
    from pytest_rtopt.evidence.observation import Observation, Side

_WOULD_SHOW: Final = "-frecord-gcc-switches, or building here with NIX_DEBUG=1 in `env`, would show it"
_UNTUNED: Final = "-mtune=generic"
_NO_INTERPOSITION: Final = "-fno-semantic-interposition"


@dataclass(frozen=True)
class _Wanted:
    """A flag that has to win, and the group in which it has to."""

    flag: str
    option: Option


def optimization_level(observation: Observation) -> Answer:
    """Decide whether the `-O` that was asked for is the one that counts in every compilation."""
    level = (
        observation.profile.optimization_level
        if observation.requested is None
        else observation.requested.optimization
    )
    if level is None:
        return not_applicable("nothing asks for an optimization level")
    return _decide(observation, _Wanted(f"-O{level}", LEVEL))


def tuning(observation: Observation) -> Answer:
    """Decide whether the code was scheduled for the processor that was asked for."""
    mtune = observation.profile.mtune if observation.requested is None else observation.requested.mtune
    if mtune is None:
        return not_applicable("nothing asks for tuning")
    wanted = _Wanted(f"-mtune={mtune}", TUNING)
    if wanted.flag != _UNTUNED:
        return _decide(observation, wanted)
    seen = _effective_flags(observation.optimized, TUNING)
    others = [flag for flag in seen.counts if flag not in {_UNTUNED, None}]
    if others:
        return refuted(f"{_UNTUNED} was asked for, and the compilations have {seen.in_words()}")
    return not_applicable("compilers tune for no processor in particular unless told to: stock's code, too")


def no_semantic_interposition(observation: Observation) -> Answer:
    """Decide whether calls between the functions of a shared library go to them directly."""
    if observation.same_derivation:
        return not_applicable("the derivation is stock's own")
    wanted = _Wanted(_NO_INTERPOSITION, INTERPOSITION)
    requested = observation.requested is not None and observation.requested.no_interposition
    stock = _effective_flags(observation.stock, INTERPOSITION)
    if requested or stock.counts[wanted.flag]:
        return _decide(observation, wanted)
    # What stock has is not known without its log; it need not be lost.
    seen = _effective_flags(observation.optimized, INTERPOSITION)
    if seen.counts[wanted.flag]:
        return _decide(observation, wanted)
    return not_applicable(f"neither stock nor the overlay asks for {wanted.flag}")


def _decide(observation: Observation, wanted: _Wanted) -> Answer:
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    seen = _effective_flags(observation.optimized, wanted.option)
    answer = _by_calls(observation, wanted, seen) if seen.calls else _without_calls(observation, wanted)
    if (
        answer.status is FindingStatus.PROVEN
        and _is_stocks_code(observation)
        and not _is_stocks(observation, wanted)
    ):
        # Anybody can write a line into a log, or a section into a file.
        return unproven(
            f"{answer.evidence}; yet the code is stock's, instruction for instruction: stock has the flag, "
            "it changes nothing here, or what is shown did not make it"
        )
    return answer


def _by_calls(observation: Observation, wanted: _Wanted, seen: EffectiveFlags) -> Answer:
    """Decide by the compilations that the build log shows."""
    side, flag = observation.optimized, wanted.flag
    reached = seen.counts[flag]
    said = f"{flag} wins in {reached} of {seen.calls} compilations in the build log"
    recorded = _recorded(side, wanted.option)
    doubt = hidden_changes(observation)
    if reached == seen.calls and (
        doubt is None or (_is_on_command_lines(side, wanted) and rewritten(observation) is None)
    ):
        noted = f"; the program records it ({flag})" if recorded == {flag} else ""
        return proven(f"{said}{noted}{_in_stock(observation, wanted)}")
    # Only units that were told to do so record their flags: against what the log shows they are no proof.
    if recorded == {flag} and (doubt is not None or seen.elsewhere >= seen.calls - reached):
        return proven(f"the program records {flag} of all its units{_in_stock(observation, wanted)}")
    if doubt is not None:
        return unproven(f"{said}, but {doubt}; {_WOULD_SHOW}")
    if seen.elsewhere >= seen.calls - reached:
        return unproven(f"{said}; the others take flags from response files, which no log shows")
    others = f"{said}; there are {seen.in_words()}{_in_vain(side, flag)}"
    # A package may have its reasons for a few files; which part of the work they do is not known here.
    return refuted(others) if 2 * reached < seen.calls else unproven(others)


def _without_calls(observation: Observation, wanted: _Wanted) -> Answer:
    """Decide where no log shows a compilation: the program's own record is what is left."""
    side, flag = observation.optimized, wanted.flag
    recorded = _recorded(side, wanted.option)
    missing = (
        "there is no build log"
        if side.log is None
        else f"the build log shows no compilation{side.log.hidden}"
    )
    if recorded == {flag}:
        in_stock = _in_stock(observation, wanted)
        return proven(f"the program records {flag} of all its units; {missing}{in_stock}")
    if recorded:
        return refuted(f"the program records {', '.join(sorted(recorded))}, where {flag} was asked for")
    exported = wanted.option.pick(added_flags(side.derivation).after)
    if exported not in {flag, None}:
        return refuted(f"the derivation exports {exported}, where {flag} was asked for; {missing}")
    return unproven(f"{missing}, and the program does not record {flag}; {_WOULD_SHOW}")


def _effective_flags(side: Side, option: Option) -> EffectiveFlags:
    return effective_flags(side.log, added_flags(side.derivation), option)


def _recorded(side: Side, option: Option) -> set[str]:
    """Return what won in the units of the programs, as far as they record it; the link step's is another."""
    lines = [line for binary in side.binaries.values() for line in binary.switches.lines]
    picked = [option.pick(line.switches) for line in lines if not line.is_link_time]
    return {flag for flag in picked if flag is not None}


def _is_on_command_lines(side: Side, wanted: _Wanted) -> bool:
    """Say whether the flag wins without what the derivation exports, which then does not matter."""
    log = side.log
    return log is not None and all(wanted.option.pick(call.flags) == wanted.flag for call in log.compilations)


def _is_stocks_code(observation: Observation) -> bool:
    stock, optimized = observation.stock.code, observation.optimized.code
    common = stock.keys() & optimized.keys()
    return bool(common) and all(same_code(stock[name].census, optimized[name].census) for name in common)


def _is_stocks(observation: Observation, wanted: _Wanted) -> bool:
    seen = _effective_flags(observation.stock, wanted.option)
    return seen.calls > 0 and seen.counts[wanted.flag] == seen.calls


def _in_stock(observation: Observation, wanted: _Wanted) -> str:
    seen = _effective_flags(observation.stock, wanted.option)
    if _is_stocks(observation, wanted):
        return f"; stock has {wanted.flag} already: no gain of the overlay"
    return f"; stock: {seen.in_words()}" if seen.calls else ""


def _in_vain(side: Side, flag: str) -> str:
    found = misplaced(side.derivation, flag)
    return "".join(f"; {place.flag} stands in {place.attribute}, which {place.reason}" for place in found)


def _claim(name: str, promise: str, decide: Callable[[Observation], Answer]) -> Claim:
    return Claim(name, promise, (EvidenceKind.BUILD_LOG, EvidenceKind.SWITCHES), decide)


OPTIMIZATION_LEVEL: Final = _claim(
    "optimization-level",
    "the optimization level that was asked for is the one that counts",
    optimization_level,
)
TUNING_CLAIM: Final = _claim("tuning", "the code is scheduled for the processor that was asked for", tuning)
NO_INTERPOSITION: Final = _claim(
    "no-semantic-interposition",
    "calls within the shared library go to its own functions",
    no_semantic_interposition,
)
