"""Reads everything about one side of a runtime: derivation, log, machine code, and what its programs say."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt import process
from pytest_rtopt.errors import EvidenceError
from pytest_rtopt.evidence.binaries import real_binary
from pytest_rtopt.evidence.build_log import parse_log
from pytest_rtopt.evidence.cache import cached_census
from pytest_rtopt.evidence.elf import elf_files, read_elf
from pytest_rtopt.evidence.functions import FunctionSource
from pytest_rtopt.evidence.observed import Binary, Side
from pytest_rtopt.evidence.switches import RecordedSwitches, parse_switches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.results import StorePaths
    from pytest_rtopt.runtimes.model import Runtime

_REPORT_SECONDS: Final = 60.0
_REPORT_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "HOME": "/dev/null", "GOENV": "off"}


@dataclass(frozen=True)
class Reader:
    """Reads store paths that are present; the census of their code is kept in `cache`."""

    nix: Nix
    cache: Path

    def side(self, runtime: Runtime, paths: StorePaths, programs: StorePaths | None) -> Side:
        """Return what there is to know about one side of `runtime`.

        Raises `EvidenceError` where the output is not the runtime, and `NixError` where Nix fails.
        """
        derivation = self.nix.derivations([paths.drv])[paths.drv]
        log = self.nix.log(paths.drv)
        out = Path(paths.out)
        located = {name: real_binary(out, places) for name, places in runtime.binaries.items()}
        built = {} if programs is None else {path.name: path for path in elf_files(Path(programs.out))}
        return Side(
            out=paths.out,
            derivation=derivation,
            log=None if log is None else parse_log(log),
            binaries={name: self._binary(path, runtime) for name, path in located.items()},
            reports=_reports(runtime.reports, located),
            programs={name: self._binary(path, runtime) for name, path in built.items()},
            program_reports={
                name: _report(runtime.program_report, {**located, "program": path})
                for name, path in built.items()
                if runtime.program_report
            },
        )

    def _binary(self, path: Path, runtime: Runtime) -> Binary:
        census = cached_census(path, self.cache)
        if not runtime.compiled_by_gcc:
            return Binary(str(path), census, RecordedSwitches(()), frozenset(census.functions), 0, ())
        image = read_elf(path)
        return Binary(
            path=str(path),
            census=census,
            switches=parse_switches(image.switches),
            functions=frozenset(function.name for function in image.functions),
            cold_functions=image.cold_functions,
            profiling_symbols=image.profiling_symbols,
            has_symbols=image.function_source is FunctionSource.SYMBOLS,
        )


def _reports(commands: Mapping[str, tuple[str, ...]], located: Mapping[str, Path]) -> dict[str, str]:
    return {name: _report(argv, located) for name, argv in commands.items()}


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
