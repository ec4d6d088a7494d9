"""The values that stages pass on and that reports show."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PROOF_ERROR: Final = 0.003
"""The error rate of a proven gain or loss: three of a thousand, about three standard errors.

It is low enough that a few hundred comparisons can show the promised rate of at most one in a hundred.
"""


class FindingStatus(StrEnum):
    """What the evidence shows about one claim."""

    PROVEN = "proven"
    REFUTED = "refuted"
    UNPROVEN = "unproven"
    NOT_APPLICABLE = "not-applicable"


class EvidenceKind(StrEnum):
    """The source of evidence, strongest first."""

    CENSUS = "instruction census"
    SWITCHES = "recorded switches"
    FILE = "file format"
    BUILD_LOG = "build log"
    DERIVATION = "derivation"
    PROCESS = "running process"
    SELF_REPORT = "self-report"


class Rating(StrEnum):
    """What a finding is worth.

    `effect` is about the machine code or a running process. `intent` is about what a runtime reports about
    itself, which proves nothing about its code.
    """

    EFFECT = "effect"
    INTENT = "intent"


@dataclass(frozen=True)
class Finding:
    """The answer to one claim.

    `claim` is `runtime/name`, for example `go/goamd64-default`. `evidence` gives the reason in words for
    every status. `kinds` are the kinds of evidence that decided it.
    """

    claim: str
    status: FindingStatus
    evidence: str
    kinds: tuple[EvidenceKind, ...] = ()
    rating: Rating = Rating.EFFECT


class BenchmarkVerdict(StrEnum):
    """The result of one workload against its threshold."""

    PASS = "pass"  # noqa: S105  # the name of a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Expectation(StrEnum):
    """How a measured speedup relates to the promised range of the workload."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"


class Clock(StrEnum):
    """The clock of a speedup: CPU time or wall-clock time of the process."""

    CPU = "cpu"
    WALL = "wall"


@dataclass(frozen=True)
class Precision:
    """What the interval of a speedup is computed from, so that it can be computed at any level.

    `error` is the standard error of the speedup's logarithm, `freedom` are its degrees of freedom, and
    `share` is the part of the error rate that it may use (1 unless several looks share the rate).
    """

    error: float
    freedom: float
    share: float


@dataclass(frozen=True)
class Speedup:
    """A ratio of times, stock / optimized, with its 95 % interval. Above 1 is faster.

    `mde` is the minimum detectable effect as a fraction: the smallest |speedup - 1| that this many pairs
    could have detected at this noise. `precision` is `None` if only the interval is known, as for a mean of
    several.
    """

    estimate: float
    ci95: tuple[float, float]
    mde: float
    precision: Precision | None = None


@dataclass(frozen=True)
class Conditions:
    """How a measurement went. This changes no verdict, and shows how much the measurement is worth.

    `starts` is the number of process starts in one value. `drift` is the change of the time of a value from
    the first third of the pairs to the last, as a fraction. `outliers` counts the pairs that lie far out,
    which are kept. `peak_rss_bytes` are those of stock and optimized. `load` is the load average of one
    minute on `cpus` CPUs, the higher one of the start and the end. `None` means not known.
    """

    starts: int
    drift: float
    outliers: int
    peak_rss_bytes: tuple[int | None, int | None]
    load: float | None = None
    cpus: int | None = None


@dataclass(frozen=True)
class BuildSpeedup:
    """The speedup on one of several builds of both sides."""

    pairs: int
    speedup: Speedup


@dataclass(frozen=True)
class RivalSpeedup:
    """Somebody else's build of the runtime, measured in the same rounds as stock and optimized.

    `name` is the path that the user gave. `speedup` is stock / rival, and `lead` is rival / optimized: above
    1, optimized is faster. Both are `None` for a rival that took no part to the end; `withdrawn` says why.
    """

    name: str
    pairs: int = 0
    speedup: Speedup | None = None
    lead: Speedup | None = None
    withdrawn: str | None = None


@dataclass(frozen=True)
class BenchmarkResult:
    """One workload measured on both sides in interleaved pairs.

    An `interrupted` measurement has the pairs until then. `builds` are the several builds of one source that
    the speedup is a mean of; it is empty if there is only one. `conditions` and `rivals` are those of the
    first build.
    """

    workload: str
    pairs: int
    speedup: Speedup
    threshold: float
    expected: tuple[float, float] | None
    expectation: Expectation | None
    verdict: BenchmarkVerdict
    reason: str
    clock: Clock = Clock.WALL
    interrupted: bool = False
    conditions: Conditions | None = None
    builds: tuple[BuildSpeedup, ...] = ()
    rivals: tuple[RivalSpeedup, ...] = ()


