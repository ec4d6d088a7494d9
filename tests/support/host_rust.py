"""Whether the host has a Rust that works."""

from __future__ import annotations

import shutil

from pytest_rtopt.base import process


def works(program: str) -> bool:
    """Whether there is a `cargo` or `rustc`; rustup's only say that no toolchain is chosen in this HOME."""
    return shutil.which(program) is not None and process.run([program, "-V"], timeout=30).returncode == 0
