"""The evidence about one runtime, stock and optimized, on which claims are decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.compiler_traces import Traces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_rtopt.evidence.census.census import Census
    from pytest_rtopt.evidence.elf.release_marks import ReleaseMarks
    from pytest_rtopt.evidence.elf.switches import RecordedSwitches
    from pytest_rtopt.evidence.log.build_log import BuildLog
    from pytest_rtopt.evidence.requested import Requested
    from pytest_rtopt.hardware.profile import HardwareProfile
    from pytest_rtopt.hardware.runtime_settings import RuntimeSettings
    from pytest_rtopt.nix.derivation import Derivation


@dataclass(frozen=True)
class Binary:
    """One program or library of a runtime: its path, its census, and traces of its compiler.

    - `cold_shares`: the share of the cold part, for functions of which it is more than half.
    - `imports`: the names that the loader must find in other files.
    - `needed`: the libraries that the loader must load.
    - `linker`: the linker of the file.
    - `traces`: the traces of its compilers.

    If `has_symbols` is false (a stripped file), then `cold_functions`, `cold_shares` and `profiling_symbols`
    are empty because they are unknown.
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
    cold_shares: Mapping[str, float] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Side:
    """The evidence about one side.

    - `derivation`: the derivation that compiles; `log` is its log, or `None` if there is none.
    - `binaries`, `reports`: the binaries and the self-reports by name.
    - `programs`, `program_reports`: programs that the runtime compiled, and their self-reports.
    - `program_derivation`, `program_out`: the derivation and the store path of these programs.
    - `libraries`: the libraries that the runtime loads from its output, by their path below it.
    - `wrapper`: the derivation of a wrapper around what `derivation` compiles, if there is one.
    - `constants`: the constants in the code of single functions, by name; `None` without a symbol table.
    - `release`: what upstream's release leaves in the program of rustc; `None` for other runtimes.

    If the side must not run on this machine, reading a report raises `NotRunError`.
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
    wrapper: Derivation | None = None
    constants: Mapping[str, frozenset[int] | None] = field(default_factory=dict)
    release: ReleaseMarks | None = None

    @property
    def code(self) -> Mapping[str, Binary]:
        """All files whose code was read: binaries, libraries and programs."""
        return {**self.binaries, **self.libraries, **self.programs}


class NotRunError(EvidenceError):
    """A report is missing, because its program must not run on this machine."""


class NotRun(Mapping[str, str]):
    """Takes the place of reports of programs that were not run; each access raises the reason."""

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
    """Both sides of one runtime, the profile to judge it by, and the features of this CPU.

    `profile` is the one that the user named. For another author's overlay on a detected profile, it is the
    profile that the overlay requests (`claims.requested_profile`), and `requested` holds these requests. The
    package set does not compile a `prebuilt` runtime, so its code is not read. `no_request` is a sentence for
    an overlay that asks for no optimization. It is `None` where something is asked for.
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
        """The profile's settings for this runtime."""
        return self.profile.settings(self.attr)

    @property
    def same_derivation(self) -> bool:
        """Whether no overlay changed this runtime."""
        return self.stock.derivation.path == self.optimized.derivation.path
