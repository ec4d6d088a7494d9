"""How fast programs are decoded, and whether `objdump -d` sees the same instructions in them.

    python benchmarks/census_speed.py /usr/bin/python3 $(go env GOTOOLDIR)/compile

Printed for each file: its megabytes of code, megabytes a second of CPU time in one process and of wall time
on all cores, what `objdump` does of CPU time, the time to load the stored census, and counts of instructions
as this project / objdump. objdump goes through sections from their beginning, where this project decodes
functions, so it also takes tables between functions for instructions. The status is 1 if a file is decoded at
less than 5 MB a second of CPU time, or if counts differ by more than 1 %, and 2 if nothing could be measured.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import RtoptError
from pytest_rtopt.evidence.census import opcodes
from pytest_rtopt.evidence.census.archive import read_archive, write_archive
from pytest_rtopt.evidence.census.census import Census, census
from pytest_rtopt.evidence.census.reading import Reading
from pytest_rtopt.evidence.census.workers import on_all_cores
from pytest_rtopt.evidence.elf.compiler_traces import Traces
from pytest_rtopt.evidence.elf.functions import FunctionSource
from pytest_rtopt.evidence.elf.image import read_elf
from pytest_rtopt.evidence.elf.libraries import Needs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LEAST_SPEED: Final = 5.0
_MOST_DIFFERENCE: Final = 0.01
_TIMEOUT: Final = 3600.0
_MEGA: Final = 1e6
# Of the columns of `objdump -d --no-show-raw-insn`, the second is the instruction. Padding is left out, as
# the census leaves it out.
_COUNT: Final = r"""
BEGIN { FS = "\t" }
!/^ +[0-9a-f]+:/ { next }
$2 ~ /^\(bad\)/ { bad++; next }
$2 ~ /^((cs|data16|repz|bnd) )*(nop|int3)/ || $2 ~ /^xchg +ax,ax/ { next }
{ total++ }
$2 ~ /^(\{[a-z0-9]+\} )?v[a-z]/ && $2 ~ /[xyz]mm/ { vex++ }
$2 ~ /^(shlx|shrx|sarx|rorx|mulx|pdep|pext|bzhi) / { bmi2++ }
END { print total + 0, vex + 0, bmi2 + 0, bad + 0 }
"""
_OBJDUMP: Final = ("objdump", "-d", "-M", "intel", "--no-show-raw-insn")


@dataclass(frozen=True)
class Counts:
    """Instructions without padding, those of them that are VEX- or EVEX-encoded, and those of BMI2."""

    total: int
    vex: int
    bmi2: int

    def differences(self, other: Counts) -> tuple[float, float, float]:
        """Return by how much each count differs, as a part of the larger one."""
        pairs = ((self.total, other.total), (self.vex, other.vex), (self.bmi2, other.bmi2))
        first, second, third = (abs(a - b) / max(a, b, 1) for a, b in pairs)
        return first, second, third


@dataclass(frozen=True)
class Measured:
    """One file: megabytes of code, seconds by who decoded it, and what was counted."""

    path: Path
    megabytes: float
    one_process: float
    all_cores: float
    objdump: float
    loading: float
    ours: Counts
    theirs: Counts

    @property
    def speed(self) -> float:
        """Megabytes that one process decodes in a second of CPU time."""
        return self.megabytes / self.one_process

    @property
    def is_right(self) -> bool:
        """Whether it is fast enough, and objdump agrees."""
        return self.speed >= _LEAST_SPEED and max(self.ours.differences(self.theirs)) <= _MOST_DIFFERENCE


def parse_counts(printed: str) -> Counts:
    """Return what the counting of objdump's lines printed."""
    total, vex, bmi2, _ = (int(word) for word in printed.split())
    return Counts(total, vex, bmi2)


def measure(path: Path) -> Measured:
    """Decode one file in all ways; `RtoptError` if it cannot be read or objdump fails."""
    opcodes.table()  # made once for each process, whatever the file
    image = read_elf(path)
    taken, alone = _timed(lambda: census(image), time.process_time)
    _, together = _timed(lambda: census(image, on_all_cores), time.perf_counter)
    stored = io.BytesIO()
    beside = Reading(
        taken,
        *(b"", frozenset(), 0, ()),
        has_symbols=True,
        imports=frozenset(),
        linker="bfd",
        traces=Traces(),
        needs=Needs(),
    )
    write_archive(stored, beside)
    stored.seek(0)
    _, loading = _timed(lambda: read_archive(stored), time.process_time)
    counted = process.check(
        ["sh", "-c", '"$@" | awk "$COUNT"', "sh", *_OBJDUMP, str(path)],
        timeout=_TIMEOUT,
        surroundings=process.Surroundings(env={"PATH": "/usr/bin:/bin", "COUNT": _COUNT, "LC_ALL": "C"}),
    )
    plain = process.check(["sh", "-c", '"$@" > /dev/null', "sh", *_OBJDUMP, str(path)], timeout=_TIMEOUT)
    return Measured(
        path=path,
        megabytes=sum(len(section.data) for section in image.executable) / _MEGA,
        one_process=alone,
        all_cores=together,
        objdump=plain.usage.user_seconds + plain.usage.system_seconds,
        loading=loading,
        ours=_counts(taken, bounded=image.function_source is not FunctionSource.NONE),
        theirs=parse_counts(counted.text),
    )


def _counts(taken: Census, *, bounded: bool) -> Counts:
    if not bounded:
        print("no functions are known: sections are decoded from their beginning, as objdump does")
    bmi2 = taken.uses.get("bmi2")
    return Counts(taken.instructions, taken.vex_vector, 0 if bmi2 is None else bmi2.instructions)


def _timed(work: Callable[[], Census | Reading], clock: Callable[[], float]) -> tuple[Census, float]:
    started = clock()
    done = work()
    return done.census if isinstance(done, Reading) else done, clock() - started


def table_of(measured: Sequence[Measured]) -> Table:
    """Return the figures as a table."""
    table = Table()
    for heading in ("file", "code MB", "MB/s, one core", "MB/s, all cores", "objdump MB/s", "stored, s"):
        table.add_column(heading, justify="left" if heading == "file" else "right")
    for heading in ("instructions", "VEX", "BMI2"):
        table.add_column(heading, justify="right")
    for one in measured:
        pairs = (
            (one.ours.total, one.theirs.total),
            (one.ours.vex, one.theirs.vex),
            (one.ours.bmi2, one.theirs.bmi2),
        )
        table.add_row(
            one.path.name,
            f"{one.megabytes:.1f}",
            f"{one.speed:.1f}",
            f"{one.megabytes / one.all_cores:.1f}",
            f"{one.megabytes / max(one.objdump, 1e-9):.1f}",
            f"{one.loading:.2f}",
            *(f"{ours} / {theirs}" for ours, theirs in pairs),
        )
    return table


def main() -> int:
    """Measure the files on the command line and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, help="x86-64 ELF files")
    arguments = parser.parse_args()
    try:
        measured = [measure(path) for path in arguments.files]
    except RtoptError as error:
        print(error, file=sys.stderr)
        return 2
    Console(width=150).print(table_of(measured))
    return 0 if all(one.is_right for one in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
