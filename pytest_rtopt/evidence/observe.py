"""Reads everything about one side of a runtime: derivation, log, machine code, and what its programs say."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt import process
from pytest_rtopt.errors import EvidenceError
from pytest_rtopt.evidence.binaries import real_binary
from pytest_rtopt.evidence.build_log import parse_log
from pytest_rtopt.evidence.cache import cached_reading
from pytest_rtopt.evidence.differential import missing_on
from pytest_rtopt.evidence.elf import elf_files
from pytest_rtopt.evidence.libraries import own_libraries
from pytest_rtopt.evidence.observed import Binary, NotRun, Side
from pytest_rtopt.evidence.switches import RecordedSwitches, parse_switches
from pytest_rtopt.nix.derivation import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.derivation import Derivation
    from pytest_rtopt.nix.package_set import RuntimeDerivations
    from pytest_rtopt.results import StorePaths
    from pytest_rtopt.runtimes.model import Runtime

_REPORT_SECONDS: Final = 60.0
_REPORT_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "HOME": "/dev/null", "GOENV": "off"}


@dataclass(frozen=True)
class Reader:
    """Reads store paths that are present; what their files say is kept in `cache`.

    `host` are the features of this CPU: an optimized build whose code needs others is read and never run.
    `taken_log` is where the log of a derivation is that was built elsewhere.
    """

    nix: Nix
    cache: Path
    host: frozenset[str]
    taken_log: Callable[[str], Path] | None = None

    def sides(self, runtime: Runtime, built: RuntimeDerivations) -> tuple[Side, Side]:
        """Return what there is to know about `runtime`, stock and optimized.

        Raises `EvidenceError` where an output is not the runtime, and `NixError` where Nix fails.
        """
        read_code = not built.prebuilt
        stock = self.read(runtime, built.stock, built.stock_programs, read_code=read_code)
        optimized = self.read(runtime, built.optimized, built.optimized_programs, read_code=read_code)
        refusal = refusal_to_run(self.host, stock.code, optimized.code)
        if refusal is not None:
            silent = NotRun(refusal)
            return self.heard(runtime, stock), replace(optimized, reports=silent, program_reports=silent)
        return self.heard(runtime, stock), self.heard(runtime, optimized)

    def read(
        self, runtime: Runtime, paths: StorePaths, programs: StorePaths | None, *, read_code: bool = True
    ) -> Side:
        """Return what one side says without being run; without `read_code` none of its own machine code."""
        derivation = self.compiling(runtime, paths.drv)
        taken = None if self.taken_log is None else self.taken_log(derivation.path)
        log = self.nix.log(derivation.path, taken)
        binaries, libraries, built = self._code(runtime, paths, programs, read_code=read_code)
        return Side(
            out=paths.out,
            derivation=derivation,
            log=None if log is None else parse_log(log),
            binaries=binaries,
            reports={},
            programs=built,
            program_out=None if programs is None else programs.out,
            program_derivation=(
                None if programs is None else self.nix.derivations([programs.drv])[programs.drv]
            ),
            libraries=libraries,
        )

    def refusal(self, runtime: Runtime, built: RuntimeDerivations) -> str | None:
        """Return why the optimized build must not run on this machine; `None` if it may.

        Raises `EvidenceError` where an output is not the runtime.
        """
        read_code = not built.prebuilt
        stock, optimized = (
            self._code(runtime, paths, programs, read_code=read_code)
            for paths, programs in (
                (built.stock, built.stock_programs),
                (built.optimized, built.optimized_programs),
            )
        )
        return refusal_to_run(self.host, _all(stock), _all(optimized))

    def _code(
        self, runtime: Runtime, paths: StorePaths, programs: StorePaths | None, *, read_code: bool
    ) -> tuple[Mapping[str, Binary], Mapping[str, Binary], Mapping[str, Binary]]:
        """Return binaries, libraries and programs of one side."""
        out = Path(paths.out)
        located = _located(runtime, out) if read_code else {}
        libraries = own_libraries(out, located.values(), runtime.libraries) if read_code else ()
        return (
            {name: self._binary(path, runtime) for name, path in located.items()},
            {str(path.relative_to(out.resolve())): self._binary(path, runtime) for path in libraries},
            {name: self._binary(path, runtime) for name, path in _programs(programs).items()},
        )

    def heard(self, runtime: Runtime, side: Side) -> Side:
        """Return a side with what its programs say of themselves; this runs them."""
        out = Path(side.out)
        located = _located(runtime, out)
        places = {**located, "out": out}
        if side.program_out is not None:
            places["programs"] = Path(side.program_out)
        return replace(
            side,
            reports=_reports(runtime.reports, places),
            program_reports={
                name: _report(runtime.program_report, {**located, "program": Path(program.path)})
                for name, program in side.programs.items()
                if runtime.program_report
            },
        )

    def compiling(self, runtime: Runtime, drv: str) -> Derivation:
        """Return the derivation that compiles the runtime: its own, or an input that it only joins."""
        own = self.nix.derivations([drv])[drv]
        if runtime.compiled_in is None:
            return own
        inputs = [path for path in own.inputs if re.match(runtime.compiled_in, name_of(path))]
        return self.nix.derivations(inputs)[inputs[0]] if inputs else own

    def _binary(self, path: Path, runtime: Runtime) -> Binary:
        read = cached_reading(path, self.cache)
        plain = Binary(str(path), read.census, RecordedSwitches(()), frozenset(read.census.functions), 0, ())
        if not runtime.compiled_by_gcc:
            return replace(plain, linker=read.linker, traces=read.traces)
        return replace(
            plain,
            switches=parse_switches(read.switches),
            functions=read.names,
            cold_functions=read.cold_functions,
            profiling_symbols=read.profiling_symbols,
            has_symbols=read.has_symbols,
            imports=read.imports,
            linker=read.linker,
            traces=read.traces,
        )


def refusal_to_run(
    host: frozenset[str], stock: Mapping[str, Binary], optimized: Mapping[str, Binary]
) -> str | None:
    """Return why the optimized build must not run on a host with these features; `None` if it may.

    `stock` and `optimized` are all files of both sides by name.
    """
    for name in stock.keys() & optimized.keys():
        certain = [
            missing.feature
            for missing in missing_on(host, stock[name].census, optimized[name].census)
            if missing.certain
        ]
        if certain:
            return (
                f"{name} needs {', '.join(certain)}, which this CPU does not have, so nothing of the "
                "optimized build was run; a machine that has it would tell"
            )
    return None


def _all(parts: Iterable[Mapping[str, Binary]]) -> dict[str, Binary]:
    return {name: binary for part in parts for name, binary in part.items()}


def _located(runtime: Runtime, out: Path) -> dict[str, Path]:
    return {name: real_binary(out, places) for name, places in runtime.binaries.items()}


def _programs(paths: StorePaths | None) -> dict[str, Path]:
    return {} if paths is None else {path.name: path for path in elf_files(Path(paths.out))}


def _reports(commands: Mapping[str, tuple[str, ...]], places: Mapping[str, Path]) -> dict[str, str]:
    """Run the commands; those about the programs only where there are any."""
    return {
        name: _report(argv, places)
        for name, argv in commands.items()
        if "programs" in places or not any("{programs}" in word for word in argv)
    }


def _report(argv: tuple[str, ...], located: Mapping[str, Path]) -> str:
    """Run one of the runtime's own programs, not its wrapper, in an empty environment; return what it says.

    Raises `EvidenceError` where it fails: a runtime that cannot speak for itself is broken, not merely slow.
    """
    # No configuration of the user's: what is reported is what was built in. Below /dev/null no directory can
    # be made, not even by root; in any other HOME, Go's commands leave a process behind that keeps telemetry
    # there.
    with tempfile.TemporaryDirectory(prefix="rtopt-report-") as scratch:
        names = {"scratch": scratch, **{name: str(path) for name, path in located.items()}}
        filled = [word.format(**names) for word in argv]
        completed = process.run(
            filled,
            timeout=_REPORT_SECONDS,
            surroundings=process.Surroundings(
                env={**_REPORT_ENVIRONMENT, "XDG_CACHE_HOME": scratch}, cwd=Path(scratch)
            ),
        )
    if completed.returncode != 0:
        raise EvidenceError(
            f"`{' '.join(filled)}` ended with status {completed.returncode}, so nothing that it says can be "
            f"used: {completed.error_text.strip()[-300:]}"
        )
    return "\n".join(filter(None, (completed.text.strip(), completed.error_text.strip())))
