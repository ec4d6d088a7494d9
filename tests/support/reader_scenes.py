"""Small outputs that are read as those of runtimes are: honest ones, and ones that only look optimized.

A scene is one runtime, both of whose sides lie on disk: programs that GCC made, and files with what they
would say of themselves. It states what has to be found.
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
# Twelve functions, each with a path that a profile shows never to be taken.
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
# Programs that are signed as Clang's are; one has a function renamed as ThinLTO renames.
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
# Functions of a program in Rust, and one of the standard library that it was linked with.
RUST: Final = (
    "__attribute__((noipa)) double _ZN7records3dot17h0123456789abcdefE(double *a, int n) "
    "{ double s = 0; for (int i = 0; i < n; i++) s += a[i] * a[i]; return s; }\n"
    "__attribute__((noipa, STD)) double _ZN3std9panicking4hook17h0123456789abcdefE(double *a, int n) "
    "{ double s = 1; for (int i = 0; i < n; i++) s *= a[i]; return s; }\n"
    "int main(int n, char **v) { double a[2] = {n, 1}; "
    "return _ZN7records3dot17h0123456789abcdefE(a, 2) + _ZN3std9panicking4hook17h0123456789abcdefE(a, 2); }"
)


@dataclass(frozen=True)
class Told:
    """A Nix that knows the derivations and logs of one scene."""

    known: Mapping[str, Derivation]
    logs: Mapping[str, str]

    def derivations(self, drvs: list[str]) -> dict[str, Derivation]:
        """Return the derivations of these paths."""
        return {drv: self.known[drv] for drv in drvs}

    def log(self, drv: str, taken: Path | None = None) -> str | None:  # noqa: ARG002  # nothing was taken
        """Return the log of this one."""
        return self.logs.get(drv)


@dataclass(frozen=True)
class Part:
    """One side: its output, derivation and log; what it built; and `self_report`, its reports by name."""

    out: Path
    derivation: Derivation
    log: str | None = None
    programs: Path | None = None
    program_derivation: Derivation | None = None
    self_report: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """A runtime, what it is held to, both its sides, and the statuses that claims have to get.

    With `foreign`, it is held to what the overlay asks for, as somebody else's is; `overlay` is its text.
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
        """Read both sides, as a run does."""
        stock, optimized = (self._side(part, cache) for part in (self.stock, self.optimized))
        attr = runtime(self.runtime).profile_attribute
        held = profile(self.march, attr, **self.settings)
        observation = Observation(attr, held, HOST, stock, optimized, self.prebuilt)
        if not self.foreign:
            return observation
        texts = ForeignOverlays((self.overlay,), rebuilt=1).about(attr)
        request = request_of(stock, optimized, texts)
        return replace(
            observation,
            profile=with_requests(held, attr, request),
            requested=request.requested,
            no_request=no_request_sentence(request, 1),
        )

    def found(self, cache: Path) -> dict[str, str]:
        """Return the status of each claim, or what ended the reading."""
        try:
            return judged(self, self.observation(cache))
        except EvidenceError:
            return dict.fromkeys(self.expected, "refused")

    def _side(self, part: Part, cache: Path) -> Side:
        known = runtime(self.runtime)
        reports = {
            name: ("/bin/cat", f"{{{_place(argv)}}}/reports/{name}") for name, argv in known.reports.items()
        }
        said = ("/bin/cat", "{program}.says") if known.program_report else ()
        told = Told(
            {found.path: found for found in (part.derivation, part.program_derivation) if found is not None},
            {} if part.log is None else {part.derivation.path: part.log},
        )
        programs = (
            StorePaths(part.program_derivation.path, str(part.programs))
            if part.programs is not None and part.program_derivation is not None
            else None
        )
        for name, argv in known.reports.items():
            where = part.programs if _place(argv) == "programs" else part.out
            if where is not None:
                (where / "reports").mkdir(exist_ok=True)
                (where / "reports" / name).write_text(part.self_report.get(name, ""))
        evidence_reader = reader.Reader(cast("Nix", told), cache, HOST)
        speaking = replace(known, reports=reports, program_report=said, compiled_in=None)
        paths = StorePaths(part.derivation.path, str(part.out))
        return evidence_reader.with_reports(
            speaking, evidence_reader.read(speaking, paths, programs, read_code=not self.prebuilt)
        )


def judged(scene: Scene, seen: Observation) -> dict[str, str]:
    """Return the status of each claim of the scene's runtime."""
    known = runtime(scene.runtime)
    return {claim.name: str(known.judge(claim, seen).status) for claim in known.claims}


def _place(argv: tuple[str, ...]) -> str:
    return "programs" if any("{programs}" in word for word in argv) else "out"


class Workshop:
    """Makes the outputs of all scenes below one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def out(self, name: str, place: str, *flags: str, source: str = PROGRAM) -> Path:
        """Return a new output with a program at `place`, compiled with `flags` and functions to compare."""
        out = self.directory / name
        (out / place).parent.mkdir(parents=True, exist_ok=True)
        compile_c(out / place, "-O2", "-ftree-vectorize", *flags, source=source)
        (out / f"{place}.c").unlink()
        return out

    def copy(self, out: Path, name: str) -> Path:
        """Return the same output once more, under another name."""
        return shutil.copytree(out, self.directory / name, symlinks=True)

    def trained(self, name: str, place: str, *flags: str, source: str = TRAINED) -> Path:
        """Return an output whose program was laid out by the profile of a run of its own."""
        work = self.directory / f"{name}-work"
        work.mkdir()
        _, trained = train_c(work, source, *flags)
        target = self.directory / name / place
        target.parent.mkdir(parents=True)
        trained.rename(target)
        return self.directory / name

    def linked(self, name: str, place: str, *flags: str) -> Path:
        """Return an output of two units whose static functions share a name, unless `-DALONE` is given."""
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
        """Return an output whose program loads a library of the same output, compiled with `library`."""
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

    def stripped(self, out: Path, name: str, place: str) -> Path:
        """Return a copy of an output whose program has no symbols."""
        copied = self.copy(out, name)
        check(["strip", "-s", str(copied / place)], timeout=60)
        return copied
