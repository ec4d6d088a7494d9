"""Link-time optimization that a program only seems to have: what is missing in it has other causes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_rtopt.base import process
from pytest_rtopt.claims.lto import lto_used
from pytest_rtopt.evidence.elf.switches import RecordedSwitches
from pytest_rtopt.results.values import FindingStatus
from tests.support.traced_programs import FIRST, SECOND, built, link, read

if TYPE_CHECKING:
    from pathlib import Path

LTO = lto_used("lua")


def test_what_the_log_asked_for_is_not_what_units_compiled_apart_became(tmp_path: Path) -> None:
    """Exported -flto and a log of compilations were proof, though the symbols named every source still."""
    stock, apart = link(tmp_path / "stock"), link(tmp_path / "apart", "-O3")
    answer = LTO(built(stock, apart, "gcc -c first.c\ngcc -c second.c\n", NIX_CFLAGS_COMPILE="-flto"))
    assert answer.status is FindingStatus.REFUTED
    assert "its symbols name all 2 source files that stock's symbols name" in answer.evidence


def assembled(directory: Path) -> Path:
    """Return a program of one unit, linked from an assembly that names no source."""
    source = directory / "whole.s"
    text = process.Surroundings(stdin=f"{FIRST}{SECOND}".encode())
    command = ["gcc", "-O2", "-S", "-x", "c", "-o", "-", "-"]
    written = process.check(command, timeout=60, surroundings=text).text
    source.write_text("".join(line for line in written.splitlines(keepends=True) if ".file" not in line))
    process.check(["gcc", "-o", str(directory / "program"), str(source)], timeout=60)
    return directory / "program"


def test_units_without_a_name_of_a_source_are_no_link_time_code(tmp_path: Path) -> None:
    """A program that was assembled and linked at once was proven: its unit has the name of a scratch file."""
    stock = link(tmp_path / "stock")
    assert LTO(built(stock, read(assembled(tmp_path)))).status is FindingStatus.REFUTED


def test_names_that_were_stripped_away_say_nothing_without_a_log(tmp_path: Path) -> None:
    """Nixpkgs strips so, and from a cache without logs real link-time code was refuted."""
    stock = link(tmp_path / "stock")
    for name, flags in {"whole": ("-flto",), "apart": ()}.items():
        link(tmp_path / name, "-O3", *flags)
        process.check(["strip", "-S", str(tmp_path / name / "program")], timeout=60)
        answer = LTO(built(stock, read(tmp_path / name / "program")))
        assert answer.status is FindingStatus.UNPROVEN
        assert "-frecord-gcc-switches or a build log would decide" in answer.evidence
    seen = LTO(built(stock, read(tmp_path / "apart" / "program"), "gcc -O2 -c first.c\ngcc -c second.c\n"))
    assert seen.status is FindingStatus.REFUTED


def test_one_name_as_merged_units_have_it_merges_nothing(tmp_path: Path) -> None:
    """A function called `x.lto_priv.0` was all the proof that was needed."""
    stock = link(tmp_path / "stock")
    named = replace(stock, functions=stock.functions | {"x.lto_priv.0", "main.lto_priv.0"})
    assert LTO(built(stock, named)).status is FindingStatus.REFUTED
    unnamed = replace(named, traces=replace(stock.traces, units=None))
    answer = LTO(built(stock, unnamed))
    assert answer.status is FindingStatus.PROVEN
    assert (
        "1 functions carry the mark of units merged at link time, such as main.lto_priv.0" in answer.evidence
    )
    strange = replace(unnamed, functions=stock.functions | {"x.lto_priv.0"})
    assert LTO(built(stock, strange)).status is FindingStatus.UNPROVEN


def test_missing_names_prove_nothing_against_a_log_or_a_record(tmp_path: Path) -> None:
    """Mapped to nothing, names of sources were gone without any link-time optimization."""
    unnamed = (f"-ffile-prefix-map={tmp_path}/apart/{name}.c=" for name in ("first", "second"))
    stock, apart = link(tmp_path / "stock"), link(tmp_path / "apart", "-frecord-gcc-switches", *unnamed)
    assert apart.traces.units == frozenset()
    unrecorded = replace(apart, switches=RecordedSwitches(()))
    assert LTO(built(stock, apart)).status is FindingStatus.REFUTED
    assert LTO(built(stock, unrecorded, "gcc -O2 -c first.c\n")).status is FindingStatus.REFUTED
