"""The claim that every flag that an overlay adds is in a place where something reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.model import SAME_DERIVATION, Claim
from pytest_rtopt.evidence.derivation.flag_placement import Placement, Reading, placements
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.claims.model import Answer
    from pytest_rtopt.evidence.observation import Observation, Side


_WRAPPERS: Final = "NIX_RUSTFLAGS"
_BOOTSTRAP: Final = (
    "is read by the wrapper of the compiler for the first stage of rustc's build, but not in later stages; "
    "RUSTFLAGS was probably meant"
)


def flags_are_read(observation: Observation) -> Answer:
    """Decide whether the flags that the overlay added to the compiling derivation are read there."""
    if observation.same_derivation:
        return not_applicable(SAME_DERIVATION)
    return _judge(observation, placements(observation.stock.derivation, observation.optimized.derivation))


def flags_of_programs_are_read(observation: Observation) -> Answer:
    """Decide the same for the derivation of programs, and for a toolchain that the package set compiles."""
    found: list[Placement] = []
    if not observation.prebuilt:
        own = placements(observation.stock.derivation, observation.optimized.derivation)
        found += [
            replace(place, reading=Reading.UNREAD, reason=_BOOTSTRAP)
            if place.attribute == _WRAPPERS
            else place
            for place in own
        ]
    stock, optimized = observation.stock.program_derivation, observation.optimized.program_derivation
    if stock is not None and optimized is not None:
        found += placements(stock, optimized)
    return _judge(observation, tuple(found))


def _judge(observation: Observation, found: tuple[Placement, ...]) -> Answer:
    # If a flag is also in a script or an argument, it may take effect there, so it is not judged here.
    elsewhere = {place.flag for place in found if place.reading is Reading.JUDGED_ELSEWHERE}
    judged: dict[str, list[Placement]] = {}
    for place in found:
        if place.flag not in elsewhere:
            judged.setdefault(place.flag, []).append(place)
    if not judged:
        in_scripts = ", ".join(sorted(elsewhere))
        return not_applicable(
            f"the overlay adds flags only in scripts and arguments ({in_scripts})"
            if in_scripts
            else "the overlay adds no flags"
        )
    # Flags with the same places and the same reason share one message.
    wrong: dict[str, list[str]] = {}
    doubts: dict[str, list[str]] = {}
    right: dict[str, list[str]] = {}
    for flag, places in judged.items():
        if _takes_effect(observation, places):
            right.setdefault(", ".join(place.attribute for place in places), []).append(flag)
        else:
            group = wrong if _is_certain(observation, places) else doubts
            group.setdefault(_places(places), []).append(flag)
    if wrong:
        return refuted("; ".join(_clauses({**doubts, **wrong})))
    if doubts:
        clauses = "; ".join(_clauses(doubts))
        return unproven(f"{clauses}; NIX_DEBUG=1 in `env` would show whether a compilation gets the flags")
    read = "; ".join(f"{', '.join(flags)} in {where}" for where, flags in right.items())
    return proven(f"all flags that the overlay adds are read: {read}")


def _clauses(flags: Mapping[str, list[str]]) -> list[str]:
    return [
        f"{', '.join(named)} {'is' if len(named) == 1 else 'are'} in {where}"
        for where, named in flags.items()
    ]


def _takes_effect(observation: Observation, places: list[Placement]) -> bool:
    """Return whether a flag is read in one of its places, or whether a compilation got it in any way."""
    side, flag = observation.optimized, places[0].flag
    if places[0].chooses_linker:
        linkers = {binary.linker for binary in (*side.binaries.values(), *side.programs.values())}
        if flag.removeprefix("-fuse-ld=") in linkers:
            return True
    elif _was_used(side, flag):
        return True
    if any(place.reading is Reading.READ for place in places):
        return True
    # If the wrapper reports all flags that it adds, then a flag that is not in its report was not added.
    reported = side.log is not None and side.log.is_complete and bool(side.log.compilations)
    return not reported and any(place.reading is Reading.BY_WRAPPER for place in places)


def _was_used(side: Side, flag: str) -> bool:
    """Return whether a compilation in the log or a record in a binary has the flag."""
    calls = () if side.log is None else side.log.compilations
    lines = (line for binary in side.binaries.values() for line in binary.switches.lines)
    return any(flag in call.options for call in calls) or any(flag in line.options for line in lines)


def _is_certain(observation: Observation, places: list[Placement]) -> bool:
    """Return whether it is certain that nothing reads a flag that no log and no binary shows."""
    log = observation.optimized.log
    shown = log is not None and bool(log.compilations) and not log.quiet
    if log is not None and log.is_complete:
        return True
    return shown or all(place.reading is Reading.UNREAD for place in places)


def _places(places: list[Placement]) -> str:
    return " and in ".join(
        f"{place.attribute}, which {place.reason}"
        if place.reason
        else f"{place.attribute}, but no compilation in the build log got it"
        for place in places
    )


FLAGS_ARE_READ: Final = Claim(
    "flags-where-they-are-read",
    "every flag that the overlay adds is in a place where something reads it",
    (EvidenceKind.DERIVATION, EvidenceKind.BUILD_LOG, EvidenceKind.SWITCHES),
    flags_are_read,
)
