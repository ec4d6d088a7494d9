"""Reads all evidence about a runtime: derivations, logs, machine code, and reports of its programs."""

from __future__ import annotations

import functools
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pytest_rtopt.evidence.census.cache import cached_evidence
from pytest_rtopt.evidence.census.differential import missing_on
from pytest_rtopt.evidence.census.workers import WaitingThreads
from pytest_rtopt.evidence.elf.image import elf_files
from pytest_rtopt.evidence.elf.immediates import constants_of
from pytest_rtopt.evidence.elf.libraries import own_libraries
from pytest_rtopt.evidence.elf.release_marks import ReleaseMarks, read_release_marks
from pytest_rtopt.evidence.elf.switches import RecordedSwitches, parse_switches
from pytest_rtopt.evidence.elf.unwrap import real_binary
from pytest_rtopt.evidence.log.build_log import BuildLog, parse_log
from pytest_rtopt.evidence.observation import Binary, NotRun, Side
from pytest_rtopt.evidence.self_reports import report_of, reports_of
from pytest_rtopt.nix.derivation import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_rtopt.evidence.census.file_evidence import FileEvidence
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.derivation import Derivation
    from pytest_rtopt.nix.package_set import RuntimeDerivations
    from pytest_rtopt.results.values import StorePaths

_MAX_WRAPPERS: Final = 5


class ReadableRuntime(Protocol):
    """The paths of a runtime's programs, and the commands that report on them; see `claims.model.Runtime`."""

    @property
    def binaries(self) -> Mapping[str, tuple[str, ...]]:
        """The candidate paths of each judged program, relative to the output."""

    @property
    def libraries(self) -> tuple[str, ...]:
        """Patterns of paths below the output of the files that the runtime loads."""

    @property
    def compiled_by_gcc(self) -> bool:
        """Whether GCC compiles the code of the runtime."""

    @property
    def compiled_in(self) -> str | None:
        """A regular expression for the name of the compiling derivation, if it is not the runtime's own."""

    @property
    def reports(self) -> Mapping[str, tuple[str, ...]]:
        """The commands by which the runtime reports on itself."""

    @property
    def program_report(self) -> tuple[str, ...]:
        """The command that reports on a program that it compiled."""

    @property
    def constants(self) -> Mapping[str, tuple[str, str]]:
        """Files and functions in them whose constants are evidence, by name."""

    @property
    def uses_rustc(self) -> bool:
        """Whether its program is a rustc, which may be upstream's release."""


@dataclass(frozen=True)
class _Recorded:
    """The records of Nix about one side: the compiling derivation, its log, the programs' derivation."""

    derivation: Derivation
    log: BuildLog | None
    program_derivation: Derivation | None
    wrapper: Derivation | None


@dataclass(frozen=True)
class _Code:
    """The machine code of one side by name; the fields are those of `Side`."""

    binaries: Mapping[str, Binary]
    libraries: Mapping[str, Binary]
    programs: Mapping[str, Binary]
    constants: Mapping[str, frozenset[int] | None]
    release: ReleaseMarks | None

    @property
    def all(self) -> Mapping[str, Binary]:
        """All files whose code was read."""
        return {**self.binaries, **self.libraries, **self.programs}


