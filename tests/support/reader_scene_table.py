"""All scenes: the content of each side, and the expected statuses of claims."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tests.support.observations import derivation
from tests.support.reader_scene_go import go_scenes
from tests.support.reader_scene_lua import lua_scenes
from tests.support.reader_scenes import (
    ECHOED,
    LIBRARY,
    PROVEN,
    RECORDED,
    REFUTED,
    RUST,
    STOCK,
    V3,
    Part,
    Scene,
    Workshop,
)

if TYPE_CHECKING:
    from pathlib import Path

_V3: Final = "x86-64-v3"
_PYTHON: Final = "lib/libpython3.13.so.1.0"
_PYTHON_PROGRAM: Final = "bin/python3.13"
_MAPPED: Final = "7f00-7f80 r-xp 00000000 08:01 12    /nix/lib/libjemalloc.so.2"
_HIT: Final = "V8 code cache for CommonJS /m.js was accepted\n"


def scenes(directory: Path) -> dict[str, Scene]:
    """Make all outputs below `directory`, and return the scenes by description."""
    work = Workshop(directory)
    return {
        **lua_scenes(work),
        **_python(work),
        **_nodejs(work),
        **go_scenes(work),
        **_rust(work),
    }


def _loop(rest: str = "") -> str:
    """Return the source of an interpreter loop in which training does not reach `rest`."""
    return (
        "static volatile int seen[40]; __attribute__((noipa)) int _PyEval_EvalFrameDefault(int x) "
        f"{{ if (x < 1000) return seen[0] = x; {rest} return 1; }}\n"
        "__attribute__((constructor)) static void run(void) "
        "{ for (int n = 0; n < 1000; n++) _PyEval_EvalFrameDefault(n); }\n"
    )


def _python(work: Workshop) -> dict[str, Scene]:
    shared = ("-shared", "-fPIC", "-Wl,-soname,libpython3.13.so.1.0")
    source = LIBRARY + _loop()
    plain = work.out("python", _PYTHON, *shared, source=source)
    flags = (*shared, V3, RECORDED)
    good = work.trained("python-static", _PYTHON, *flags, "-ftls-model=initial-exec", source=source)
    cold = " ".join(f"seen[{number}] += x / {number + 3};" for number in range(40))
    bad = work.trained("python-dynamic", _PYTHON, *flags, source=LIBRARY + _loop(cold))
    environment = work.directory / "python-environment"
    environment.mkdir()
    self_report = {
        "version": "Python 3.13.5",
        "implementation": "cpython",
        "config": "'--enable-shared'",
        "recorded": "CFLAGS=-O2 -Wall",
    }
    stock = Part(plain, STOCK, self_report=self_report)
    honest = Part(
        good,
        derivation("optimized", {"LC_ALL": "C", "NIX_CFLAGS_COMPILE": V3}),
        f"{ECHOED}Total test files: run=43/43\n",
        programs=environment,
        program_derivation=derivation("environment"),
        self_report={**self_report, "environment": f"{good}\n/packaging\n{good}/{_PYTHON}"},
    )
    leaking = replace(
        honest,
        out=bad,
        log=f"{ECHOED}Total test files: run=1/1\n",
        self_report={
            "version": "Python 3.12.0",
            "implementation": "pypy",
            "config": "",
            "recorded": f"CFLAGS=-O2 {V3}",
            "environment": f"{plain}\n/packaging\n{plain}/{_PYTHON}",
        },
    )
    program = work.out("python-program", _PYTHON_PROGRAM, V3, RECORDED, "-DTRAINING", source=source)
    loading = work.out(
        *("python-loading", _PYTHON_PROGRAM, V3, RECORDED, "-Wl,--no-as-needed"),
        *(f"-Wl,-rpath,{plain}/lib", "-Wl,--unresolved-symbols=ignore-all", str(plain / _PYTHON)),
        source="int main(void) { return 0; }",
    )
    settings = {"pgoLevel": "LIGHT", "staticTls": True, "loopWithoutProfile": True}
    claims = ("pgo-used", "static-tls", "loop-is-hot", "with-packages-uses-it", "sysconfig-clean")
    self_reported = ("says-version", "says-implementation", "says-config")
    return {
        "an honest interpreter": Scene(
            "python",
            _V3,
            settings,
            stock,
            honest,
            dict.fromkeys((*claims, *self_reported, "isa-level"), PROVEN),
        ),
        "an interpreter that kept no promise": Scene(
            "python", _V3, settings, stock, leaking, dict.fromkeys((*claims, *self_reported), REFUTED)
        ),
        "a program that is the interpreter": Scene(
            *("python", _V3, {"staticInterpreter": True}, stock, replace(honest, out=program)),
            {"static-interpreter": PROVEN},
        ),
        "a program that loads the interpreter from another output": Scene(
            *("python", _V3, {"staticInterpreter": True}, stock, replace(honest, out=loading)),
            {"static-interpreter": REFUTED},
        ),
    }


def _nodejs(work: Workshop) -> dict[str, Scene]:
    plain, tuned = work.out("node", "bin/node", RECORDED), work.out("node-v3", "bin/node", V3, RECORDED)
    settings = {"v8Options": "--stack-size=32", "enableJemalloc": True, "compileCache": True}
    option = "Options:\n  --stack-size (size)\n        type: int  default: --stack-size={}\n"
    self_report = {
        "version": "v24.12.0",
        "host-arch": "x64",
        "config": "enable_lto",
        "v8": option.format(984),
        "maps": "libc.so",
        "twice": "1\n1\nbehind the wrapper:",
    }
    stock = Part(plain, STOCK, ECHOED, self_report=self_report)
    honest = Part(
        tuned,
        derivation("optimized", {"LC_ALL": "C", "NIX_CFLAGS_COMPILE": V3}),
        ECHOED,
        self_report={
            **self_report,
            "v8": option.format(32),
            "maps": _MAPPED,
            "twice": f"{_HIT}behind the wrapper:\n{_HIT}",
        },
    )
    effects = ("compile-is-tuned", "v8-options", "jemalloc-loaded", "compile-cache")
    self_reported = ("says-version", "says-host-arch", "says-config")
    prebuilt = replace(honest, out=work.copy(plain, "node-prebuilt"), self_report=self_report)
    return {
        "an honest node": Scene(
            "nodejs", _V3, settings, stock, honest, dict.fromkeys((*effects, *self_reported), PROVEN)
        ),
        "flags for a node that nobody compiles": Scene(
            "nodejs", _V3, settings, stock, prebuilt, dict.fromkeys(effects, REFUTED), prebuilt=True
        ),
    }


def _rust(work: Workshop) -> dict[str, Scene]:
    program = "bin/records"
    old = ('-DSTD=target("arch=x86-64")',)
    plain = work.out("rust-programs", program, *old, source=RUST)
    tuned = work.out("rust-programs-v3", program, V3, "-DSTD=used", "-fuse-ld=gold", source=RUST)
    half = work.copy(plain, "rust-programs-kept")
    for made, script in ((plain, "baseline"), (tuned, "baseline"), (half, "avx,avx2")):
        (made / f"{program}.says").write_text(f"build script: {script}\n")
    self_report = {
        "version": "rustc 1.90.0",
        "verbose": "rustc 1.90.0 (built from a source tarball)",
        "features": 'target_feature="avx2"',
        "toolchain": "cargo 1.90.0",
    }
    rustc = derivation("optimized", {"LC_ALL": "C"})
    platform = replace(derivation("program"), inputs=(rustc.path,))
    stock = Part(work.out("rust", "bin/rustc"), STOCK, None, plain, derivation("stock-program"), self_report)
    out = work.copy(stock.out, "rust-v3")
    honest = Part(out, rustc, None, tuned, platform, self_report)
    kept = replace(
        honest, programs=half, program_derivation=replace(platform, inputs=("/nix/store/rustc.drv",))
    )
    named = f"rustc 1.90.0\ncommit-hash: {'1' * 40}\nrelease: 1.90.0"
    released = replace(
        honest, out=work.released("rust-released"), self_report={**self_report, "verbose": named}
    )
    asked = ("rust", _V3, {"toolchain": "upstream"}, stock)
    claims = ("toolchain-reaches-platform", "programs-target-cpu", "std-target-cpu", "linker")
    expected = (*claims, "build-scripts-left-alone")
    self_reported = ("says-version", "says-cargo", "says-features")
    return {
        "an honest Rust": Scene(
            "rust", _V3, {"linker": "gold"}, stock, honest, dict.fromkeys((*expected, *self_reported), PROVEN)
        ),
        "a Rust that reached nothing": Scene(
            "rust", _V3, {"linker": "gold"}, stock, kept, dict.fromkeys(expected, REFUTED)
        ),
        "upstream's release of Rust": Scene(
            *asked, released, {"upstream-release": PROVEN, "std-target-cpu": "not-applicable"}
        ),
        "a Rust that upstream did not release": Scene(*asked, honest, {"upstream-release": REFUTED}),
    }
