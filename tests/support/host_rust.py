"""Checks whether the host has a working Rust."""

from __future__ import annotations

import shutil

from pytest_rtopt.base import process


def works(program: str) -> bool:
    """Return whether `cargo` or `rustc` works; rustup's programs fail if this HOME has no toolchain."""
    return shutil.which(program) is not None and process.run([program, "-V"], timeout=30).returncode == 0
