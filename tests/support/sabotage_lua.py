"""Overlays of Lua that look optimized but are not: the claims that must be refuted, and in which words."""

from __future__ import annotations

from typing import Final

from tests.support.overlay_case import NOTHING_NAMED, SAME_CODE, UNTOUCHED, Case

FLAGS: Final = "lua/flags-reach-compiler"
ISA: Final = "lua/isa-level"
PGO: Final = "lua/pgo-used"
NO_LAYOUT: Final = "the code was not laid out by a profile"
NONE_REACHED: Final = "0 of 34 compilations got -march=x86-64-v3"
# Claims that may be refuted as a consequence of a flag without effect.
MISPLACED: Final = ("lua/flags-where-they-are-read", "lua/optimization-level", "lua/tuning")


def lost(name: str, stage: str, *words: str) -> Case:
    """Return a case of flags that do not reach the compiler; the evidence must contain `words`."""
    refuted = {FLAGS: words, ISA: (SAME_CODE,)}
    return Case(f"sabotage/lua-{name}.nix", refuted, follows=MISPLACED, stage=stage)


def unlinked(name: str) -> Case:
    """Return a case of link-time optimization that does not happen, although other flags take effect."""
    refuted = {"lua/lto-used": ("nothing in the program was generated at link time",)}
    return Case(f"sabotage/lua-{name}.nix", refuted, follows=MISPLACED[:1], proven=(FLAGS, ISA), stage="link")


def untrained(name: str, *words: str) -> Case:
    """Return a case of a profile that is not used."""
    return Case(f"sabotage/lua-{name}.nix", {PGO: words}, stage="training")


LUA: Final = (
    # Evaluation: the overlay overrides the wrong attribute, or its override gets lost.
    Case("sabotage/lua-other-attribute.nix", {FLAGS: (UNTOUCHED,), ISA: (UNTOUCHED,)}, stage="evaluation"),
    Case(
        "sabotage/lua-other-source.nix",
        {"lua/same-source": ("and stock builds", "lua5.4_5.4.7.orig.tar.gz: these are two programs")},
        proven=(FLAGS, ISA),
        stage="evaluation",
    ),
    lost("second-overlay", "evaluation", NOTHING_NAMED),
    Case("sabotage/lua-by-platform.nix", {FLAGS: (UNTOUCHED,), ISA: (UNTOUCHED,)}, stage="evaluation"),
    Case("sabotage/lua-many-packages.nix", {FLAGS: (UNTOUCHED,), ISA: (UNTOUCHED,)}, stage="evaluation"),
    lost("recipe", "evaluation", NOTHING_NAMED),
    Case(
        "sabotage/lua-joined.nix",
        {FLAGS: (UNTOUCHED,), ISA: (UNTOUCHED,)},
        follows=MISPLACED,
        stage="evaluation",
    ),
    # Derivation: it contains the flags in a place where nothing reads them.
    lost("name-only", "derivation", NOTHING_NAMED),
    lost(
        "cxxflags",
        "derivation",
        "compilations got -march=skylake",
        "NIX_CXXFLAGS_COMPILE, which is read by no compiler wrapper",
    ),
    lost("cflags-after", "derivation", "NIX_CFLAGS_COMPILE_AFTER, which is read by no compiler wrapper"),
    lost(
        "for-build",
        "derivation",
        "NIX_CFLAGS_COMPILE_FOR_BUILD, which is read only for code of another machine",
    ),
    lost("cflags-environment", "derivation", "CFLAGS, which is read by no compiler wrapper"),
    lost(
        "structured",
        "derivation",
        "NIX_CFLAGS_COMPILE_BEFORE, which is not exported: with __structuredAttrs",
    ),
    lost("link-only", "derivation", NOTHING_NAMED),
    lost("whole-stdenv", "derivation", "CFLAGS, which is read by no compiler wrapper"),
    lost("compiler-command", "derivation", NOTHING_NAMED),
    Case(
        "sabotage/lua-env-wiped.nix",
        {"lua/env-kept": ("replaced the package's env and lost LC_ALL, ZERO_AR_DATE",)},
        proven=(FLAGS, ISA),
        stage="derivation",
    ),
    Case(
        "sabotage/lua-env-emptied.nix",
        {"lua/env-kept": ("replaced the package's env and lost LC_ALL, which",)},
        proven=(FLAGS, ISA),
        stage="derivation",
    ),
    # Compile: the compiler is called with other flags.
    lost("unexported", "compile", NONE_REACHED),
    lost("hook-skipped", "compile", NONE_REACHED),
    lost("make-array", "compile", NONE_REACHED),
    lost("sed-unmatched", "compile", NONE_REACHED),
    lost("patch-file", "compile", NONE_REACHED),
    # Without the wrapper the code loses its frame pointers, too, and is another one than stock's.
    Case(
        "sabotage/lua-bare-compiler.nix",
        {FLAGS: (NONE_REACHED,), ISA: ("this is not code for x86-64-v3",)},
        follows=MISPLACED,
        stage="compile",
    ),
    lost("overridden", "compile", "the exported flags end with -march=x86-64"),
    lost("impure-skipped", "compile", "Skipping impure flag -march=native"),
    Case(
        "sabotage/lua-native.nix",
        {FLAGS: ("-march=native: the machine that builds, which the hash does not cover",)},
        stage="compile",
    ),
    Case(
        "sabotage/lua-wrong-cpu.nix",
        {"lua/isa-runs-here": ("lua needs tbm", "the CPU does not have it")},
        proven=(FLAGS, ISA),
        stage="compile",
    ),
    Case(
        "sabotage/lua-level-before.nix",
        {"lua/optimization-level": ("-O3 wins in 0 of 34 compilations",)},
        proven=(FLAGS, ISA),
        stage="compile",
    ),
    lost("flags-unset", "compile", "the code of lua is stock's, instruction for instruction"),
    lost("compiler-replaced", "compile", "the code of lua is stock's, instruction for instruction"),
    lost("forged-log", "compile", "the code of lua is stock's, instruction for instruction"),
    # Link
    unlinked("ldflags-lto"),
    unlinked("lto-fat"),
    unlinked("lto-undone"),
    lost("elf-note", "link", NOTHING_NAMED),
    # Training
    Case(
        "sabotage/lua-pgo-unused.nix",
        {PGO: (NO_LAYOUT, "34 instrumented compilations and 0 that use a profile")},
        proven=(FLAGS, ISA),
        stage="training",
        runs_v3=True,
    ),
    untrained("pgo-instrumented", "the installed program is the instrumented one: it still counts"),
    untrained("pgo-elsewhere", NO_LAYOUT, "profile count data file not found"),
    untrained("pgo-crashed", NO_LAYOUT, "profile count data file not found"),
    untrained("pgo-half", "no profile was found for 20 of 34 compilations"),
    # Installation: the installed program is stock's.
    lost("copied", "install", NOTHING_NAMED, "the build log shows no compilation"),
    lost("wrapped-stock", "install", "the build log shows no compilation"),
    lost("forged-record", "install", NONE_REACHED),
    lost("stripped-stock", "install", NOTHING_NAMED),
)
