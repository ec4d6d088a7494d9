"""Claims on Go's own compiler besides its level: profile-guided optimization, and LTO, which it lacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted
from pytest_rtopt.claims.isa import UNTOUCHED
from pytest_rtopt.claims.model import Answer, Claim
from pytest_rtopt.evidence.derivation.flag_placement import placements
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation, Side

# The go command writes this setting only into programs that it built with a profile.
_PROFILE: Final = re.compile(r"^[ \t]*build[ \t]+-pgo=(\S+)$", re.MULTILINE)
_NO_LTO: Final = (
    "Go's compiler and linker have no link-time optimization; its flags only affect C code in programs"
)


def pgo_used(observation: Observation) -> Answer:
    """Decide whether the compiler, or a program that it compiled, was compiled with a profile."""
    if not observation.settings.pgo_requested:
        return not_applicable("nothing asks for profile-guided optimization")
    programs = (observation.stock.program_derivation, observation.optimized.program_derivation)
    if observation.same_derivation and programs[0] == programs[1]:
        return refuted(UNTOUCHED)
    stock, optimized = _profiles(observation.stock), _profiles(observation.optimized)
    if not optimized:
        return refuted("`go version -m` shows no profile (`-pgo=`) for the compiler and for programs")
    named = ", ".join(f"{name} with {profile}" for name, profile in sorted(optimized.items()))
    if optimized == stock:
        return proven(f"`go version -m` shows {named}; stock has the same, so this is no gain of the overlay")
    return proven(f"`go version -m` shows {named}; for stock it shows {_named(stock)}")


def lto(observation: Observation) -> Answer:
    """Decide on link-time optimization, which Go lacks: refuted for an overlay that claims to use it."""
    if not observation.settings.lto:
        return not_applicable("nothing asks for link-time optimization")
    if observation.requested is None:
        return not_applicable(_NO_LTO)
    found = placements(observation.stock.derivation, observation.optimized.derivation)
    places = {place.attribute for place in found if place.flag.startswith("-flto")}
    if places and all(place.startswith("CGO_") for place in places):
        return not_applicable(f"{_NO_LTO}; {', '.join(sorted(places))} says so")
    return refuted(_NO_LTO)


def _profiles(side: Side) -> dict[str, str]:
    """Return the profiles that were used, by program name."""
    reports = {"compile": side.reports.get("compiled", ""), **side.program_reports}
    found = {name: _PROFILE.search(report) for name, report in reports.items()}
    # The directory of a profile changes with each build, so only its file name is kept.
    return {name: match[1].rpartition("/")[2] for name, match in found.items() if match}


def _named(profiles: dict[str, str]) -> str:
    return ", ".join(f"{name} with {profile}" for name, profile in sorted(profiles.items())) or "none"


PGO_USED: Final = Claim(
    "pgo-used", "a profile was given to Go's compiler", (EvidenceKind.SELF_REPORT,), pgo_used
)
LTO: Final = Claim("lto", "no link-time optimization is claimed for Go", (EvidenceKind.DERIVATION,), lto)
