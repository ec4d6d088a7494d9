"""The settings of a profile for one runtime: the fields of `packages.<attr>`."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_rtopt.hardware.fields import is_number
from pytest_rtopt.hardware.microarch import known_marches
from pytest_rtopt.hardware.names import march_field
from pytest_rtopt.hardware.rust_release import UPSTREAM, RustRelease, parse_rust_release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.hardware.fields import Fields

SCOPES = ("replace", "add")
PGO_LEVELS = ("NONE", "LIGHT", "FULL")
GOAMD64_LEVELS = ("v1", "v2", "v3", "v4")
# Upstream's own values: a smaller one would make Go slower.
SMALLEST_COMPILER_HEAP = 128
UPSTREAM_GC_PERCENT = 100
VECTOR_WIDTHS = ("128", "256")
LINKERS = ("bfd", "gold", "lld", "mold")


@dataclass(frozen=True)
class RuntimeSettings:
    """How to optimize one runtime; `None` leaves the choice to its overlay.

    - `scope`: "replace" overrides the attribute in place, "add" makes `<attr>-optimized` beside it.
    - `memory_limit`: in GB.
    - `expect`: the least required gain by workload, as a fraction of the stock time (0.05 is 5 % faster,
      -0.02 allows 2 % slower).
    - `v8_options`: one option for node, or several where the build accepts several.
    - `compiler_heap`: in MiB, what Go's compiler may fill before its first garbage collection.
    - `linker_gc_percent`, `go_gc_percent`: the default of GOGC in Go's linker, and in all that Go compiles.
    - `linker`: the linker of Rust programs.
    - `toolchain`: "upstream" for rustc and cargo as upstream releases them; `None` for the package set's own.
    - `release`: the archive of that release; `None` for the one that the package set bootstraps from.
    - `vector_width`: the vector width in bits that LLVM prefers in Rust programs.
    - `static_tls`: use the initial-exec model for Python's thread-local data.
    - `static_interpreter`: link the interpreter into Python's program instead of a shared library.
    - `loop_without_profile`: compile Python's interpreter loop without the profile of the training.
    """

    enable: bool
    scope: str = "replace"
    pgo_level: str | None = None
    lto: bool | None = None
    jemalloc: bool | None = None
    compile_cache: bool | None = None
    v8_options: str | None = None
    goamd64: str | None = None
    compiler_heap: int | None = None
    linker_gc_percent: int | None = None
    go_gc_percent: int | None = None
    target_cpu: str | None = None
    vector_width: str | None = None
    linker: str | None = None
    toolchain: str | None = None
    release: RustRelease | None = None
    static_tls: bool | None = None
    static_interpreter: bool | None = None
    loop_without_profile: bool | None = None
    memory_limit: float | None = None
    expect: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def pgo_requested(self) -> bool:
        """Whether profile-guided optimization is requested."""
        return (self.pgo_level or "NONE") != "NONE"


def parse_runtime_settings(fields: Fields, *, enable: bool) -> RuntimeSettings:
    """Parse the fields of `packages.<attr>`; `enable` is the default for the field of that name.

    Raises `ProfileError` for a field of a wrong type or with an invalid value.
    """
    enabled = fields.flag("enable")
    return RuntimeSettings(
        enable=enable if enabled is None else enabled,
        scope=fields.choice("scope", SCOPES) or "replace",
        pgo_level=fields.choice("pgoLevel", PGO_LEVELS),
        lto=fields.flag("enableLTO"),
        jemalloc=fields.flag("enableJemalloc"),
        compile_cache=fields.flag("compileCache"),
        v8_options=fields.text("v8Options"),
        goamd64=fields.choice("goamd64", GOAMD64_LEVELS),
        compiler_heap=fields.count("compilerHeap", SMALLEST_COMPILER_HEAP),
        linker_gc_percent=fields.count("linkerGcPercent", UPSTREAM_GC_PERCENT),
        go_gc_percent=fields.count("goGcPercent", UPSTREAM_GC_PERCENT),
        # rustc passes this name to LLVM, which uses the same names as GCC.
        target_cpu=march_field(fields, "targetCpu", known_marches()),
        vector_width=fields.choice("preferVectorWidth", VECTOR_WIDTHS),
        linker=fields.choice("linker", LINKERS),
        toolchain=fields.choice("toolchain", (UPSTREAM,)),
        release=parse_rust_release(fields),
        static_tls=fields.flag("staticTls"),
        static_interpreter=fields.flag("staticInterpreter"),
        loop_without_profile=fields.flag("loopWithoutProfile"),
        memory_limit=fields.gigabytes("memoryLimit"),
        expect=_expectations(fields.section("expect")),
    )


def _expectations(fields: Fields) -> Mapping[str, float]:
    expected: dict[str, float] = {}
    for workload, gain in fields.values.items():
        if not is_number(gain) or not -1 < gain < 1:
            raise fields.error(
                workload, "expected a gain as a fraction between -1 and 1", "write 5 % as 0.05"
            )
        expected[workload] = float(gain)
    return MappingProxyType(expected)
