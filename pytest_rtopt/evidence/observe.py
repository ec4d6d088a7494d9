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
from pytest_rtopt.evidence.cache import cached_census
from pytest_rtopt.evidence.elf import elf_files, linker_of, read_elf
from pytest_rtopt.evidence.functions import FunctionSource
from pytest_rtopt.evidence.observed import Binary, Side
from pytest_rtopt.evidence.switches import RecordedSwitches, parse_switches
from pytest_rtopt.evidence.traces import read_traces
from pytest_rtopt.nix.derivation import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.derivation import Derivation
    from pytest_rtopt.nix.package_set import RuntimeDerivations
    from pytest_rtopt.results import StorePaths
    from pytest_rtopt.runtimes.model import Runtime

_REPORT_SECONDS: Final = 60.0
_REPORT_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "HOME": "/dev/null", "GOENV": "off"}


@dataclass(frozen=True)
class Reader:
    """Reads store paths that are present; the census of their code is kept in `cache`."""

    nix: Nix
    cache: Path

    def sides(self, runtime: Runtime, built: RuntimeDerivations) -> tuple[Side, Side]:
        """Return what there is to know about `runtime`, stock and optimized.

        Raises `EvidenceError` where an output is not the runtime, and `NixError` where Nix fails.
        """
        stock = self.side(runtime, built.stock, built.stock_programs, read_code=not built.prebuilt)
        optimized = self.side(
            runtime, built.optimized, built.optimized_programs, read_code=not built.prebuilt
        )
        return stock, optimized

    def side(
        self, runtime: Runtime, paths: StorePaths, programs: StorePaths | None, *, read_code: bool = True
    ) -> Side:
        """Return what there is to know about one side; without `read_code` none of its machine code."""
        derivation = self._compiling(runtime, paths.drv)
        log = self.nix.log(derivation.path)
        out = Path(paths.out)
        located = {name: real_binary(out, places) for name, places in runtime.binaries.items()}
        built = {} if programs is None else {path.name: path for path in elf_files(Path(programs.out))}
        places = {**located, "out": out, **({} if programs is None else {"programs": Path(programs.out)})}
        return Side(
            out=paths.out,
            derivation=derivation,
            log=None if log is None else parse_log(log),
            binaries={name: self._binary(path, runtime) for name, path in located.items() if read_code},
            reports=_reports(runtime.reports, places),
            programs={name: self._binary(path, runtime) for name, path in built.items()},
            program_reports={
                name: _report(runtime.program_report, {**located, "program": path})
                for name, path in built.items()
                if runtime.program_report
            },
            program_derivation=(
                None if programs is None else self.nix.derivations([programs.drv])[programs.drv]
            ),
        )

    def _compiling(self, runtime: Runtime, drv: str) -> Derivation:
        """Return the derivation that compiles the runtime: its own, or an input that it only joins."""
        own = self.nix.derivations([drv])[drv]
        if runtime.compiled_in is None:
            return own
        inputs = [path for path in own.inputs if re.match(runtime.compiled_in, name_of(path))]
        return self.nix.derivations(inputs)[inputs[0]] if inputs else own

    def _binary(self, path: Path, runtime: Runtime) -> Binary:
        census = cached_census(path, self.cache)
        if not runtime.compiled_by_gcc:
            plain = Binary(str(path), census, RecordedSwitches(()), frozenset(census.functions), 0, ())
            return replace(plain, linker=linker_of(path), traces=read_traces(path))
        image = read_elf(path)
        return Binary(
            path=str(path),
            census=census,
            switches=parse_switches(image.switches),
            functions=frozenset(function.name for function in image.functions),
            cold_functions=image.cold_functions,
            profiling_symbols=image.profiling_symbols,
            has_symbols=image.function_source is FunctionSource.SYMBOLS,
            imports=image.imports,
            linker=linker_of(path),
            traces=read_traces(path),
        )


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
