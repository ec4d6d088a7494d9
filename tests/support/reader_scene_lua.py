"""The scenes of Lua, which is written in C, so that every kind of optimization applies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.support.observations import derivation
from tests.support.reader_scenes import (
    CLANGS,
    ECHOED,
    NOT_APPLICABLE,
    PROVEN,
    RECORDED,
    REFUTED,
    STOCK,
    THIN,
    TRAINED,
    UNPROVEN,
    V3,
    Part,
    Scene,
    Workshop,
)

_V3: Final = "x86-64-v3"
_V4: Final = ("-march=skylake-avx512", "-mprefer-vector-width=512", "-O3")
_LUA: Final = "bin/lua"
_MISFIT: Final = "lua.c: warning: profile data may be out of date [-Wprofile-instr-out-of-date]\n"


def lua_scenes(work: Workshop) -> dict[str, Scene]:
    """Make the outputs of these scenes, and return the scenes by description."""
    return {
        **_lua(work),
        **_lua_layout(work),
        **_lua_link_time(work),
        **_lua_by_llvm(work),
        **_lua_libraries(work),
        **_lua_foreign(work),
        **_lua_requests(work),
    }


def _flagged(**exported: str) -> Part:
    """Return a part without an output whose derivation exports more variables than stock's."""
    return Part(Path("/nowhere"), derivation("optimized", {"LC_ALL": "C", **exported}))


def _lua(work: Workshop) -> dict[str, Scene]:
    plain, tuned = work.out("lua", _LUA, RECORDED), work.out("lua-v3", _LUA, V3, RECORDED)
    wide = work.out("lua-v4", _LUA, "-march=skylake-avx512", "-mprefer-vector-width=512", "-O3")
    wrapped = work.copy(tuned, "lua-wrapped")
    (wrapped / _LUA).rename(wrapped / "bin" / ".lua-wrapped")
    (wrapped / _LUA).write_text(f'#!/bin/sh\nexec -a "$0" "{wrapped}/bin/.lua-wrapped" "$@"\n')
    stock = Part(plain, STOCK, ECHOED)
    honest = replace(_flagged(NIX_CFLAGS_COMPILE=V3), out=tuned, log=ECHOED)

    def scene(optimized: Part, march: str = _V3, **expected: str) -> Scene:
        names = {name.replace("_", "-"): status for name, status in expected.items()}
        return Scene("lua", march, {}, stock, optimized, names)

    return {
        "an honest build": scene(
            honest,
            flags_reach_compiler=PROVEN,
            flags_where_they_are_read=PROVEN,
            env_kept=PROVEN,
            isa_level=PROVEN,
            isa_runs_here=PROVEN,
        ),
        "an honest build without a log": scene(replace(honest, log=None), flags_reach_compiler=PROVEN),
        "an honest build in a wrapper": scene(replace(honest, out=wrapped), isa_level=PROVEN),
        "only another name": scene(
            replace(_flagged(), out=work.copy(plain, "lua-name"), log=ECHOED),
            flags_reach_compiler=REFUTED,
            isa_level=REFUTED,
        ),
        "flags in the log, but stock's code": scene(
            replace(honest, out=work.copy(plain, "lua-told")), flags_reach_compiler=REFUTED
        ),
        "an environment that was wiped": scene(
            replace(honest, derivation=derivation("wiped", {"NIX_CFLAGS_COMPILE": V3})), env_kept=REFUTED
        ),
        "a hook that may overwrite the flags": scene(
            replace(
                _flagged(NIX_CFLAGS_COMPILE=V3, preBuild="unset NIX_CFLAGS_COMPILE"), out=tuned, log=ECHOED
            ),
            flags_reach_compiler=UNPROVEN,
        ),
        "flags in a variable that nothing reads": scene(
            replace(_flagged(NIX_CXXFLAGS_COMPILE=V3), out=tuned, log=ECHOED), flags_reach_compiler=REFUTED
        ),
        "flags that the log shows overridden": scene(
            replace(_flagged(NIX_CFLAGS_COMPILE_BEFORE=V3), out=tuned, log="gcc -march=x86-64 -c lua.c\n"),
            flags_reach_compiler=REFUTED,
        ),
        "code for another CPU": scene(
            replace(_flagged(NIX_CFLAGS_COMPILE="-march=skylake-avx512"), out=wide, log=ECHOED),
            "skylake-avx512",
            isa_runs_here=REFUTED,
        ),
    }


