"""The declaration of a runtime: its attributes, binaries, claims and workloads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.observation import NotRunError
from pytest_rtopt.results.values import Finding, FindingStatus, Rating

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_rtopt.base.registry import Registered
    from pytest_rtopt.bench.workload import Workload
    from pytest_rtopt.evidence.observation import Observation
    from pytest_rtopt.results.values import EvidenceKind

PREBUILT: Final = "prebuilt in this package set, which does not compile it"
SAME_DERIVATION: Final = "the derivation is the same as stock's"


@dataclass(frozen=True)
class Answer:
    """The answer of a decision to a claim; `evidence` gives the reason in words."""

    status: FindingStatus
    evidence: str


@dataclass(frozen=True)
class Claim:
    """One property that an optimized runtime must have.

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

    - `registered`: its entry in the registry, with its names and its overlay.
    - `binaries` maps each judged program to its candidate paths, relative to the output.
    - `reports`: commands by which the runtime reports on itself. They may use the names of `binaries`, the
      output `{out}`, an empty directory `{scratch}`, and `{programs}`, the output of the programs that the
      package set built with the runtime, if any.
    - `program_report`: the same for a program that the runtime compiled (`{program}`).
    - `constants`: files, named as in `reports`, and a function in each whose constants are evidence.
    - `libraries`: patterns of paths below the output of files that the runtime loads later, such as extension
      modules.
    - `compiled_in`: If the package is only a symlink join, `compiled_in` is a regex prefix naming the
      derivation that does the compiling.
    - `sources`: the names of the pinned sources that the embedded set needs.
    - `optional_workloads`: workloads that are measured only if their requirements are installed.
    - `uses_rustc`: whether it is Rust, so that its builds in the embedded set run the rustc and cargo of a
      toolchain, and rustc may be upstream's release.
    """

    registered: Registered
    binaries: Mapping[str, tuple[str, ...]]
    claims: tuple[Claim, ...]
    workloads: tuple[Workload, ...]
    sources: tuple[str, ...] = ()
    compiled_by_gcc: bool = True
    reports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    program_report: tuple[str, ...] = ()
    constants: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    libraries: tuple[str, ...] = ()
    compiled_in: str | None = None
    optional_workloads: Callable[[], tuple[Workload, ...]] = tuple
    uses_rustc: bool = False

    @property
    def name(self) -> str:
        """Its name."""
        return self.registered.name

    @property
    def attributes(self) -> tuple[str, ...]:
        """Its attribute names in a package set, preferred first."""
        return self.registered.attributes

    @property
    def profile_attribute(self) -> str:
        """Its name under `packages` in a profile."""
        return self.registered.profile_attribute

    @property
    def overlay(self) -> str:
        """The file in `overlays/`."""
        return self.registered.overlay

    @property
    def layout(self) -> str:
        """What decides where its functions lie."""
        return self.registered.layout

    @property
    def build_seconds(self) -> float:
        """How long an optimized build usually takes on two cores."""
        return self.registered.build_seconds

    def claim_id(self, claim: Claim) -> str:
        """Return the claim's full name."""
        return f"{self.name}/{claim.name}"

    def judge(self, claim: Claim, observation: Observation) -> Finding:
        """Decide one claim, and return the finding."""
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
