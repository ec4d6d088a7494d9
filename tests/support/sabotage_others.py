"""Overlays of Go, Rust, Node.js and Python that look optimized but are not."""

from __future__ import annotations

from typing import Final

from tests.support.overlay_case import NOTHING_NAMED, SAME_CODE, UNTOUCHED, Case

GO_FLAGS: Final = "go/flags-reach-compiler"
GO_ISA: Final = "go/isa-level"
GO_DEFAULT: Final = "go/goamd64-default"
GO_PROGRAMS: Final = "go/programs-inherit"
GO_CGO: Final = "go/cgo-march"
# The refuted claims of every Go that is the unchanged release.
RELEASE: Final = {
    GO_FLAGS: ("does not export GOAMD64",),
    GO_ISA: (SAME_CODE,),
    GO_DEFAULT: ("the toolchain compiles for v1",),
    GO_PROGRAMS: ("was compiled for v1",),
}
NO_C_FLAGS: Final = {GO_CGO: ("has no -march=",)}

RUST_PROGRAMS: Final = "rust/programs-target-cpu"
RUST_PLATFORM: Final = "rust/toolchain-reaches-platform"
TUNED_SCRIPTS: Final = {"rust/build-scripts-left-alone": ("was compiled with avx",)}
UNTUNED: Final = {RUST_PROGRAMS: ("0 of", "not code for")}

PYTHON_FLAGS: Final = "python/flags-reach-compiler"
PYTHON_ISA: Final = "python/isa-level"

GO: Final = (
    Case(
        "sabotage/go-default-only.nix",
        dict.fromkeys((*RELEASE, GO_CGO), (UNTOUCHED,)),
        stage="evaluation",
    ),
    Case("sabotage/go-name-only.nix", {**RELEASE, **NO_C_FLAGS}, stage="derivation"),
    Case("sabotage/go-cc-flags.nix", {**RELEASE, **NO_C_FLAGS}, stage="compile"),
    Case("sabotage/go-cgo-only.nix", RELEASE, proven=(GO_CGO,), stage="compile"),
    Case("sabotage/go-stub-answers.nix", {**RELEASE, **NO_C_FLAGS}, stage="install"),
    Case(
        "sabotage/go-wrapper-only.nix",
        {
            GO_FLAGS: ("does not export GOAMD64, but v3 is requested", "postInstall"),
            GO_ISA: (SAME_CODE,),
            GO_DEFAULT: ("an environment variable does not change this default",),
        },
        proven=(GO_PROGRAMS,),
        stage="install",
    ),
    Case(
        "sabotage/go-consumers-lowered.nix",
        {
            GO_FLAGS: ("does not export GOAMD64", "postPatch"),
            GO_ISA: (SAME_CODE,),
            GO_DEFAULT: ("programs were compiled for other levels",),
            GO_PROGRAMS: ("was compiled for v1",),
        },
        follows=("go/cgo-march",),
        stage="consumers",
    ),
    Case(
        "sabotage/go-collector-in-build.nix",
        {
            "go/compiler-heap": ("48 MiB), but 512 MiB are requested",),
            "go/linker-collector": ("which is not that of the requested GOGC=400",),
            "go/program-collector": ("GOGC=100 (stock: 100), but 200 is requested",),
        },
        profile="data/profiles/go-collector.nix",
        stage="compile",
    ),
)

