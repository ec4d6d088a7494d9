"""Overlays that do what they claim, either completely, so that nothing is refuted, or in part."""

from __future__ import annotations

from typing import Final

from tests.support.overlay_case import SAME_CODE, Case

LUA: Final = ("lua/flags-reach-compiler", "lua/env-kept", "lua/isa-level")
RUST: Final = ("rust/programs-target-cpu", "rust/build-scripts-left-alone", "rust/isa-runs-here")
GO: Final = ("go/goamd64-default", "go/programs-inherit", "go/env-kept")

HONEST: Final = (
    Case("honest/lua-flags.nix", proven=(*LUA, "lua/lto-used")),
    Case("honest/lua-make-flags.nix", proven=LUA),
    Case("honest/lua-linker-flags.nix", proven=LUA),
    Case("honest/lua-stdenv.nix", proven=LUA),
    Case("honest/lua-final-attributes.nix", proven=LUA),
    Case("honest/lua-patched-makefile.nix", proven=LUA),
    Case("honest/lua-composed.nix", proven=LUA),
    Case("honest/lua-beside.nix", proven=LUA),
    Case("honest/lua-top-level.nix", proven=LUA),
    Case("honest/lua-make-array.nix", proven=LUA),
    Case("honest/lua-compiler-command.nix", proven=LUA),
    Case("honest/lua-patch-file.nix", proven=LUA),
    Case("honest/lua-by-platform.nix", proven=LUA),
    Case("honest/lua-many-packages.nix", proven=LUA),
    Case("honest/lua-whole-stdenv.nix", proven=LUA),
    Case("honest/lua-recipe.nix", proven=LUA),
    Case("honest/lua-joined.nix", proven=LUA),
    Case(
        "honest/lua-exported-by-hook.nix",
        proven=("lua/env-kept", "lua/isa-level"),
        unproven=("lua/flags-reach-compiler",),
    ),
    Case("honest/lua-structured-exported.nix", proven=LUA),
    Case("honest/lua-trained.nix", proven=("lua/env-kept", "lua/pgo-used")),
    # The compiler is stock's rustc, so no claim on the toolchain applies.
    Case("honest/rust-platform-flags.nix", proven=RUST, runs_v3=True),
    Case("honest/rust-cargo-config.nix", proven=RUST, runs_v3=True),
    Case("honest/rust-scope.nix", proven=(*RUST, "rust/toolchain-reaches-platform"), runs_v3=True),
    Case(
        "honest/rust-upstream.nix",
        proven=("rust/upstream-release", "rust/toolchain-reaches-platform", "rust/build-scripts-left-alone"),
        rustup=True,
    ),
    Case("honest/nodejs-wrapper.nix", proven=("nodejs/compile-cache", "nodejs/env-kept")),
    Case("honest/nodejs-jemalloc.nix", proven=("nodejs/jemalloc-loaded", "nodejs/env-kept")),
    # To compile Go and Python takes minutes, and the build runs the compiled programs.
    Case(
        "honest/go-level.nix",
        proven=(*GO, "go/flags-reach-compiler", "go/isa-level"),
        runs_v3=True,
        heavy=True,
    ),
    Case(
        "honest/go-collector.nix",
        proven=("go/compiler-heap", "go/linker-collector", "go/program-collector"),
        profile="data/profiles/go-collector.nix",
        heavy=True,
    ),
    Case(
        "honest/python-appended.nix",
        proven=("python/env-kept", "python/isa-level", "python/sysconfig-clean"),
        runs_v3=True,
        heavy=True,
    ),
)

# What people change for other reasons than speed. Nothing about speed can be refuted of it.
NEUTRAL: Final = (
    Case("neutral/lua-skip-tests.nix", verdict="neutral"),
    Case("neutral/lua-patched.nix", verdict="neutral"),
    Case("neutral/lua-input.nix", verdict="neutral"),
    Case("neutral/lua-wrapped.nix", verdict="neutral"),
    Case("neutral/lua-joined.nix", verdict="neutral"),
    Case("neutral/lua-same-stdenv.nix", verdict="neutral"),
    Case("neutral/lua-debuggable.nix", verdict="neutral"),
    Case("neutral/lua-hardened.nix", verdict="neutral"),
    # Two programs are compared: neither adopted nor rejected.
    Case("neutral/lua-pinned.nix", unproven=("lua/same-source",), verdict="pending"),
    Case("neutral/nodejs-skip-tests.nix", verdict="neutral"),
    Case("neutral/rust-skip-tests.nix", verdict="neutral"),
    Case("neutral/go-skip-tests.nix", verdict="neutral", heavy=True),
    Case("neutral/python-skip-tests.nix", verdict="neutral", heavy=True),
)

PARTIAL: Final = (
    # This overlay deliberately keeps the toolchain of the release, so the claims on the toolchain are
    # refuted.
    Case(
        "partial/go-env-file.nix",
        {
            "go/flags-reach-compiler": ("does not export GOAMD64", "postPatch"),
            "go/isa-level": (SAME_CODE,),
        },
        proven=GO,
    ),
    Case(
        "partial/lua-stripped.nix",
        proven=("lua/flags-reach-compiler", "lua/env-kept"),
        unproven=("lua/isa-level",),
    ),
)
