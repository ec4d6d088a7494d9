"""Go 1.24: the toolchain is compiled for a GOAMD64 level, and compiles programs for that level by default."""

from __future__ import annotations

from typing import Final

from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.bench.workload import Workload
from pytest_rtopt.claims.environment import ENV_KEPT
from pytest_rtopt.claims.flag_placement import FLAGS_ARE_READ
from pytest_rtopt.claims.go_collector import (
    COMPILER_HEAP,
    HEAP_CONSTANT,
    HEAP_REPORT,
    LINKER_COLLECTOR,
    LINKER_REPORT,
    PROGRAM_COLLECTOR,
    PROGRAM_REPORT,
    WITH_GOGC,
)
from pytest_rtopt.claims.go_level import (
    CGO_MARCH,
    FLAGS_REACH_COMPILER,
    GOAMD64_DEFAULT,
    ISA_LEVEL,
    PROGRAMS_INHERIT,
)
from pytest_rtopt.claims.go_optimizations import LTO, PGO_USED
from pytest_rtopt.claims.isa import ISA_RUNS_HERE
from pytest_rtopt.claims.model import Runtime
from pytest_rtopt.claims.same_source import SAME_SOURCE
from pytest_rtopt.claims.self_report import REPORTS_PATH, self_report

# Both sides compile for the same target, so that the speed of the compiler is measured, not its amount of
# work.
_COMPILING: Final = (
    ("GOCACHE", "{scratch}/cache"),
    ("GOTOOLCHAIN", "local"),
    ("GOPROXY", "off"),
    ("CGO_ENABLED", "0"),
    ("GOAMD64", "v1"),
    ("GOFLAGS", "-trimpath"),
    ("OUT", "{out}"),
)
# Compiles the imported packages once, and lists their paths.
_LIST_IMPORTS: Final = (
    '"$OUT/bin/go" list -export -deps -f '
    "'{{{{if .Export}}}}packagefile {{{{.ImportPath}}}}={{{{.Export}}}}{{{{end}}}}' go/parser > imports"
)
_COMPILE: Final = (
    'cd "$OUT/share/go/src/go/parser" && "$OUT/bin/go" tool compile -o "$HOME/parser.a" -p go/parser '
    '-trimpath "$OUT/share/go" -complete -c 1 -importcfg "$HOME/imports" interface.go parser.go resolver.go '
    '&& sha256sum <"$HOME/parser.a"'
)
# Modules as users build them: golang.org/x/tools and others, with their sums, as Go itself carries them.
_BUILD: Final = ("/bin/sh", "{workloads}/go/build.sh")
_TWICE: Final = f'exec 2>&1; "$0" "$@"; echo "{WITH_GOGC}"; GOGC=100 "$0" "$@"'
# The linker reads an import configuration and ends with an error about a file that does not exist. The text
# is smaller than the 4 MiB of the first goal, since one larger allocation would move that. What is made of it
# takes far more than 16 MiB, so a collection at that goal is over, and traced, before the linker ends.
_LINK_NOTHING: Final = f"""
exec 2>&1
n=0
while [ $n -lt 180000 ]; do echo packagefile p$n=x; n=$((n + 1)); done >"$1/importcfg"
export GODEBUG=gctrace=1
"$0" -importcfg="$1/importcfg" "$1/absent.a"
echo "{WITH_GOGC}"
GOGC=100 "$0" -importcfg="$1/importcfg" "$1/absent.a"
exit 0
"""


def _program(name: str, expected: tuple[float, float]) -> Workload:
    return Workload(f"go/{name}", (f"{{programs}}/bin/{name}",), expected=expected)


GO: Final = Runtime(
    registered=REGISTRY["go"],
    binaries={
        "go": ("share/go/bin/go", "bin/go"),
        "compile": ("share/go/pkg/tool/linux_amd64/compile",),
    },
    claims=(
        FLAGS_REACH_COMPILER,
        FLAGS_ARE_READ,
        ENV_KEPT,
        SAME_SOURCE,
        ISA_LEVEL,
        ISA_RUNS_HERE,
        GOAMD64_DEFAULT,
        PROGRAMS_INHERIT,
        CGO_MARCH,
        COMPILER_HEAP,
        LINKER_COLLECTOR,
        PROGRAM_COLLECTOR,
        PGO_USED,
        LTO,
        self_report("version", "go version", "version", r"^go version go1\.\d+"),
        # Without -march these are Go's defaults; the claim `cgo-march` decides about -march.
        self_report("cgo-flags", "go env CGO_CFLAGS", "cgo", r"-O\d"),
        REPORTS_PATH,
    ),
    workloads=(
        Workload(
            "go/compile-std",
            ("/bin/sh", "-c", _COMPILE),
            env=_COMPILING,
            prepare=(("/bin/sh", "-c", _LIST_IMPORTS),),
            expected=(0.03, 0.07),
        ),
        *(
            Workload(
                f"go/{name}",
                (*_BUILD, name),
                env=_COMPILING,
                prepare=((*_BUILD, "prepare", name),),
                expected=(0.03, 0.07),
            )
            for name in ("build", "rebuild")
        ),
        _program("records", (0.05, 0.10)),
        _program("hash", (0.05, 0.10)),
        _program("service", (0.05, 0.10)),
        _program("interop", (0.05, 0.15)),
    ),
    sources=("go",),
    compiled_by_gcc=False,
    reports={
        "version": ("{go}", "version"),
        "goamd64": ("{go}", "env", "GOAMD64"),
        "cgo": ("{go}", "env", "CGO_CFLAGS"),
        # This prints the commands without running them, so it needs no C compiler.
        "cgo-commands": ("/usr/bin/env", "CGO_ENABLED=1", "{go}", "build", "-n", "-a", "runtime/cgo"),
        "compiled": ("{go}", "version", "-m", "{compile}"),
        # The goal of the heap before any collection, which Go 1.26 raises only where it compiles in parallel.
        HEAP_REPORT: (
            *("/bin/sh", "-c", _TWICE, "{compile}"),
            *("-d=gcadjust=1", "-c=2", "-p=utf8", "-complete", "-o={scratch}/utf8.a"),
            "{out}/share/go/src/unicode/utf8/utf8.go",
        ),
        LINKER_REPORT: (
            *("/bin/sh", "-c", _LINK_NOTHING),
            *("{out}/share/go/pkg/tool/linux_amd64/link", "{scratch}"),
        ),
        PROGRAM_REPORT: ("/bin/sh", "-c", _TWICE, "{programs}/bin/gogc"),
    },
    constants={HEAP_CONSTANT: ("{compile}", "cmd/compile/internal/gc.Main")},
    program_report=("{go}", "version", "-m", "{program}"),
)
