"""What is declared about a runtime: its attributes, binaries, claims and workloads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.observation import NotRunError
from pytest_rtopt.results.values import Finding, FindingStatus, Rating

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_rtopt.bench.workload import Workload
    from pytest_rtopt.evidence.observation import Observation
    from pytest_rtopt.results.values import EvidenceKind

PREBUILT: Final = "prebuilt in this package set, which compiles nothing of it"


@dataclass(frozen=True)
class Answer:
    """What evidence says of a claim, before it carries the claim's name."""

    status: FindingStatus
    evidence: str


@dataclass(frozen=True)
class Claim:
    """Something that an optimized runtime is held to.

    `name` follows the runtime's (`go/` + `goamd64-default`); `promise` says it in words; `kinds` are the
    kinds of evidence that count for it; `decide` is pure. `rating` says what an answer is worth. A claim on
    the `own_code` of the runtime applies only where the package set compiles it. A claim that is
    `unconditional` also applies to an overlay that asks for no optimization; every other claim is about what
    somebody asks for.
    """

    name: str
    promise: str
    kinds: tuple[EvidenceKind, ...]
    decide: Callable[[Observation], Answer]
    rating: Rating = Rating.EFFECT
    own_code: bool = False
    unconditional: bool = False


@dataclass(frozen=True)
class Runtime:
    """One language runtime.

    `attrs` are its attribute names, preferred first, `profile_attr` its name under `packages` in a profile,
    `overlay` the file in `overlays/`. `binaries` gives for each program whose code is judged its possible
    places below the output. `reports` are commands that say what the runtime thinks of itself, over the names
    of `binaries`, the output `{out}`, an empty directory `{scratch}` and the output `{programs}` of what the
    set built with it, where there is one; `program_report` is the same for a program that it compiled
    (`{program}`). `libraries` are patterns of paths below the output: what the runtime loads without needing
    it from the start, such as extension modules. Where a package only joins what others compile,
    `compiled_in` matches the beginning of the name of the derivation that compiles. `sources` are the names
    of pinned sources that the embedded set needs for it, `build_seconds` the usual time of an optimized build
    on two cores. `optional_workloads` are measured where what they need is installed, and never missed.
    """

    name: str
    attrs: tuple[str, ...]
    profile_attr: str
    overlay: str
    binaries: Mapping[str, tuple[str, ...]]
    claims: tuple[Claim, ...]
    workloads: tuple[Workload, ...]
    sources: tuple[str, ...]
    build_seconds: float
    compiled_by_gcc: bool = True
    reports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    program_report: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    compiled_in: str | None = None
    optional_workloads: Callable[[], tuple[Workload, ...]] = tuple

    def claim_id(self, claim: Claim) -> str:
        """Return the claim's full name."""
        return f"{self.name}/{claim.name}"

    def judge(self, claim: Claim, observation: Observation) -> Finding:
        """Decide one claim."""
        answer = _answer(claim, observation)
        return Finding(self.claim_id(claim), answer.status, answer.evidence, claim.kinds, claim.rating)


def _answer(claim: Claim, observation: Observation) -> Answer:
    if observation.no_request is not None and not claim.unconditional:
        return Answer(FindingStatus.NOT_APPLICABLE, observation.no_request)
    if claim.own_code and observation.prebuilt:
        return Answer(FindingStatus.NOT_APPLICABLE, PREBUILT)
    try:
        return claim.decide(observation)
    except NotRunError as refusal:
        return Answer(FindingStatus.UNPROVEN, str(refusal))