RUST: Final = (
    Case(
        "sabotage/rust-unwrapped-only.nix",
        {RUST_PLATFORM: (UNTOUCHED,), RUST_PROGRAMS: (UNTOUCHED,)},
        stage="evaluation",
    ),
    Case(
        "sabotage/rust-top-only.nix",
        {RUST_PLATFORM: ("must change `rust_1_NN.packages.stable`",), **UNTUNED},
        proven=("rust/build-scripts-left-alone",),
        stage="evaluation",
    ),
    Case("sabotage/rust-own-env.nix", UNTUNED, proven=(RUST_PLATFORM,), stage="derivation"),
    Case("sabotage/rust-env-unread.nix", UNTUNED, proven=(RUST_PLATFORM,), stage="compile"),
    Case(
        "sabotage/rust-rustflags-emptied.nix",
        UNTUNED,
        follows=("rust/flags-where-they-are-read",),
        stage="compile",
    ),
    Case("sabotage/rust-config-ignored.nix", UNTUNED, stage="compile"),
    Case("sabotage/rust-build-rustflags.nix", UNTUNED, stage="compile"),
    Case("sabotage/rust-feature-unknown.nix", UNTUNED, stage="compile"),
    Case(
        "sabotage/rust-native.nix",
        {RUST_PROGRAMS: ("target-cpu=native is in", "the code depends on the machine that builds")},
        stage="compile",
    ),
    Case(
        "sabotage/rust-wrong-cpu.nix",
        {"rust/isa-runs-here": ("records needs xop", "the CPU does not have it")},
        proven=(RUST_PROGRAMS,),
        stage="compile",
    ),
    Case(
        "sabotage/rust-build-scripts.nix",
        TUNED_SCRIPTS,
        proven=(RUST_PLATFORM, RUST_PROGRAMS),
        stage="consumers",
        runs_v3=True,
    ),
    Case(
        "sabotage/rust-platform-build-scripts.nix",
        TUNED_SCRIPTS,
        proven=(RUST_PROGRAMS, "rust/isa-runs-here"),
        stage="consumers",
        runs_v3=True,
    ),
    Case(
        "sabotage/rust-linker-unread.nix",
        {"rust/linker": ("programs were not linked by gold",)},
        proven=(RUST_PLATFORM,),
        stage="link",
    ),
    Case(
        "sabotage/rust-upstream-unused.nix",
        {"rust/upstream-release": ("built from a source tarball", "exports no malloc")},
        proven=(RUST_PLATFORM,),
        stage="install",
    ),
)

NODEJS: Final = (
    Case(
        "sabotage/nodejs-name-only.nix",
        {"nodejs/compile-is-tuned": ("only the name differs",)},
        stage="derivation",
    ),
    Case(
        "sabotage/nodejs-prebuilt-flags.nix",
        {"nodejs/compile-is-tuned": ("-march=skylake, -O3 changes the hash but no code",)},
        stage="compile",
    ),
    Case(
        "sabotage/nodejs-lto-unbuilt.nix",
        {"nodejs/compile-is-tuned": ("link-time optimization changes the hash but no code",)},
        stage="link",
    ),
    Case(
        "sabotage/nodejs-v8-options-unbuilt.nix",
        {"nodejs/v8-options": ("but --max-lazy is requested",)},
        stage="compile",
    ),
    *(
        Case(
            f"sabotage/nodejs-jemalloc-{name}.nix",
            {"nodejs/jemalloc-loaded": ("has no jemalloc in /proc/self/maps",)},
            # The loader's message is part of the output of a command that must print one word.
            follows=("nodejs/says-host-arch",),
            stage=stage,
        )
        for name, stage in (("unlinked", "link"), ("missing", "start"))
    ),
    *(
        Case(
            f"sabotage/nodejs-compile-cache-{name}.nix",
            {"nodejs/compile-cache": ("finds no compiled code",)},
            stage="start",
        )
        for name in ("ineffective", "profile")
    ),
    Case(
        "sabotage/nodejs-compile-cache-echoed.nix",
        {"nodejs/compile-cache": ("node has no compile cache enabled",)},
        stage="start",
    ),
)

# Each of these cases compiles Python twice, because stock is compiled, too.
PYTHON: Final = (
    Case(
        "sabotage/python-copied.nix",
        {
            PYTHON_FLAGS: (NOTHING_NAMED, "the build log shows no compilation"),
            PYTHON_ISA: (SAME_CODE,),
            "python/with-packages-uses-it": ("which is not below",),
        },
        stage="install",
        heavy=True,
    ),
    Case(
        "sabotage/python-nodist-overwritten.nix",
        {
            PYTHON_FLAGS: ("CFLAGS_NODIST, which is read by no compiler wrapper",),
            "python/flags-where-they-are-read": ("are in CFLAGS_NODIST, which preConfigure overwrites",),
            PYTHON_ISA: ("not code for x86-64-v3",),
            "python/static-tls": ("the interpreter imports __tls_get_addr",),
        },
        stage="compile",
        heavy=True,
    ),
    Case(
        "sabotage/python-cflags-recorded.nix",
        {"python/sysconfig-clean": ("-march=x86-64-v3 in CFLAGS",)},
        proven=(PYTHON_ISA,),
        stage="consumers",
        runs_v3=True,
        heavy=True,
    ),
    Case(
        "sabotage/python-stock-packages.nix",
        {"python/with-packages-uses-it": ("which is not below",)},
        proven=(PYTHON_FLAGS, PYTHON_ISA, "python/sysconfig-clean"),
        stage="consumers",
        runs_v3=True,
        heavy=True,
    ),
    Case(
        "sabotage/python-untrained.nix",
        {"python/pgo-used": ("functions have a cold part",)},
        stage="training",
        heavy=True,
    ),
)
