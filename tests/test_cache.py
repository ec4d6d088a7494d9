"""The census is taken once for each file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from evidence_builds import compile_c

from pytest_rtopt.errors import EvidenceError
from pytest_rtopt.evidence.cache import cached_census
from pytest_rtopt.evidence.census import census
from pytest_rtopt.evidence.elf import read_elf

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return compile_c(tmp_path / "program")


def test_the_second_time_the_file_is_not_read(program: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "census"
    taken = cached_census(program, cache)
    assert taken == census(read_elf(program))
    program.unlink()
    assert cached_census(program, cache) == taken


def test_a_damaged_entry_is_taken_anew(program: Path, tmp_path: Path) -> None:
    taken = cached_census(program, tmp_path / "cache")
    (entry,) = (tmp_path / "cache").glob("*.json")
    whole = entry.read_text()
    for damage in ("", "{", "[]", '{"schema": 0}', whole[:-40]):
        entry.write_text(damage)
        assert cached_census(program, tmp_path / "cache") == taken
    assert not list((tmp_path / "cache").glob("*.tmp"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"decoded":', '"decoded":"many","was":'),
        ('"vex_vector":', '"vex_vector":null,"was":'),
        ('"instructions":', '"instructions":1'),
        ('"uses":', f'"uses":{"[" * 100_000},"was":'),
    ],
)
def test_an_entry_whose_numbers_changed_is_taken_anew(
    before: str, after: str, program: Path, tmp_path: Path
) -> None:
    """Numbers that had become words, or nothing, once were believed and ended in a `TypeError` later."""
    taken = cached_census(program, tmp_path / "cache")
    (entry,) = (tmp_path / "cache").glob("*.json")
    whole = entry.read_text()
    assert before in whole
    entry.write_text(whole.replace(before, after, 1))
    assert cached_census(program, tmp_path / "cache") == taken


def test_a_file_that_is_no_program_is_not_remembered(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\n")
    with pytest.raises(EvidenceError, match="not an ELF file"):
        cached_census(script, tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*.json"))


def test_a_cache_that_cannot_be_written_is_an_error_that_names_it(program: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EvidenceError, match="cache cannot keep a census"):
        cached_census(program, tmp_path / "cache")