@dataclass(frozen=True)
class Reader:
    """Reads existing store paths, and caches the evidence of their files in `cache`.

    `host` are the features of this CPU. An optimized build that needs other features is read but never run.
    `imported_log` returns the path of the log of a derivation that was built on another machine.
    """

    nix: Nix
    cache: Path
    host: frozenset[str]
    imported_log: Callable[[str], Path] | None = None

    def sides(self, runtime: ReadableRuntime, built: RuntimeDerivations) -> tuple[Side, Side]:
        """Return all evidence about `runtime`, for stock and optimized.

        Processes of Nix and of the runtimes run in parallel with the reading of code. But the optimized build
        is not run before its code was read.

        Raises `EvidenceError` if an output is not the runtime, and `NixError` if Nix fails.
        """
        read_code = not built.prebuilt
        with WaitingThreads() as pool:
            recorded = [
                pool.submit(self._recorded, runtime, paths, programs, built.stock.drv)
                for paths, programs in (
                    (built.stock, built.stock_programs),
                    (built.optimized, built.optimized_programs),
                )
            ]
            code = self._code(runtime, built.stock, built.stock_programs, read_code=read_code)
            stock = _side(built.stock, built.stock_programs, recorded[0].result(), code)
            with_reports = pool.submit(self.with_reports, runtime, stock)
            code = self._code(runtime, built.optimized, built.optimized_programs, read_code=read_code)
            optimized = _side(built.optimized, built.optimized_programs, recorded[1].result(), code)
            refusal = refusal_to_run(self.host, stock.code, optimized.code)
            if refusal is not None:
                silent = NotRun(refusal)
                return with_reports.result(), replace(optimized, reports=silent, program_reports=silent)
            return with_reports.result(), self.with_reports(runtime, optimized)

    def read(
        self,
        runtime: ReadableRuntime,
        paths: StorePaths,
        programs: StorePaths | None,
        *,
        read_code: bool = True,
    ) -> Side:
        """Return the evidence about one side that does not need to run it.

        If `read_code` is false, the machine code of the runtime itself is not read.
        """
        code = self._code(runtime, paths, programs, read_code=read_code)
        return _side(paths, programs, self._recorded(runtime, paths, programs, paths.drv), code)

    def refusal(self, runtime: ReadableRuntime, built: RuntimeDerivations) -> str | None:
        """Return why the optimized build must not run on this machine; `None` if it may run.

        Raises `EvidenceError` if an output is not the runtime.
        """
        read_code = not built.prebuilt
        stock = self._code(runtime, built.stock, built.stock_programs, read_code=read_code)
        optimized = self._code(runtime, built.optimized, built.optimized_programs, read_code=read_code)
        return refusal_to_run(self.host, stock.all, optimized.all)

    def _code(
        self, runtime: ReadableRuntime, paths: StorePaths, programs: StorePaths | None, *, read_code: bool
    ) -> _Code:
        out = Path(paths.out)
        located = _located(runtime, out) if read_code else {}
        # The search for libraries reads the needs of each file; its whole reading is cached.
        read = functools.cache(lambda path: cached_evidence(path, self.cache))
        libraries: Iterable[Path] = ()
        if read_code:
            libraries = own_libraries(out, located.values(), runtime.libraries, lambda path: read(path).needs)
        return _Code(
            {name: _binary(path, read(path), runtime) for name, path in located.items()},
            {str(path.relative_to(out.resolve())): _binary(path, read(path), runtime) for path in libraries},
            {name: _binary(path, read(path), runtime) for name, path in _programs(programs).items()},
            constants_of(runtime.constants, _places(out, located, programs.out if programs else None))
            if read_code
            else {},
            # The marks are of files, not of code, and are read where nobody compiled it, too.
            read_release_marks(_located(runtime, out)["rustc"]) if runtime.uses_rustc else None,
        )

    def with_reports(self, runtime: ReadableRuntime, side: Side) -> Side:
        """Run the programs of a side, and return the side with their reports."""
        out = Path(side.out)
        located = _located(runtime, out)
        places = _places(out, located, side.program_out)
        # All reports share one cache, because Go makes hundreds of directories in a new one.
        with tempfile.TemporaryDirectory(prefix="rtopt-cache-") as cache:
            return replace(
                side,
                reports=reports_of(runtime.reports, places, cache),
                program_reports={
                    name: report_of(runtime.program_report, {**located, "program": Path(program.path)}, cache)
                    for name, program in side.programs.items()
                    if runtime.program_report
                },
            )

    def _recorded(
        self, runtime: ReadableRuntime, paths: StorePaths, programs: StorePaths | None, stock: str
    ) -> _Recorded:
        drvs = dict.fromkeys((paths.drv, *([] if programs is None else [programs.drv]), stock))
        known = self.nix.derivations(list(drvs))
        own = known[paths.drv]
        wrapped = self._wrapped(own, known[stock])
        compiling = self.compiling(runtime, wrapped)
        taken = None if self.imported_log is None else self.imported_log(compiling.path)
        log = self.nix.log(compiling.path, taken)
        return _Recorded(
            compiling,
            None if log is None else parse_log(log),
            None if programs is None else known[programs.drv],
            own if wrapped is not own else None,
        )

    def _wrapped(self, own: Derivation, stock: Derivation) -> Derivation:
        """Return the derivation of the package that `own` puts a wrapper around, or `own`.

        A wrapper, as `symlinkJoin` or `writeShellScriptBin` makes it, has no source of its own, and the
        package that it wraps has the name of stock's.
        """
        found, name = own, stock.attributes.get("pname")
        if name is None or "src" not in stock.attributes:
            return own
        for _ in range(_MAX_WRAPPERS):
            if "src" in found.attributes or found.path == stock.path:
                return found
            likely = [path for path in found.inputs if str(name) in name_of(path)]
            packages = self.nix.derivations(likely).values() if likely else ()
            named = [package for package in packages if package.attributes.get("pname") == name]
            if len(named) != 1:
                # What is around a wrapper has the name of stock's, or none that is known.
                return own
            found = named[0]
        return own

    def compiling(self, runtime: ReadableRuntime, own: Derivation) -> Derivation:
        """Return the derivation that compiles the runtime: its own, or the input that it links to."""
        if runtime.compiled_in is None:
            return own
        inputs = [path for path in own.inputs if re.match(runtime.compiled_in, name_of(path))]
        return self.nix.derivations(inputs)[inputs[0]] if inputs else own