def _lua_layout(work: Workshop) -> dict[str, Scene]:
    stock = Part(work.out("lua-paths", _LUA, source=TRAINED), STOCK)
    trained = replace(_flagged(), out=work.trained("lua-trained", _LUA, V3, RECORDED))
    log = replace(
        trained, out=work.trained("lua-unrecorded", _LUA, V3), log="gcc -O2 -fprofile-use -c lua.c\n"
    )
    # This program is laid out by a profile, but also has code that writes profile counters at exit.
    counting = work.trained("lua-counting", _LUA, V3, RECORDED, "-Wl,--undefined=__gcov_dump", "-lgcov")
    untrained = work.out("lua-untrained", _LUA, V3, RECORDED, source=TRAINED)
    stripped = work.stripped(untrained, "lua-stripped", _LUA)

    def scene(optimized: Part, status: str) -> Scene:
        return Scene("lua", _V3, {"pgoLevel": "FULL"}, stock, optimized, {"pgo-used": status})

    return {
        "a profile that was used": scene(trained, PROVEN),
        "a profile that the log shows": scene(log, PROVEN),
        "a program that still counts": scene(replace(trained, out=counting), REFUTED),
        "a profile that was not used": scene(replace(trained, out=untrained), REFUTED),
        "a profile in a stripped program": scene(replace(trained, out=stripped), UNPROVEN),
    }


def _lua_link_time(work: Workshop) -> dict[str, Scene]:
    stock = Part(work.linked("lua-units", _LUA), STOCK)
    requested = replace(_flagged(NIX_CFLAGS_COMPILE=f"{V3} -flto"), log=ECHOED)
    recorded = work.linked("lua-lto", _LUA, V3, "-flto", RECORDED)
    stripped = work.stripped(recorded, "lua-lto-stripped", _LUA)
    merged = work.linked("lua-merged", _LUA, V3, "-flto")
    alone = work.linked("lua-alone", _LUA, V3, "-flto", "-flto-partition=none", "-DALONE")
    apart = work.linked("lua-apart", _LUA, V3)

    def scene(out: Path, status: str, *, foreign: bool = False) -> Scene:
        optimized, settings = replace(requested, out=out), {} if foreign else {"enableLTO": True}
        return Scene("lua", _V3, settings, stock, optimized, {"lto-used": status}, foreign=foreign)

    return {
        "link-time code, by its record": scene(stripped, PROVEN),
        "link-time code, by its symbols": scene(merged, PROVEN),
        "link-time code, by its missing units": scene(alone, PROVEN),
        "units that were compiled separately": scene(apart, REFUTED),
        "another author's flag without effect": scene(apart, REFUTED, foreign=True),
    }


def _lua_by_llvm(work: Workshop) -> dict[str, Scene]:
    stock = Part(work.out("lua-llvm", _LUA, source=CLANGS), STOCK)
    thin = Part(work.out("lua-thin", _LUA, V3, source=THIN), _flagged().derivation)
    tuned = work.out("lua-llvm-v3", _LUA, V3, source=CLANGS)
    used = Part(tuned, _flagged().derivation, "clang -O2 -fprofile-use=lua.profdata -c lua.c\n")

    def scene(optimized: Part, **expected: str) -> Scene:
        names = {name.replace("_", "-"): status for name, status in expected.items()}
        return Scene("lua", _V3, {"pgoLevel": "FULL", "enableLTO": True}, stock, optimized, names)

    return {
        "LLVM's functions that were renamed": scene(thin, lto_used=PROVEN),
        "LLVM's profile": scene(used, pgo_used=PROVEN),
        "LLVM's profile of something else": scene(
            replace(used, log=f"{used.log}{_MISFIT}"), pgo_used=REFUTED
        ),
    }


