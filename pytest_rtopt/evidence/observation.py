"""Everything that was read about one runtime, stock and optimized; what claims are decided on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.compiler_traces import Traces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_rtopt.evidence.census.census import Census
    from pytest_rtopt.evidence.elf.switches import RecordedSwitches
    from pytest_rtopt.evidence.log.build_log import BuildLog
    from pytest_rtopt.evidence.requested import Requested
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.hardware.runtime_settings import RuntimeSettings
    from pytest_rtopt.nix.derivation import Derivation


@dataclass(frozen=True)
class Binary:
    """One program of a runtime: where its code is, what it is made of, what the compiler left beside it.

    Without `has_symbols` (a stripped file), `cold_functions`, `mostly_cold` and `profiling_symbols` are
    unknown, not none. `mostly_cold` are functions of which more than half was split off as cold, `imports`
    are the names that the loader finds elsewhere, `needed` the libraries that it tells the loader to
    load, `linker` is what linked it, `traces` are those of the compilers.
    """

    path: str
    census: Census
    switches: RecordedSwitches
    functions: frozenset[str]
    cold_functions: int
    profiling_symbols: tuple[str, ...]
    has_symbols: bool = True
    imports: frozenset[str] = frozenset()
    linker: str = "bfd"
    traces: Traces = field(default_factory=Traces)
    mostly_cold: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Side:
    """One side: the derivation that compiles, its log (`None`: there is none), binaries and reports by name.

    `programs` are the binaries that the runtime compiled for a consumer, with their self-reports, and
    `program_derivation` is what built them in `program_out`. `libraries` are those of its output that it
    loads, by their path below the output. Asking for a report of a side that must not run raises
    `NotRunError`.
    """

    out: str
    derivation: Derivation
    log: BuildLog | None
    binaries: Mapping[str, Binary]
    reports: Mapping[str, str]
    programs: Mapping[str, Binary] = field(default_factory=dict)
    program_reports: Mapping[str, str] = field(default_factory=dict)
    program_derivation: Derivation | None = None
    program_out: str | None = None
    libraries: Mapping[str, Binary] = field(default_factory=dict)

    @property
    def code(self) -> Mapping[str, Binary]:
        """Everything whose code was read: binaries, libraries and programs."""
        return {**self.binaries, **self.libraries, **self.programs}


class NotRunError(EvidenceError):
    """Something that only a running program would tell, of one that must not run on this machine."""


class NotRun(Mapping[str, str]):
    """Reports of programs that were not run: whoever reads one is told why there is none."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def __getitem__(self, name: str) -> str:
        raise NotRunError(self._reason)

    def __iter__(self) -> Iterator[str]:
        raise NotRunError(self._reason)

    def __len__(self) -> int:
        raise NotRunError(self._reason)

    def __contains__(self, name: object) -> bool:
        raise NotRunError(self._reason)


@dataclass(frozen=True)
class Observation:
    """Both sides of one runtime, what it is held to, and the CPU features that are there.

    `profile` is the one that the user named. For somebody else's overlay on a detected profile, it is what
    that overlay requests (`claims.requested_profile`), as `requested` has it. The package set does not
    compile a `prebuilt` runtime, so its code is not read. `no_request` is a sentence for an overlay that asks
    for no optimization; `None` where something is asked for, or where no overlay changed the runtime.
    """

    attr: str
    profile: HardwareProfile
    host_features: frozenset[str]
    stock: Side
    optimized: Side
    prebuilt: bool = False
    requested: Requested | None = None
    no_request: str | None = None

    @property
    def settings(self) -> RuntimeSettings:
        """What is asked for this runtime."""
        return self.profile.settings(self.attr)

    @property
    def same_derivation(self) -> bool:
        """Whether no overlay touched this runtime at all."""
        return self.stock.derivation.path == self.optimized.derivation.path
