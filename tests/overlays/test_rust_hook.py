"""The setup hook that gives Rust programs their target-cpu and linker, in bash, and with a cargo."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.resources import directory
from tests.support.host_rust import works

if TYPE_CHECKING:
    from pathlib import Path

HOOK = directory("overlays") / "rust-program-flags.sh"
FOR_TARGET = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS"
SOURCED = f"set -eu -o pipefail; rtoptTargetCpu=haswell; source {HOOK}; "


def exported_after(script: str) -> dict[str, str]:
    """Return the flags that a child process sees after `script` and the hook."""
    completed = process.check(
        ["bash", "-c", script + SOURCED + "env"],
        timeout=20,
        surroundings=process.Surroundings(env={"PATH": os.environ["PATH"]}),
    )
    pairs = (line.partition("=") for line in completed.text.splitlines() if "RUSTFLAGS=" in line)
    return {name: value for name, _, value in pairs}


@pytest.mark.parametrize(
    ("before", "seen"),
    [
        pytest.param("", {FOR_TARGET: "-Ctarget-cpu=haswell"}, id="nothing set"),
        pytest.param(
            "export RUSTFLAGS=; ",
            {"RUSTFLAGS": "-Ctarget-cpu=haswell"},
            id="an exported empty RUSTFLAGS, with which cargo ignores the flags of the target",
        ),
        pytest.param(
            "export RUSTFLAGS='-g -Cforce-frame-pointers=yes'; ",
            {"RUSTFLAGS": "-g -Cforce-frame-pointers=yes -Ctarget-cpu=haswell"},
            id="the package's own flags stay",
        ),
        pytest.param(
            "RUSTFLAGS=-g; ", {FOR_TARGET: "-Ctarget-cpu=haswell"}, id="set but not exported: cargo sees none"
        ),
        pytest.param(
            f"export {FOR_TARGET}=-g; ",
            {FOR_TARGET: "-g -Ctarget-cpu=haswell"},
            id="flags of the target stay",
        ),
        pytest.param(
            "export RUSTFLAGS=-Ctarget-cpu=x86-64; ",
            {"RUSTFLAGS": "-Ctarget-cpu=x86-64"},
            id="a package that says its own CPU keeps it",
        ),
        pytest.param(
            "rtoptLinker=mold; ",
            {FOR_TARGET: "-Ctarget-cpu=haswell -Clink-arg=-fuse-ld=mold"},
            id="a linker beside the CPU",
        ),
        pytest.param(
            "rtoptLinker=mold; export RUSTFLAGS=-Clink-arg=-fuse-ld=bfd; ",
            {"RUSTFLAGS": "-Clink-arg=-fuse-ld=bfd -Ctarget-cpu=haswell"},
            id="a package that says its own linker keeps it",
        ),
        pytest.param(
            "rtoptVectorWidth=128; ",
            {FOR_TARGET: "-Ctarget-cpu=haswell -Ctarget-feature=+prefer-128-bit"},
            id="a width of vectors beside the CPU",
        ),
        pytest.param(
            "rtoptVectorWidth=128; export RUSTFLAGS=-Ctarget-feature=+prefer-256-bit; ",
            {"RUSTFLAGS": "-Ctarget-feature=+prefer-256-bit -Ctarget-cpu=haswell"},
            id="a package that says its own width keeps it",
        ),
        pytest.param(SOURCED, {FOR_TARGET: "-Ctarget-cpu=haswell"}, id="sourced twice, flag once"),
    ],
)
def test_what_cargo_is_to_see(before: str, seen: dict[str, str]) -> None:
    assert exported_after(before) == seen


@pytest.mark.skipif(not works("cargo"), reason="no cargo that works: rustup's needs a toolchain in this HOME")
@pytest.mark.parametrize("before", ["", "export RUSTFLAGS=; "])
def test_cargo_gives_the_flag_to_programs_and_not_to_build_scripts(tmp_path: Path, before: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "program"\nversion = "0.1.0"\nedition = "2021"\n')
    for source in ("build.rs", "src/main.rs"):
        (tmp_path / source).write_text("fn main() {}\n")
    build = "cargo build --offline --verbose --target x86_64-unknown-linux-gnu"
    environment = {name: value for name, value in os.environ.items() if "RUSTFLAGS" not in name}
    completed = process.check(
        ["bash", "-c", before + SOURCED + build],
        timeout=120,
        surroundings=process.Surroundings(env=environment, cwd=tmp_path),
    )
    calls = [line for line in completed.error_text.splitlines() if "--crate-name" in line]
    tuned = {
        "build script" if "build_script_build" in call else "program": "target-cpu=haswell" in call
        for call in calls
    }
    assert tuned == {"build script": False, "program": True}
