"""The claim that the flags of the architecture reach the C compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.hidden_changes import rewritten
from pytest_rtopt.claims.isa import DISTINCTIVE_LEVEL, UNTOUCHED, by_census
from pytest_rtopt.claims.model import Claim
from pytest_rtopt.evidence.census.differential import same_code
from pytest_rtopt.evidence.derivation.exported import added_flags, misplaced, scripts_naming
from pytest_rtopt.evidence.flags.command_line import read_command_line
from pytest_rtopt.evidence.log.effective_flags import MARCH, effective_flags
from pytest_rtopt.hardware.microarch import psabi_level
from pytest_rtopt.results.values import EvidenceKind, FindingStatus

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Answer
    from pytest_rtopt.evidence.derivation.exported import AddedFlags
    from pytest_rtopt.evidence.log.build_log import CompilerCall
    from pytest_rtopt.evidence.observation import Observation, Side

_MARCH: Final = "-march="
_VARIABLE: Final = "NIX_CFLAGS_COMPILE"
_SKIPPING: Final = "Skipping impure flag"


def flags_reach_compiler(observation: Observation) -> Answer:
    """Decide whether the architecture's `-march` wins in every compilation."""
    march = observation.profile.march
    if march is None:
        return not_applicable("nothing asks for compiler flags")
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    flag, side = f"{_MARCH}{march}", observation.optimized
    added = added_flags(side.derivation)
    calls = () if side.log is None else side.log.compilations
    answer = _by_calls(observation, flag, calls) if calls else _without_calls(side, flag, added)
    return answer if answer.status is not FindingStatus.PROVEN else _by_code(observation, march, answer)


def _by_code(observation: Observation, march: str, shown: Answer) -> Answer:
    """Check what is `shown` against the code: anybody can write a log, or a section of a file."""
    code = by_census(observation.stock.binaries, observation.optimized.binaries, march)
    if code.status is FindingStatus.REFUTED and psabi_level(march) >= DISTINCTIVE_LEVEL:
        unchanged = _stocks_code(observation)
        same = f"the code of {', '.join(unchanged)} is stock's, instruction for instruction"
        return refuted(
            f"{shown.evidence}; yet {same if unchanged else code.evidence}: another command line compiled it"
        )
    doubt = rewritten(observation)
    if doubt is not None and code.status is not FindingStatus.PROVEN:
        return unproven(f"{shown.evidence}, but {doubt}; NIX_DEBUG=1 in `env` would show what was called")
    return shown


def _by_calls(observation: Observation, flag: str, calls: tuple[CompilerCall, ...]) -> Answer:
    """Decide by the compilations that the build log shows."""
    side, march = observation.optimized, flag.removeprefix(_MARCH)
    added = added_flags(side.derivation)
    seen = effective_flags(side.log, added, MARCH)
    reached = seen.counts[flag]
    if reached == len(calls):
        rewriting = scripts_naming(observation.stock.derivation, side.derivation, _VARIABLE)
        if rewriting and not _is_complete(side) and _last(added.after) == flag:
            return unproven(
                f"{flag} is exported, but {', '.join(rewriting)} names {_VARIABLE} and may change it; "
                "NIX_DEBUG=1 in `env` would show every call's flags in the build log"
            )
        where = "in the derivation's exported flags" if _last(added.after) == flag else "on the command lines"
        noted = f"; the program records it ({flag})" if _recorded(side) == {march} else ""
        return proven(f"{reached} of {len(calls)} compilations in the build log got {flag}, {where}{noted}")
    shortfall = f"{reached} of {len(calls)} compilations got {flag}{_exported(flag, added)}{_instead(side)}"
    shortfall += _dropped(side)
    named = bool(_march_words(added) or misplaced(side.derivation, _MARCH))
    named = named or any(call.last(_MARCH) is not None for call in calls)
    if not named and not _is_complete(side) and _is_targets_code(observation, march):
        return unproven(
            f"{shortfall}; yet the code became that of {march}, so the flags came from a place that is not "
            "read, such as the compiler's wrapper; NIX_DEBUG=1 in `env` would show them in the build log"
        )
    if seen.elsewhere == len(calls) - reached:
        return unproven(f"{shortfall}; the others take flags from response files, which no log shows")
    if side.log is not None and side.log.may_be_mixed(len(calls) - reached):
        return unproven(f"{shortfall}{side.log.hidden}")
    return refuted(shortfall)


def _without_calls(side: Side, flag: str, added: AddedFlags) -> Answer:
    """Decide where no log shows a compilation, by the program's own record."""
    missing = (
        "there is no build log"
        if side.log is None
        else f"the build log shows no compilation{side.log.hidden}"
    )
    exported = _last(added.after)
    if exported != flag:
        return refuted(
            f"{flag} is not what the derivation exports{_exported(flag, added)}{_instead(side)}; {missing}"
        )
    # `march()` leaves out what the link step records, which is not what the objects were compiled for.
    if _recorded(side) == {flag.removeprefix(_MARCH)}:
        return proven(f"{flag} is exported and all that the program records; {missing}")
    return unproven(
        f"{flag} is exported, but {missing} and the program does not record it; "
        "-frecord-gcc-switches, or building here with NIX_DEBUG=1, would show it"
    )


def _last(flags: tuple[str, ...]) -> str | None:
    return MARCH.pick(read_command_line(flags).compiling)


def _recorded(side: Side) -> frozenset[str]:
    return frozenset[str]().union(*(binary.switches.march() for binary in side.binaries.values()))


def _is_complete(side: Side) -> bool:
    return side.log is not None and side.log.is_complete


def _stocks_code(observation: Observation) -> list[str]:
    """Return the programs whose code is the same as that of stock's."""
    stock, optimized = observation.stock.binaries, observation.optimized.binaries
    return [
        name
        for name in sorted(stock.keys() & optimized.keys())
        if same_code(stock[name].census, optimized[name].census)
    ]


def _is_targets_code(observation: Observation, march: str) -> bool:
    answer = by_census(observation.stock.binaries, observation.optimized.binaries, march)
    return answer.status is FindingStatus.PROVEN


def _exported(flag: str, added: AddedFlags) -> str:
    named = _march_words(added)
    if not named:
        return "; the exported flags name no architecture"
    if named[-1] == flag:
        return ""
    overridden = f", which overrides the {flag} before it" if flag in named else ""
    impure = (
        ": the machine that builds, which the hash does not cover" if named[-1] == f"{_MARCH}native" else ""
    )
    return f"; the exported flags end with {named[-1]}{overridden}{impure}"


def _march_words(added: AddedFlags) -> list[str]:
    words = read_command_line((*added.before, *added.after)).compiling
    return [word for word in words if word.startswith(_MARCH)]


def _instead(side: Side) -> str:
    found = misplaced(side.derivation, _MARCH)
    return "".join(f"; {place.flag} stands in {place.attribute}, which {place.reason}" for place in found)


def _dropped(side: Side) -> str:
    """Name the flags that the wrapper dropped from command lines, although the log shows them there."""
    warnings = () if side.log is None else side.log.warnings
    dropped = [(text, count) for text, count in warnings if text.startswith(_SKIPPING)]
    return "".join(f"; the wrapper said {text!r} {count} times" for text, count in dropped)


FLAGS_REACH_COMPILER: Final = Claim(
    "flags-reach-compiler",
    "the flags are in the environment that the compiler sees, and in its calls",
    (EvidenceKind.DERIVATION, EvidenceKind.BUILD_LOG, EvidenceKind.SWITCHES),
    flags_reach_compiler,
)
