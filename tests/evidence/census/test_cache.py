"""The census is taken once for each file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.census.cache import cached_evidence
from pytest_rtopt.evidence.census.file_evidence import read_file_evidence
from tests.support.evidence_builds import compile_c

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return compile_c(tmp_path / "program")


def test_the_second_time_the_file_is_not_read(program: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "census"
    taken = cached_evidence(program, cache)
    assert taken == read_file_evidence(program)
    program.unlink()
    assert cached_evidence(program, cache) == taken


def test_a_damaged_entry_is_taken_anew(program: Path, tmp_path: Path) -> None:
    taken = cached_evidence(program, tmp_path / "cache")
    (entry,) = (tmp_path / "cache").glob("*.npz")
    whole = entry.read_bytes()
    turned = bytes([whole[len(whole) // 2] ^ 1])
    for damage in (b"", b"{", whole[:-40], whole[40:], whole.replace(whole[len(whole) // 2 :][:1], turned)):
        entry.write_bytes(damage)
        assert cached_evidence(program, tmp_path / "cache") == taken
    assert not list((tmp_path / "cache").glob("*.tmp"))


def test_a_file_that_is_no_program_is_not_remembered(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    with pytest.raises(EvidenceError, match="not an ELF file"):
        cached_evidence(script, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*.npz"))


def test_a_cache_that_cannot_be_written_is_an_error_that_names_it(program: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EvidenceError, match="cache cannot store a census"):
        cached_evidence(program, tmp_path / "cache")
