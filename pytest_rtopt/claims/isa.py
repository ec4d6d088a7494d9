"""Claims on the instruction set: the code is for the requested architecture, and it runs on this CPU."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.model import SAME_DERIVATION, Answer, Claim
from pytest_rtopt.evidence.census.census import Coverage
from pytest_rtopt.evidence.census.cpuid import host_has
from pytest_rtopt.evidence.census.differential import compare, missing_on, newly_required
from pytest_rtopt.hardware.microarch import features, psabi_level
from pytest_rtopt.results.values import EvidenceKind, FindingStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_rtopt.evidence.observation import Binary, Observation
    from pytest_rtopt.hardware.runtime_settings import RuntimeSettings

UNTOUCHED: Final = f"{SAME_DERIVATION}: no overlay changed this runtime"

# The minimum share of functions with new features. If stock is compared with builds that have other flags but
# the same architecture, 0 of 5,298 functions gain a feature, so noise is below 0.06 % at 95 %
# (benchmarks/census_noise.py). A build for v3 shows 17 % in Lua and 4.7 % in Go's compiler. 1 % lies between
# these, and is more than a single function with its own `__attribute__((target))`.
LEAST_SHARE: Final = 0.01

# A build for this psABI level or a higher one always shows: C compilers encode all floating point with VEX,
# and Go's compiler uses BMI and MOVBE for shifts and byte orders. Many programs have no use for the features
# of x86-64-v2 (POPCNT, SSSE3, SSE4).
DISTINCTIVE_LEVEL: Final = 3
_LEVEL_BELOW: Final = "x86-64-v2"

# Start-up code, linkage tables and data among code belong to no function. They take a few hundred bytes of
# any program, which is up to a tenth of a program with a dozen functions, 0.7 % of Lua, and nothing of Go. If
# more code was not decoded, it may contain an instruction that this CPU lacks.
LEAST_COVERAGE: Final = 0.9
# Builds of one source have the same amount of code outside of functions. If there is far more than in stock,
# something added it.
_MAX_UNBOUND: Final = 4096
_MAX_UNBOUND_SHARE: Final = 0.01


def where_requested(
    what: str,
    requested: Callable[[RuntimeSettings], object],
    decide: Callable[[Observation], Answer],
) -> Callable[[Observation], Answer]:
    """Return a decision that applies only if `what` is requested, and then uses `decide`.

    Not applicable unless requested; refuted if the overlay did not change the derivation.
    """

    def decide_where_requested(observation: Observation) -> Answer:
        if not requested(observation.settings):
            return not_applicable(f"nothing asks for {what}")
        if observation.same_derivation:
            return refuted(UNTOUCHED)
        return decide(observation)

    return decide_where_requested


def isa_level(observation: Observation) -> Answer:
    """Decide whether the code is for the architecture: functions use features that stock's do not."""
    march = observation.profile.march
    if march is None:
        return not_applicable("nothing asks for an architecture")
    if psabi_level(march) == 1:
        return not_applicable(f"{march} is the baseline, for which stock is built")
    if observation.same_derivation:
        return refuted(UNTOUCHED)
    by_programs = by_census(observation.stock.binaries, observation.optimized.binaries, march)
    if by_programs.status is not FindingStatus.PROVEN:
        return by_programs
    return _with_libraries(by_programs, observation, march)


def _with_libraries(by_programs: Answer, observation: Observation, march: str) -> Answer:
    """Decide again, over the functions of all programs and libraries of the output."""
    stock, optimized = observation.stock, observation.optimized
    loaded = sorted(stock.libraries.keys() & optimized.libraries.keys())
    coverage = _coverage({**optimized.binaries, **optimized.libraries})
    if not loaded:
        return replace(by_programs, evidence=f"{by_programs.evidence}; {coverage}")
    files = [(stock.libraries[name], optimized.libraries[name]) for name in loaded]
    files += [(before, optimized.binaries[name]) for name, before in stock.binaries.items()]
    deltas = [compare(before.census, after.census, lesser_features(march)) for before, after in files]
    common, gained = (sum(getattr(delta, count) for delta in deltas) for count in ("common", "gained"))
    alone = len(stock.libraries.keys() ^ optimized.libraries.keys())
    evidence = (
        f"{by_programs.evidence}; with {len(loaded)} libraries of the output, {gained} of {common} functions "
        f"({gained / common:.1%})"
        + (f"; {alone} libraries are on one side only" if alone else "")
        + f"; {coverage}"
    )
    if gained < LEAST_SHARE * common:
        return refuted(f"{evidence}: as a whole, this is not code for {march}")
    return proven(evidence)


