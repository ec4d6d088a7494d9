"""Overlays that look optimized and are not, and honest ones: the whole plugin, on real builds.

Each overlay is judged as its author would judge it: `pytest -m verify --rtopt-overlays FILE`, with the
profile that is detected. What must be refuted, and in which words, is listed here; nothing else may be. The
builds are kept in the tests' own store, so that only the first run takes minutes.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt import process
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.hardware.microarch import features

if TYPE_CHECKING:
    from private_store import PrivateStore

HERE = Path(__file__).parent
V3 = "x86-64-v3"
_RUN_SECONDS = 1800.0

SAME_CODE = "the machine code is the same as stock's, instruction for instruction"
TUNED_SCRIPTS: dict[str, tuple[str, ...]] = {"rust/build-scripts-left-alone": ("was compiled with avx",)}


@dataclass(frozen=True)
class Case:
    """An overlay: its file below tests/, the words of each refuted claim, and claims that must be proven.

    `runs_v3` says that the build runs code for x86-64-v3, as training does.
    """

    file: str
    refuted: dict[str, tuple[str, ...]] = field(default_factory=dict)
    proven: tuple[str, ...] = ()
    runs_v3: bool = False

    @property
    def runtime(self) -> str:
        """The runtime that the overlay is about, by which its file is named."""
        return Path(self.file).name.partition("-")[0]


SABOTAGE = (
    Case(
        "sabotage/lua-cxxflags.nix",
        {
            "lua/flags-reach-compiler": (
                "compilations got -march=skylake",
                "NIX_CXXFLAGS_COMPILE, which is read by no compiler wrapper",
            ),
            "lua/flags-where-they-are-read": (
                "-march=skylake, -mtune=skylake, -O3 stand in NIX_CXXFLAGS_COMPILE, which is read by no",
            ),
            "lua/optimization-level": ("-O3 wins in 0 of",),
            "lua/tuning": ("-mtune=skylake wins in 0 of",),
            "lua/isa-level": (SAME_CODE,),
        },
    ),
    Case(
        "sabotage/lua-name-only.nix",
        {
            "lua/flags-reach-compiler": ("the exported flags name no architecture",),
            "lua/isa-level": (SAME_CODE,),
        },
    ),
    Case(
        "sabotage/lua-env-wiped.nix",
        {"lua/env-kept": ("replaced the package's env and lost LC_ALL, ZERO_AR_DATE",)},
        proven=("lua/flags-reach-compiler", "lua/isa-level"),
    ),
    Case(
        "sabotage/lua-pgo-unused.nix",
        {
            "lua/pgo-used": (
                "the code was not laid out by a profile",
                "34 instrumented compilations and 0 that use a profile",
            )
        },
        proven=("lua/flags-reach-compiler", "lua/isa-level"),
        runs_v3=True,
    ),
    Case(
        "sabotage/lua-native.nix",
        {"lua/flags-reach-compiler": ("-march=native: whatever machine builds, which no hash tells",)},
    ),
    Case(
        "sabotage/lua-overridden.nix",
        {
            "lua/flags-reach-compiler": ("the exported flags end with -march=x86-64",),
            "lua/isa-level": (SAME_CODE,),
        },
    ),
    Case(
        "sabotage/lua-ldflags-lto.nix",
        {
            "lua/lto-used": ("nothing in the program was generated at link time",),
            "lua/flags-where-they-are-read": (
                "-flto stands in NIX_LDFLAGS, which is read when linking only",
            ),
        },
        proven=("lua/flags-reach-compiler", "lua/isa-level"),
    ),
    Case(
        "sabotage/lua-structured.nix",
        {
            "lua/flags-reach-compiler": (
                "NIX_CFLAGS_COMPILE, which is not exported: with __structuredAttrs",
            ),
            "lua/flags-where-they-are-read": (
                "-march=x86-64-v3, -O3 stand in NIX_CFLAGS_COMPILE, which is not exported",
            ),
            "lua/optimization-level": ("-O3 wins in 0 of",),
            "lua/isa-level": (SAME_CODE,),
        },
    ),
    Case(
        "sabotage/go-wrapper-only.nix",
        {
            "go/flags-reach-compiler": ("does not export GOAMD64, where v3 was asked for", "postInstall"),
            "go/isa-level": (SAME_CODE,),
            "go/goamd64-default": ("a wrapper or an environment variable is no default",),
        },
        proven=("go/programs-inherit",),
    ),
    Case(
        "sabotage/go-name-only.nix",
        {
            "go/flags-reach-compiler": ("does not export GOAMD64",),
            "go/isa-level": (SAME_CODE,),
            "go/goamd64-default": ("the toolchain itself compiles for v1",),
            "go/programs-inherit": ("was compiled for v1",),
            "go/cgo-march": ("has no -march=",),
        },
    ),
    Case(
        "sabotage/rust-build-scripts.nix",
        TUNED_SCRIPTS,
        proven=("rust/toolchain-reaches-platform", "rust/programs-target-cpu"),
        runs_v3=True,
    ),
    Case(
        "sabotage/rust-platform-build-scripts.nix",
        TUNED_SCRIPTS,
        proven=("rust/programs-target-cpu", "rust/isa-runs-here"),
        runs_v3=True,
    ),
    Case(
        "sabotage/rust-top-only.nix",
        {
            "rust/toolchain-reaches-platform": ("has to go into `rust_1_NN.packages.stable`",),
            "rust/programs-target-cpu": ("0 of", "not the code of x86-64-v3"),
        },
        proven=("rust/build-scripts-left-alone",),
    ),
    Case(
        "sabotage/rust-env-unread.nix",
        {"rust/programs-target-cpu": ("0 of", "not the code of x86-64-v3")},
        proven=("rust/toolchain-reaches-platform",),
    ),
    Case(
        "sabotage/rust-own-env.nix",
        {"rust/programs-target-cpu": ("0 of", "not the code of skylake")},
        proven=("rust/toolchain-reaches-platform",),
    ),
    Case("sabotage/nodejs-name-only.nix", {"nodejs/compile-is-tuned": ("nothing but the name differs",)}),
    Case("sabotage/nodejs-prebuilt-flags.nix", {"nodejs/compile-is-tuned": ("-march=skylake changes",)}),
    Case(
        "sabotage/nodejs-compile-cache-ineffective.nix", {"nodejs/compile-cache": ("finds no compiled code",)}
    ),
)

HONEST = (
    Case(
        "honest/lua-flags.nix",
        proven=("lua/flags-reach-compiler", "lua/env-kept", "lua/isa-level", "lua/lto-used"),
    ),
    Case("honest/lua-make-flags.nix", proven=("lua/flags-reach-compiler", "lua/env-kept", "lua/isa-level")),
    # The toolchain stays the release's, which is what this style is for; what it does not do is refuted.
    Case(
        "honest/go-env-file.nix",
        {
            "go/flags-reach-compiler": ("does not export GOAMD64", "postPatch"),
            "go/isa-level": (SAME_CODE,),
        },
        proven=("go/goamd64-default", "go/programs-inherit", "go/env-kept"),
    ),
    # There is no rustc but stock's, which need not reach anything.
    Case(
        "honest/rust-platform-flags.nix",
        proven=("rust/programs-target-cpu", "rust/build-scripts-left-alone", "rust/isa-runs-here"),
        runs_v3=True,
    ),
    Case("honest/nodejs-wrapper.nix", proven=("nodejs/compile-cache", "nodejs/env-kept")),
)

# Compiling Go takes minutes, and the compiled toolchain runs.
HEAVY = (
    Case(
        "honest/go-level.nix",
        proven=(
            "go/flags-reach-compiler",
            "go/env-kept",
            "go/isa-level",
            "go/goamd64-default",
            "go/programs-inherit",
        ),
        runs_v3=True,
    ),
)


def verify(store: PrivateStore, scratch: Path, overlay: str, *arguments: str) -> dict[str, dict[str, str]]:
    """Judge an overlay in a run of its own and return the findings by claim; fails without a verdict."""
    results = scratch / "results.json"
    completed = process.run(
        [
            sys.executable, "-m", "pytest", "--pyargs", "pytest_rtopt.suites", "-m", "verify", "-q",
            "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(scratch),
            "--rtopt-packages", "embedded", "--rtopt-overlays", str(HERE / overlay),
            "--rtopt-json", str(results), *arguments,
        ],
        timeout=_RUN_SECONDS,
        surroundings=process.Surroundings(env={**os.environ, **store.environment}, cwd=scratch),
    )  # fmt: skip
    assert results.is_file(), completed.text + completed.error_text
    findings = {
        finding["claim"]: finding
        for runtime in json.loads(results.read_text())["runtimes"].values()
        for finding in runtime["findings"]
    }
    refuted = any(finding["status"] == "refuted" for finding in findings.values())
    assert completed.returncode == int(refuted), completed.text + completed.error_text
    return findings


@pytest.mark.parametrize(
    "case",
    [
        *(pytest.param(case, id=case.file) for case in (*SABOTAGE, *HONEST)),
        *(pytest.param(case, id=case.file, marks=pytest.mark.heavy) for case in HEAVY),
    ],
)
def test_an_overlay_is_refuted_for_what_it_does_not_do_and_for_nothing_else(
    case: Case, private_store: PrivateStore, tmp_path: Path
) -> None:
    if case.runs_v3 and not features(V3) <= read_host().features:
        pytest.skip(f"the build runs code for {V3}, which this CPU is not")
    findings = verify(private_store, tmp_path, case.file, "--rtopt-runtime", case.runtime)
    refuted = {claim for claim, finding in findings.items() if finding["status"] == "refuted"}
    # Code for an architecture that this CPU is not does not run here, whoever asks for it.
    expected = set(case.refuted)
    if not features(V3) <= read_host().features:
        refuted.discard(f"{case.runtime}/isa-runs-here")
    assert refuted == expected, {claim: findings[claim]["evidence"] for claim in refuted ^ expected}
    for claim, words in case.refuted.items():
        for word in words:
            assert word in findings[claim]["evidence"]
    proven = {claim for claim, finding in findings.items() if finding["status"] == "proven"}
    assert set(case.proven) <= proven


def test_every_overlay_file_is_judged() -> None:
    files = {
        f"{path.parent.name}/{path.name}"
        for place in ("sabotage", "honest")
        for path in (HERE / place).iterdir()
    }
    assert files == {case.file for case in (*SABOTAGE, *HONEST, *HEAVY)}


@pytest.mark.parametrize(
    ("overlay", "proven"),
    [
        ("honest/lua-flags.nix", "lua/isa-level"),
        # It changes programs and no toolchain, and was taken for one that touches nothing.
        ("honest/rust-platform-flags.nix", "rust/programs-target-cpu"),
    ],
)
def test_a_runtime_that_the_overlay_leaves_alone_is_not_judged(
    private_store: PrivateStore, tmp_path: Path, overlay: str, proven: str
) -> None:
    findings = verify(private_store, tmp_path, overlay)
    assert not [claim for claim in findings if claim.startswith("go/")]
    assert findings[proven]["status"] == "proven"


def test_a_runtime_that_was_named_must_be_touched(private_store: PrivateStore, tmp_path: Path) -> None:
    findings = verify(private_store, tmp_path, "honest/go-env-file.nix", "--rtopt-runtime", "lua")
    assert findings["lua/isa-level"]["status"] == "refuted"
    assert "the derivation is stock's own" in findings["lua/isa-level"]["evidence"]


def test_overlays_that_touch_nothing_are_refuted(private_store: PrivateStore, tmp_path: Path) -> None:
    overlay = tmp_path / "other.nix"
    overlay.write_text("final: prev: { unrelated = 1; }\n")
    findings = verify(private_store, tmp_path, str(overlay))
    for claim in ("lua/isa-level", "go/isa-level"):
        assert findings[claim]["status"] == "refuted"
        assert "no overlay touched this runtime" in findings[claim]["evidence"]


def test_a_chosen_profile_is_what_the_overlay_is_held_to(private_store: PrivateStore, tmp_path: Path) -> None:
    overlay = "honest/lua-make-flags.nix"
    findings = verify(
        private_store, tmp_path, overlay, "--rtopt-runtime", "lua", "--rtopt-profile", "shoshin"
    )
    flags = findings["lua/flags-reach-compiler"]
    assert flags["status"] == "refuted"
    assert "compilations got -march=skylake" in flags["evidence"]
    assert findings["lua/lto-used"]["status"] == "refuted"
    assert findings["lua/pgo-used"]["status"] == "refuted"
