"""Scenes of Go: a toolchain that keeps its promises, and one that nobody compiled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.go_collector import HEAP_REPORT, LINKER_REPORT, PROGRAM_REPORT, WITH_GOGC
from tests.support.evidence_builds import PROGRAM
from tests.support.observations import derivation
from tests.support.reader_scenes import PROVEN, REFUTED, STOCK, V3, Part, Scene

if TYPE_CHECKING:
    from tests.support.reader_scenes import Workshop

_V3: Final = "x86-64-v3"
_GO: Final = "share/go/bin/go"
_COMPILE: Final = "share/go/pkg/tool/linux_amd64/compile"
_SETTINGS: Final = {"compilerHeap": 512, "linkerGcPercent": 400, "goGcPercent": 200}
_LATER: Final = ("compiler-heap", "linker-collector", "program-collector")
# The function of Go's compiler with the number of MiB that it starts with.
_MAIN: Final = (
    f"{PROGRAM.replace('{', '{{').replace('}', '}}')}\n"
    'unsigned long start(void) __asm__("\\"cmd/compile/internal/gc.Main\\""); '
    "unsigned long start(void) {{ return {}; }}\n"
)


def _twice(default: str, explicit: str) -> str:
    return f"{default}\n{WITH_GOGC}\n{explicit}"


def _heap(goal: int) -> str:
    # As the compiler of Go 1.26 says it, which is silent where GOGC is set.
    return _twice(f"GCAdjust: Reuse GOGC adjust, current goal {goal}MB, count is 0, current gogc 1760", "")


def _collection(goal: int) -> str:
    return f"gc 1 @0.060s 1%: 0.5+0/0.7/0+0.02 ms cpu, {goal}->{goal}->2 MB, {goal} MB goal, 0 MB stacks, 2 P"


def go_scenes(work: Workshop) -> dict[str, Scene]:
    """Make all outputs of Go, and return the scenes by description."""
    both = {"go": (), "go-v3": (V3,)}
    outs = {name: work.out(name, _GO, *flags) for name, flags in both.items()}
    for name, flags in both.items():
        work.out(name, _COMPILE, *flags, source=_MAIN.format(512 if flags else 128))
    made = {name: work.out(f"{name}-programs", "bin/records", *flags) for name, flags in both.items()}
    built = "\tbuild\tGOAMD64={}\n"
    for name, level in (("go", "v1"), ("go-v3", "v3")):
        (made[name] / "bin" / "records.says").write_text(built.format(level))
    self_report = {
        "version": "go version go1.24.11",
        "goamd64": "v1",
        "cgo": "-O2 -g",
        "cgo-commands": "gcc -O2 -g -o x.o -c x.c",
        "compiled": built.format("v1"),
        HEAP_REPORT: _heap(73),
        LINKER_REPORT: _twice(_collection(4), _collection(4)),
        PROGRAM_REPORT: _twice("100", "100"),
    }
    program = derivation("records")
    stock = Part(outs["go"], STOCK, "", made["go"], program, self_report)
    honest = Part(
        outs["go-v3"],
        derivation("optimized", {"LC_ALL": "C", "GOAMD64": "v3"}),
        "Building Go toolchain3 using go_bootstrap and Go toolchain2.\n",
        made["go-v3"],
        program,
        {
            **self_report,
            "goamd64": "v3",
            "cgo": f"-O2 {V3}",
            "cgo-commands": f"gcc -O2 {V3} -c x.c",
            "compiled": built.format("v3"),
            HEAP_REPORT: _heap(294),
            LINKER_REPORT: _twice(_collection(16), _collection(4)),
            PROGRAM_REPORT: _twice("200", "100"),
        },
    )
    claims = ("flags-reach-compiler", "isa-level", "isa-runs-here", "goamd64-default", "programs-inherit")
    expected = dict.fromkeys((*claims, *_LATER, "cgo-march", "says-version", "says-cgo-flags"), PROVEN)
    # The derivation exports a level, but the output is the unchanged release.
    kept = replace(
        honest,
        out=work.copy(outs["go"], "go-kept"),
        programs=made["go"],
        self_report=self_report,
        log="kept\n",
    )
    refused = (*(claim for claim in claims if claim != "isa-runs-here"), *_LATER, "cgo-march")
    return {
        "an honest toolchain": Scene("go", _V3, _SETTINGS, stock, honest, expected),
        "a toolchain that nobody compiled": Scene(
            "go", _V3, _SETTINGS, stock, kept, dict.fromkeys(refused, REFUTED)
        ),
    }
