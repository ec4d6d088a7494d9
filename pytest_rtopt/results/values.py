"""The values that stages hand to each other and that reports show; nothing here computes or acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

PROOF_ERROR: Final = 0.003
"""How often a verdict on a workload that rests on an interval (a gain, a loss) may be wrong.

Three of a thousand, about three standard errors, so that some hundred comparisons can show what is promised:
at most one of a hundred.
"""


class FindingStatus(StrEnum):
    """What the evidence says of one claim."""

    PROVEN = "proven"
    REFUTED = "refuted"
    UNPROVEN = "unproven"
    NOT_APPLICABLE = "not-applicable"


class EvidenceKind(StrEnum):
    """Where evidence was read, strongest first."""

    CENSUS = "instruction census"
    SWITCHES = "recorded switches"
    FILE = "file format"
    BUILD_LOG = "build log"
    DERIVATION = "derivation"
    PROCESS = "running process"
    SELF_REPORT = "self-report"


class Rating(StrEnum):
    """What a finding is worth: `effect` is about the machine code or what runs, `intent` about what is said.

    A runtime that says of itself what was promised has proven that it says so, and nothing else.
    """

    EFFECT = "effect"
    INTENT = "intent"


@dataclass(frozen=True)
class Finding:
    """The answer to one claim, with the evidence in words.

    `claim` is `runtime/name`, for example `go/goamd64-default`; `evidence` gives the reason for every status;
    `kinds` are the kinds of evidence that decided it, `rating` says what it is worth.
    """

    claim: str
    status: FindingStatus
    evidence: str
    kinds: tuple[EvidenceKind, ...] = ()
    rating: Rating = Rating.EFFECT


class BenchmarkVerdict(StrEnum):
    """What the samples say of one workload against its threshold."""

    PASS = "pass"  # noqa: S105  # the name of a verdict, not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


class Expectation(StrEnum):
    """How a measured speedup relates to the range that somebody promised for the workload."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"


class Clock(StrEnum):
    """Which time of a process a speedup is a ratio of: what it computed, or what passed meanwhile."""

    CPU = "cpu"
    WALL = "wall"


@dataclass(frozen=True)
class Precision:
    """What the interval of a speedup is made of, so that it can be had at any level.

    `error` is the standard error of the speedup's logarithm, `freedom` are its degrees of freedom, and
    `share` is the part of an error rate that may be spent on it (1 unless several looks share the rate).
    """

    error: float
    freedom: float
    share: float


@dataclass(frozen=True)
class Speedup:
    """A ratio of times, stock / optimized (above 1 is faster), with its 95 % interval.

    `mde` is the minimum detectable effect as a fraction: the smallest |speedup - 1| that this many pairs at
    this noise could have told from nothing. `precision` is `None` where only the interval is known, as of a
    mean of several.
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
    """What one build of both sides showed, where a workload was measured on several."""

    pairs: int
    speedup: Speedup


@dataclass(frozen=True)
class BenchmarkResult:
    """One workload measured on both sides in interleaved pairs.

    `clock` is what the speedup is a ratio of. An `interrupted` measurement has what there was until then.
    `builds` are the builds of one source that the speedup is a mean of, none if it is of one; `conditions`
    are those of the first.
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


@dataclass(frozen=True)
class StorePaths:
    """A derivation and its main output."""

    drv: str
    out: str


@dataclass(frozen=True)
class BuildRecord:
    """What a build cost; `None` where it could not be observed (built elsewhere or by a daemon)."""

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
    """What the package set builds with a runtime for others, by stock and by optimized."""

    baseline: StorePaths
    optimized: StorePaths


@dataclass(frozen=True)
class Inputs:
    """What was judged besides derivations: SHA-256 of the overlay's text and of its part of the profile.

    They tell what changed where a derivation did; `overlays/inputs.nix` makes both, here and in a switch.
    """

    overlay: str
    profile: str


@dataclass(frozen=True)
class RuntimeResult:
    """Everything known about one runtime at the end of a run.

    `overall` is the geometric mean of its speedups; `None` for fewer than two. `programs` and `inputs` are
    `None` where nothing was evaluated that would tell. `no_request` is a sentence for an overlay that asks
    for no optimization: that it does not, and what it changes.
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

    @property
    def builds(self) -> tuple[object, ...]:
        """The store paths that everything here is about."""
        return self.baseline, self.optimized, self.programs

    @property
    def one_build(self) -> bool:
        """Whether stock and optimized are the same, and so is what others get from them."""
        return self.baseline == self.optimized and (
            self.programs is None or self.programs.baseline == self.programs.optimized
        )


class GateState(StrEnum):
    """What the gate found out about one runtime."""

    ADOPTED = "adopted"
    NEUTRAL = "neutral"
    VERIFIED = "verified"
    STOCK = "stock"
    STALE = "stale"
    REJECTED = "rejected"
    PENDING = "pending"


@dataclass(frozen=True)
class GateAnswer:
    """Whether a switch may install one runtime as it would be now, with the reason in one sentence.

    `notes` are facts that change nothing, such as another kernel than the one that was measured on.
    """

    runtime: str
    state: GateState
    allowed: bool
    sentence: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Impact:
    """What follows for `targets`: those that change, and what is built anew for them.

    `rebuilt` are the names of derivations in an order in which they can be built, `outputs` is the number of
    their output paths that are not stock's.
    """

    targets: tuple[str, ...]
    changed: tuple[str, ...]
    rebuilt: tuple[str, ...]
    outputs: int


@dataclass(frozen=True)
class RunResults:
    """One run: where it ran, what it was asked, and a result for each runtime by name.

    `host`, `profile` and `packages` hold plain JSON values, as the results schema has them. `impact` is what
    the overlay of each runtime makes Nix build anew; it is known of runtimes that were not judged, too.
    `gate` has what the gate answered for each runtime that it was asked about.
    """

    host: dict[str, object]
    profile: dict[str, object]
    packages: dict[str, object]
    runtimes: dict[str, RuntimeResult] = field(default_factory=dict)
    impact: dict[str, Impact] = field(default_factory=dict)
    gate: dict[str, GateAnswer] = field(default_factory=dict)
