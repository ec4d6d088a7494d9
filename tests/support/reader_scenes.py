"""Small outputs that are read like those of runtimes; some are optimized, and some only look optimized.

A scene is one runtime with both sides on disk: programs that GCC compiled, and files with their self-reports.
It states the expected statuses of claims.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, cast

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.base.process import check
from pytest_rtopt.claims.requested_profile import no_request_sentence, request_of, with_requests
from pytest_rtopt.evidence import reader
from pytest_rtopt.evidence.observation import Observation
from pytest_rtopt.results.values import StorePaths
from pytest_rtopt.runtimes import runtime
from pytest_rtopt.stages.observe import ForeignOverlays
from tests.support.evidence_builds import PROGRAM, compile_c, train_c
from tests.support.observations import HOST, derivation, profile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_rtopt.evidence.observation import Side
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.derivation import Derivation

PROVEN, REFUTED, UNPROVEN, NOT_APPLICABLE = "proven", "refuted", "unproven", "not-applicable"
ECHOED: Final = "gcc -O2 -c lapi.c\ngcc -O2 -c lua.c\n"
STOCK: Final = derivation("stock", {"LC_ALL": "C"})
V3: Final = "-march=x86-64-v3"
RECORDED: Final = "-frecord-gcc-switches"
# Twelve functions, each with a path that is never taken in the profile.
_PATHS: Final = "\n".join(
    "__attribute__((noipa)) int "
    f'work{n}(int x) {{ if (x == {n + 200}) {{ puts("{n}"); x = puts("!") * 7; }} return x << (x & 7); }}'
    for n in range(12)
)
TRAINED: Final = (
    f"#include <stdio.h>\n{_PATHS}\nint main(int argc, char **argv) {{ int sum = 0;\n"
    f"for (int i = 0; i < 99; i++) sum += {' + '.join(f'work{n}(i)' for n in range(12))};\n"
    "return sum == argc; }\n"
)
_UNIT: Final = (
    "#ifdef ALONE\n#define half half{n}\n#endif\n"
    "__attribute__((noinline)) static int half(int x) {{ return x / 2 + {n}; }} "
    "int unit{n}(int x) {{ return half(x) + half(x * 3); }}"
)
_MAIN: Final = "int unit1(int), unit2(int); int main(int n, char **v) { return unit1(n) + unit2(n); }"
_LOADING: Final = (
    f"double library(double *, int);\n{PROGRAM.replace('int main', 'int own')}\n"
    "int main(int n, char **v) { double a[2] = {n, 1}; return own(n, v) + library(a, 2); }"
)
_LOADED: Final = (
    "__attribute__((noipa)) double library(double *a, int n) "
    "{ double s = 0; for (int i = 0; i < n; i++) a[i] *= n, s += a[i]; return s; }"
)
# Programs with the signature of Clang; one of them also has a function name like those of ThinLTO.
CLANGS: Final = (
    f'{PROGRAM}\n__asm__(".pushsection .comment; .string \\"clang version 16.0.6\\"; .popsection");\n'
)
THIN: Final = (
    f'{CLANGS}int half(int) __asm__("half.llvm.42");\n'
    "__attribute__((noipa)) int half(int x) { return x / 2; }\n"
)
LIBRARY: Final = (
    "#ifdef TRAINING\n#define state 1\n#else\nextern _Thread_local int state;\n#endif\n"
    f"int shared(int x) {{ return x + state; }}\n{TRAINED}"
)
# Functions with the names of a Rust program, and one of the standard library.
RUST: Final = (
    "__attribute__((noipa)) double _ZN7records3dot17h0123456789abcdefE(double *a, int n) "
    "{ double s = 0; for (int i = 0; i < n; i++) s += a[i] * a[i]; return s; }\n"
    "__attribute__((noipa, STD)) double _ZN3std9panicking4hook17h0123456789abcdefE(double *a, int n) "
    "{ double s = 1; for (int i = 0; i < n; i++) s *= a[i]; return s; }\n"
    "int main(int n, char **v) { double a[2] = {n, 1}; "
    "return _ZN7records3dot17h0123456789abcdefE(a, 2) + _ZN3std9panicking4hook17h0123456789abcdefE(a, 2); }"
)


@dataclass(frozen=True)
class RecordedNix:
    """A replacement for Nix with the derivations and logs of one scene."""

    by_path: Mapping[str, Derivation]
    logs: Mapping[str, str]

    def derivations(self, drvs: list[str]) -> dict[str, Derivation]:
        """Return the derivations at these paths."""
        return {drv: self.by_path[drv] for drv in drvs}

    def log(self, drv: str, taken: Path | None = None) -> str | None:  # noqa: ARG002  # as in `Nix.log`
        """Return the log of a derivation, or `None`."""
        return self.logs.get(drv)


@dataclass(frozen=True)
class Part:
    """One side: its output, derivation and log, the programs that it built, and its reports by name."""

    out: Path
    derivation: Derivation
    log: str | None = None
    programs: Path | None = None
    program_derivation: Derivation | None = None
    self_report: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """A runtime, its settings, both sides, and the expected statuses of claims.

    If `foreign` is true, the overlay counts as another author's, so its own requests are the settings.
    `overlay` is its text.
    """

    runtime: str
    march: str | None
    settings: Mapping[str, Any]
    stock: Part
    optimized: Part
    expected: Mapping[str, str]
    prebuilt: bool = False
    foreign: bool = False
    overlay: str = ""

    def observation(self, cache: Path) -> Observation:
        """Read both sides like a run does."""
        stock, optimized = (self._side(part, cache) for part in (self.stock, self.optimized))
        attr = runtime(self.runtime).profile_attribute
        judged_by = profile(self.march, attr, **self.settings)
        observation = Observation(attr, judged_by, HOST, stock, optimized, self.prebuilt)
        if not self.foreign:
            return observation
        texts = ForeignOverlays((self.overlay,), rebuilt=1).about(attr, stock, optimized)
        request = request_of(stock, optimized, texts)
        return replace(
            observation,
            profile=with_requests(judged_by, attr, request),
            requested=request.requested,
            no_request=no_request_sentence(request, 1),
        )

    def statuses(self, cache: Path) -> dict[str, str]:
        """Return the status of each claim, or "refused" if the evidence cannot be read."""
        try:
            return judged(self, self.observation(cache))
        except EvidenceError:
            return dict.fromkeys(self.expected, "refused")

    def _side(self, part: Part, cache: Path) -> Side:
        declared = runtime(self.runtime)
        reports = {
            name: ("/bin/cat", f"{{{_place(argv)}}}/reports/{name}")
            for name, argv in declared.reports.items()
        }
        program_report = ("/bin/cat", "{program}.says") if declared.program_report else ()
        derivations = (part.derivation, part.program_derivation)
        recorded_nix = RecordedNix(
            {derivation.path: derivation for derivation in derivations if derivation is not None},
            {} if part.log is None else {part.derivation.path: part.log},
        )
        programs = (
            StorePaths(part.program_derivation.path, str(part.programs))
            if part.programs is not None and part.program_derivation is not None
            else None
        )
        for name, argv in declared.reports.items():
            where = part.programs if _place(argv) == "programs" else part.out
            if where is not None:
                (where / "reports").mkdir(exist_ok=True)
                (where / "reports" / name).write_text(part.self_report.get(name, ""))
        evidence_reader = reader.Reader(cast("Nix", recorded_nix), cache, HOST)
        reporting = replace(declared, reports=reports, program_report=program_report, compiled_in=None)
        paths = StorePaths(part.derivation.path, str(part.out))
        return evidence_reader.with_reports(
            reporting, evidence_reader.read(reporting, paths, programs, read_code=not self.prebuilt)
        )


def judged(scene: Scene, observation: Observation) -> dict[str, str]:
    """Return the status of each claim of the scene's runtime."""
    declared = runtime(scene.runtime)
    return {claim.name: str(declared.judge(claim, observation).status) for claim in declared.claims}


