"""All evidence of one file, read from small programs that GCC compiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.base.process import check
from pytest_rtopt.evidence.census.file_evidence import read_file_evidence
from tests.support.evidence_builds import compile_c

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile a program that records the switches of its compiler."""
    return compile_c(tmp_path_factory.mktemp("program") / "program", "-frecord-gcc-switches")


def test_every_reader_contributes(program: Path) -> None:
    found = read_file_evidence(program)
    assert b"-O3" in found.switches
    assert {"dot", "add_avx2", "main"} <= found.names
    assert "avx2" in found.census.functions["add_avx2"].features
    assert found.has_symbols
    assert "printf" in found.imports
    assert found.linker == "bfd"
    assert "libc.so.6" in found.needs.libraries
    assert found.profiling_symbols == ()


def test_a_program_for_profiling_shows_it(tmp_path: Path) -> None:
    found = read_file_evidence(compile_c(tmp_path / "program", "-fprofile-generate"))
    assert found.profiling_symbols


def test_what_is_unknown_without_symbols_is_told_apart_from_what_is_not_there(
    program: Path, tmp_path: Path
) -> None:
    stripped = tmp_path / "stripped"
    check(["strip", "-s", "-o", str(stripped), str(program)], timeout=60)
    whole, found = read_file_evidence(program), read_file_evidence(stripped)
    assert not found.has_symbols
    assert "dot" not in found.names
    assert (found.imports, found.needs) == (whole.imports, whole.needs)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "script").write_text("#!/bin/sh\n")
    with pytest.raises(EvidenceError, match="script"):
        read_file_evidence(tmp_path / "script")