def _coverage(binaries: Mapping[str, Binary]) -> str:
    return sum((binary.census.coverage for binary in binaries.values()), Coverage(0, 0, 0, 0)).in_words()


def lesser_features(march: str) -> frozenset[str]:
    """Return the CPU flags that do not show that code is for `march`, because a lower level has them, too."""
    return features(_LEVEL_BELOW) if psabi_level(march) >= DISTINCTIVE_LEVEL else frozenset()


def by_census(stock: Mapping[str, Binary], optimized: Mapping[str, Binary], march: str) -> Answer:
    """Compare binaries of the same name, and decide whether the code of each is for `march`."""
    words = []
    doubts = [
        f"{name} cannot be compared, because stock has no such file"
        for name in sorted(optimized.keys() - stock.keys())
    ]
    for name, before in stock.items():
        if name not in optimized:
            return refuted(f"{name} is missing from the optimized output")
        delta = compare(before.census, optimized[name].census, lesser_features(march))
        if delta.same_code:
            return refuted(f"{name}: the machine code is the same as stock's, instruction for instruction")
        if not delta.common:
            doubts.append(f"{name}: no function can be compared by name; an unstripped build would decide")
            continue
        beyond = [gain.feature for gain in delta.gains if not host_has(gain.feature, features(march))]
        share = delta.gained / delta.common
        evidence = f"{name}: {delta.in_words()} ({share:.1%})"
        if share >= LEAST_SHARE:
            words.append(evidence + (f"; beyond {march}: {', '.join(beyond)}" if beyond else ""))
        elif psabi_level(march) >= DISTINCTIVE_LEVEL:
            return refuted(
                f"{evidence}: this is not code for {march}, of which a build shows {LEAST_SHARE:.0%} or more"
            )
        else:
            doubts.append(f"{evidence}: {march} adds few instructions, and a build for it need not use them")
    if doubts or not words:
        return unproven("; ".join(doubts) or "there is no program on either side to compare")
    return proven("; ".join(words))


def isa_runs_here(observation: Observation) -> Answer:
    """Decide whether this CPU has every feature that the optimized code needs without a check at run time."""
    if observation.same_derivation:
        return not_applicable(f"{SAME_DERIVATION}, which needs nothing beyond the baseline")
    stock, optimized = observation.stock.code, observation.optimized.code
    lacking: list[str] = []
    doubts: list[str] = []
    required: set[str] = set()
    for name in sorted(stock.keys() ^ optimized.keys()):
        side = "the optimized" if name in stock else "stock's"
        doubts.append(f"{name} is missing from {side} output, so the two sides cannot be compared")
    for name in sorted(stock.keys() & optimized.keys()):
        before, after = stock[name].census, optimized[name].census
        required |= {gain.feature for gain in newly_required(before, after)}
        for missing in missing_on(observation.host_features, before, after):
            functions = ", ".join(missing.sample) or "functions without names"
            where = f"{name} needs {missing.feature} ({functions})"
            (lacking if missing.certain else doubts).append(f"{where}: {missing.reason}")
        if after.coverage.share < LEAST_COVERAGE:
            doubts.append(
                f"only {after.coverage.share:.1%} of the code of {name} could be decoded, which is less than "
                f"{LEAST_COVERAGE:.0%}"
            )
        added = after.coverage.unbound - before.coverage.unbound
        if added > max(_MAX_UNBOUND, _MAX_UNBOUND_SHARE * after.coverage.executable):
            doubts.append(
                f"{after.coverage.unbound} bytes of the code of {name} belong to no function "
                f"({before.coverage.unbound} in stock), so their instructions are unknown"
            )
    if lacking:
        return refuted("; ".join(lacking))
    if doubts or not optimized:
        return unproven("; ".join(doubts) or "there is no program whose code can be read")
    coverage = min(binary.census.coverage.share for binary in optimized.values())
    needs = f"needs {', '.join(sorted(required))} beyond stock" if required else "needs nothing beyond stock"
    programs = [name for name in optimized if name not in observation.optimized.libraries]
    files = ", ".join(programs) + (
        f" and {len(observation.optimized.libraries)} libraries" if observation.optimized.libraries else ""
    )
    return proven(
        f"{files}: {needs}, and this CPU has all of it (at least {coverage:.1%} of each file's code is "
        f"known: {_coverage(optimized)})"
    )


ISA_LEVEL: Final = Claim(
    "isa-level", "the code is compiled for the architecture", (EvidenceKind.CENSUS,), isa_level
)
ISA_RUNS_HERE: Final = Claim(
    "isa-runs-here",
    "this CPU has every feature that the code needs",
    (EvidenceKind.CENSUS,),
    isa_runs_here,
    unconditional=True,
)