def _place(argv: tuple[str, ...]) -> str:
    return "programs" if any("{programs}" in word for word in argv) else "out"


class Workshop:
    """Makes the outputs of all scenes below one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def out(self, name: str, place: str, *flags: str, source: str = PROGRAM) -> Path:
        """Return a new output with a program at `place`, compiled from `source` with `flags`."""
        out = self.directory / name
        (out / place).parent.mkdir(parents=True, exist_ok=True)
        compile_c(out / place, "-O2", "-ftree-vectorize", *flags, source=source)
        (out / f"{place}.c").unlink()
        return out

    def copy(self, out: Path, name: str) -> Path:
        """Return a copy of an output under another name."""
        return shutil.copytree(out, self.directory / name, symlinks=True)

    def trained(self, name: str, place: str, *flags: str, source: str = TRAINED) -> Path:
        """Return an output whose program was compiled with a profile of its own run."""
        work = self.directory / f"{name}-work"
        work.mkdir()
        _, trained = train_c(work, source, *flags)
        target = self.directory / name / place
        target.parent.mkdir(parents=True)
        trained.rename(target)
        return self.directory / name

    def linked(self, name: str, place: str, *flags: str) -> Path:
        """Return an output of two units with static functions of one name, unless `-DALONE` is in `flags`."""
        work = self.directory / f"{name}-work"
        work.mkdir()
        for number in (1, 2):
            (work / f"unit{number}.c").write_text(_UNIT.format(n=number))
        (work / "main.c").write_text(_MAIN)
        target = self.directory / name / place
        target.parent.mkdir(parents=True)
        sources = [str(path) for path in sorted(work.glob("*.c"))]
        check(["gcc", "-O2", *flags, *sources, "-o", str(target)], timeout=60)
        return self.directory / name

    def with_library(self, name: str, place: str, *flags: str, library: tuple[str, ...] = ()) -> Path:
        """Return an output whose program loads a library of that output; `library` are its flags."""
        loaded = "lib/libloaded.so"
        out = self.out(name, loaded, "-shared", "-fPIC", "-ffast-math", *library, source=_LOADED)
        return self.out(
            name,
            place,
            *flags,
            "-Wl,--no-as-needed,-rpath,$ORIGIN/../lib",
            str(out / loaded),
            source=_LOADING,
        )

    def released(self, name: str) -> Path:
        """Return an output with the marks of upstream's release of rustc: malloc, and the note of BOLT."""
        note = self.directory / "bolted.h"
        note.write_text('__asm__(".pushsection .note.bolt_info, \\"\\"; .byte 1; .popsection");\n')
        exported = ("-rdynamic", "-Wl,--defsym=malloc=own")
        return self.with_library(name, "bin/rustc", *exported, library=("-include", str(note)))

    def stripped(self, out: Path, name: str, place: str) -> Path:
        """Return a copy of an output with a stripped program."""
        copied = self.copy(out, name)
        check(["strip", "-s", str(copied / place)], timeout=60)
        return copied
