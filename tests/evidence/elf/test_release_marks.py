"""The marks of upstream's release of rustc, in programs that are compiled here and in a real release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.release_marks import ReleaseMarks, read_release_marks
from tests.support.evidence_builds import compile_c
from tests.support.reader_scenes import Workshop
from tests.support.upstream_archive import newest_release, rustup_toolchain

if TYPE_CHECKING:
    from pathlib import Path


def test_a_compiler_with_the_marks_has_them(tmp_path: Path) -> None:
    out = Workshop(tmp_path).released("rust")
    assert read_release_marks(out / "bin" / "rustc") == ReleaseMarks(
        exports_malloc=True, bolted=("libloaded.so",)
    )


def test_a_compiler_that_calls_the_systems_malloc_exports_none(tmp_path: Path) -> None:
    source = "#include <stdlib.h>\nint main(int n, char **v) { (void)v; return malloc(n) == 0; }"
    out = Workshop(tmp_path).with_library("rust", "bin/other")
    program = compile_c(out / "bin" / "rustc", "-rdynamic", source=source)
    assert read_release_marks(program) == ReleaseMarks(exports_malloc=False, bolted=())


def test_a_note_in_a_library_of_another_directory_does_not_count(tmp_path: Path) -> None:
    out = Workshop(tmp_path).released("rust")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (out / "lib" / "libloaded.so").rename(elsewhere / "libloaded.so")
    (out / "lib" / "libloaded.so").symlink_to(elsewhere / "libloaded.so")
    assert read_release_marks(out / "bin" / "rustc").bolted == ()


def test_what_is_no_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "rustc").write_text("#!/bin/sh\n")
    with pytest.raises(EvidenceError, match="rustc is a damaged ELF file"):
        read_release_marks(tmp_path / "bin" / "rustc")
    with pytest.raises(EvidenceError, match="cannot be read: No such file"):
        read_release_marks(tmp_path / "bin" / "cargo")


def test_a_release_that_rustup_installed_has_them() -> None:
    version = newest_release()
    toolchain = None if version is None else rustup_toolchain(version)
    if toolchain is None:
        pytest.skip("rustup has installed no release of Rust here")
    marks = read_release_marks(toolchain / "bin" / "rustc")
    assert marks.exports_malloc
    assert any(name.startswith("librustc_driver") for name in marks.bolted)