@dataclass(frozen=True)
class StorePaths:
    """A derivation and its main output."""

    drv: str
    out: str


@dataclass(frozen=True)
class BuildRecord:
    """The cost of a build; `None` if it was not observed, because a daemon or another machine built."""

    seconds: float | None
    peak_rss_bytes: int | None
    out_bytes: int | None
    cached: bool


class RuntimeVerdict(StrEnum):
    """The decision about one runtime."""

    ADOPT = "adopt"
    NEUTRAL = "neutral"
    REJECT = "reject"
    PENDING = "pending"


@dataclass(frozen=True)
class Programs:
    """The programs that the package set compiles with a runtime, by stock and by optimized."""

    baseline: StorePaths
    optimized: StorePaths


@dataclass(frozen=True)
class Inputs:
    """SHA-256 of the overlay's text and of its part of the profile.

    They show what changed if a derivation did. `overlays/inputs.nix` computes both, here and in a switch.
    """

    overlay: str
    profile: str


@dataclass(frozen=True)
class PlatformReach:
    """What packages that are all tuned at once mean for one runtime.

    `settings` are those of the platform (`gcc.arch`, `gcc.tune`), and `flags` of the standard environment.
    `reached` says whether they reach the runtime's code: the C compiler gets them, and no other. `instead`
    says what does reach it; `None` where they do, or where nothing is compiled.
    """

    settings: Mapping[str, str]
    reached: bool
    instead: str | None = None


@dataclass(frozen=True)
class RuntimeResult:
    """The result of one runtime at the end of a run.

    `overall` is the geometric mean of its speedups, or `None` for fewer than two. `programs` and `inputs` are
    `None` if they were not evaluated. `no_request` is a sentence about an overlay that requests no
    optimization: that it requests none, and what it changes. `platform` is `None` unless the packages are
    tuned as a whole.
    """

    name: str
    attr: str
    version: str
    baseline: StorePaths
    optimized: StorePaths
    build: BuildRecord | None = None
    findings: tuple[Finding, ...] = ()
    benchmarks: tuple[BenchmarkResult, ...] = ()
    overall: Speedup | None = None
    verdict: RuntimeVerdict = RuntimeVerdict.PENDING
    reason: str = ""
    programs: Programs | None = None
    inputs: Inputs | None = None
    no_request: str | None = None
    platform: PlatformReach | None = None

    @property
    def builds(self) -> tuple[object, ...]:
        """The store paths of the judged builds."""
        return self.baseline, self.optimized, self.programs

    @property
    def one_build(self) -> bool:
        """Whether stock and optimized are the same build, and so are the programs compiled with them."""
        return self.baseline == self.optimized and (
            self.programs is None or self.programs.baseline == self.programs.optimized
        )


class GateState(StrEnum):
    """The state of one runtime at the gate."""

    ADOPTED = "adopted"
    NEUTRAL = "neutral"
    VERIFIED = "verified"
    STOCK = "stock"
    STALE = "stale"
    REJECTED = "rejected"
    PENDING = "pending"


@dataclass(frozen=True)
class GateAnswer:
    """Whether a switch may install one runtime as it is now, with the reason in one sentence.

    `notes` are facts that do not change the answer, for example another kernel than the measured one.
    """

    runtime: str
    state: GateState
    allowed: bool
    sentence: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Impact:
    """The rebuilds for `targets`: the targets that change, and the derivations that are rebuilt for them.

    `rebuilt` has the names of derivations in build order. `outputs` is the number of their output paths that
    stock does not have.
    """

    targets: tuple[str, ...]
    changed: tuple[str, ...]
    rebuilt: tuple[str, ...]
    outputs: int


@dataclass(frozen=True)
class RunResults:
    """The results of one run.

    `host`, `profile` and `packages` have plain JSON values in the form of the results schema. `runtimes`,
    `impact` and `gate` are by the name of the runtime. A runtime may have an impact without being judged.
    """

    host: dict[str, object]
    profile: dict[str, object]
    packages: dict[str, object]
    runtimes: dict[str, RuntimeResult] = field(default_factory=dict)
    impact: dict[str, Impact] = field(default_factory=dict)
    gate: dict[str, GateAnswer] = field(default_factory=dict)