def refusal_to_run(
    host: frozenset[str], stock: Mapping[str, Binary], optimized: Mapping[str, Binary]
) -> str | None:
    """Return why the optimized build must not run on a host with these features; `None` if it may run.

    `stock` and `optimized` map names to all files of the two sides.
    """
    for name in stock.keys() & optimized.keys():
        certain = [
            missing.feature
            for missing in missing_on(host, stock[name].census, optimized[name].census)
            if missing.certain
        ]
        if certain:
            return (
                f"{name} needs {', '.join(certain)}, which this CPU does not have, so the optimized build "
                "was not run; use a machine whose CPU has it"
            )
    return None


def _side(paths: StorePaths, programs: StorePaths | None, recorded: _Recorded, code: _Code) -> Side:
    return Side(
        out=paths.out,
        derivation=recorded.derivation,
        log=recorded.log,
        binaries=code.binaries,
        reports={},
        programs=code.programs,
        program_out=None if programs is None else programs.out,
        program_derivation=recorded.program_derivation,
        wrapper=recorded.wrapper,
        libraries=code.libraries,
        constants=code.constants,
        release=code.release,
    )


def _binary(path: Path, read: FileEvidence, runtime: ReadableRuntime) -> Binary:
    plain = Binary(str(path), read.census, RecordedSwitches(()), frozenset(read.census.functions), 0, ())
    if not runtime.compiled_by_gcc:
        return replace(plain, linker=read.linker, traces=read.traces)
    return replace(
        plain,
        switches=parse_switches(read.switches),
        functions=read.names,
        cold_functions=read.cold_functions,
        cold_shares=read.cold_shares,
        profiling_symbols=read.profiling_symbols,
        has_symbols=read.has_symbols,
        imports=read.imports,
        needed=frozenset(read.needs.libraries),
        linker=read.linker,
        traces=read.traces,
    )


def _located(runtime: ReadableRuntime, out: Path) -> dict[str, Path]:
    return {name: real_binary(out, places) for name, places in runtime.binaries.items()}


def _programs(paths: StorePaths | None) -> dict[str, Path]:
    return {} if paths is None else {path.name: path for path in elf_files(Path(paths.out))}


def _places(out: Path, located: Mapping[str, Path], programs: str | None) -> dict[str, Path]:
    """Return what commands and constants name: the binaries, the output, and the programs, if any."""
    return {**located, "out": out, **({} if programs is None else {"programs": Path(programs)})}