def _lua_libraries(work: Workshop) -> dict[str, Scene]:
    stock = Part(work.with_library("lua-loading", _LUA), STOCK)
    tuned = replace(_flagged(NIX_CFLAGS_COMPILE=V3), log=ECHOED)
    right = replace(tuned, out=work.with_library("lua-loading-v3", _LUA, V3, library=(V3,)))
    wrong = replace(tuned, out=work.with_library("lua-loading-v4", _LUA, V3, library=_V4))

    def scene(optimized: Part, status: str) -> Scene:
        expected = {"isa-level": PROVEN, "isa-runs-here": status}
        return Scene("lua", _V3, {}, stock, optimized, expected)

    return {
        "a library for this CPU": scene(right, PROVEN),
        "a library for another CPU": scene(wrong, REFUTED),
    }


def _lua_foreign(work: Workshop) -> dict[str, Scene]:
    stock = Part(work.out("lua-stranger", _LUA), STOCK, ECHOED)
    levelled = replace(_flagged(NIX_CFLAGS_COMPILE="-O3"), log=ECHOED)
    levelled = replace(levelled, out=work.out("lua-stranger-O3", _LUA, "-funroll-loops"))
    hooked = _flagged(NIX_CFLAGS_COMPILE="-O3", preBuild="for v in ${!NIX_CF*}; do unset $v; done")
    dropping = replace(hooked, log=ECHOED, out=work.copy(levelled.out, "lua-stranger-dropping"))
    idle = replace(levelled, out=work.copy(stock.out, "lua-stranger-idle"))
    expected = {"optimization-level": PROVEN}
    return {
        "another author's level": Scene("lua", _V3, {}, stock, levelled, expected, foreign=True),
        "another author's level, but stock's code": Scene(
            "lua", _V3, {}, stock, idle, {"optimization-level": UNPROVEN}, foreign=True
        ),
        "another author's level, and a phase that may drop it": Scene(
            "lua", _V3, {}, stock, dropping, {"optimization-level": UNPROVEN}, foreign=True
        ),
    }


def _lua_requests(work: Workshop) -> dict[str, Scene]:
    """Return what overlays ask for, or do not, as their derivations and their texts show it."""
    stock = Part(work.out("lua-asked", _LUA), STOCK, ECHOED)
    skipping = replace(_flagged(doCheck=""), out=work.copy(stock.out, "lua-skipping"), log=ECHOED)
    lost = replace(
        _flagged(NIX_CFLAGS_COMPILE="-fomit-frame-pointer"), out=work.copy(stock.out, "lua-lost"), log=ECHOED
    )

    patch = work.directory / "flags.patch"
    patch.write_text(f"--- a/src/Makefile\n+++ b/src/Makefile\n@@ -1 +1 @@\n-CFLAGS=-O2\n+CFLAGS=-O2 {V3}\n")
    patched = replace(_flagged(patches=str(patch)), out=work.copy(stock.out, "lua-patched"), log=ECHOED)

    def scene(optimized: Part, text: str, **expected: str) -> Scene:
        names = {name.replace("_", "-"): status for name, status in expected.items()}
        return Scene("lua", _V3, {}, stock, optimized, names, foreign=True, overlay=text)

    return {
        "an overlay that skips the tests": scene(
            skipping, "", env_kept=NOT_APPLICABLE, isa_level=NOT_APPLICABLE
        ),
        "an architecture that only the text still names": scene(
            lost, f'f: p: {{ lua5_4 = tuned "{V3}"; }}', isa_level=REFUTED
        ),
        "an architecture that a patch names": scene(patched, "", isa_level=REFUTED),
        "flags for something else": scene(stock, f'f: p: {{ other = tuned "{V3}"; }}', isa_level=REFUTED),
        "flags in a comment": scene(stock, f"f: p: {{ }} # {V3}", isa_level=NOT_APPLICABLE),
    }
