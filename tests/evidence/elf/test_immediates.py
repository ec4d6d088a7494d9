"""Constants in the code of one function, in programs that the host's compiler makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.immediates import constants_of, immediates

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """
unsigned long asked(void) { return 512ul << 20; }
int wide(void) { return -5; }
unsigned long huge(unsigned long x) { return x ^ 0x123456789abcdeful; }
int main(void) { return 7; }
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("immediates")
    (directory / "program.c").write_text(SOURCE)
    process.check(["gcc", "-O2", "-o", str(directory / "program"), str(directory / "program.c")], timeout=60)
    return directory / "program"


@pytest.mark.parametrize(
    ("function", "constant"),
    [("asked", 512 << 20), ("wide", 0xFFFFFFFB), ("huge", 0x123456789ABCDEF), ("main", 7)],
)
def test_a_constant_is_found_in_its_function_and_in_no_other(
    program: Path, function: str, constant: int
) -> None:
    holders = {
        name for name in ("asked", "wide", "huge", "main") if constant in (immediates(program, name) or ())
    }
    assert holders == {function}


def test_a_function_that_is_not_there_has_none(program: Path, tmp_path: Path) -> None:
    assert immediates(program, "absent") is None
    stripped = tmp_path / "stripped"
    process.check(["strip", "-o", str(stripped), str(program)], timeout=60)
    assert immediates(stripped, "asked") is None


def test_what_is_no_program_is_told(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no program")
    with pytest.raises(EvidenceError, match="is no readable ELF file"):
        immediates(text, "main")


def test_files_are_found_by_the_places_they_name_and_a_missing_one_is_left_out(program: Path) -> None:
    wanted = {
        "main": ("{out}/program", "main"),
        "absent": ("{out}/program", "absent"),
        "missing": ("{out}/no-such-file", "main"),
    }
    found = constants_of(wanted, {"out": program.parent})
    assert found.keys() == {"main", "absent"}
    assert 7 in (found["main"] or ())
    assert found["absent"] is None
