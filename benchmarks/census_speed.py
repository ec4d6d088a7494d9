"""Measures the speed of decoding, and compares the counts of instructions with those of `objdump -d`.

    python benchmarks/census_speed.py /usr/bin/python3 $(go env GOTOOLDIR)/compile

For each file it prints the megabytes of code, the megabytes per second of CPU time in one process and of wall
time on all cores, the megabytes per second of CPU time of `objdump`, the time to load the stored census, and
the counts of instructions of this project / objdump. objdump decodes whole sections, and this project decodes
functions, so objdump also counts tables between functions as instructions. The exit status is 1 if a file is
decoded at less than 5 MB per second of CPU time, or if counts differ by more than 1 %. It is 2 if nothing
could be measured.
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
from pytest_rtopt.evidence.census.file_evidence import FileEvidence
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
# The second column of `objdump -d --no-show-raw-insn` is the instruction. Padding is left out, as in the
# census.
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
    """The numbers of instructions without padding, of those in VEX or EVEX encoding, and of those of BMI2."""

    total: int
    vex: int
    bmi2: int

    def differences(self, other: Counts) -> tuple[float, float, float]:
        """Return the difference of each count, as a fraction of the larger one."""
        pairs = ((self.total, other.total), (self.vex, other.vex), (self.bmi2, other.bmi2))
        first, second, third = (abs(a - b) / max(a, b, 1) for a, b in pairs)
        return first, second, third


@dataclass(frozen=True)
class Measured:
    """The figures of one file: megabytes of code, seconds of each way to decode it, and counts."""

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
        """The megabytes that one process decodes per second of CPU time."""
        return self.megabytes / self.one_process

    @property
    def is_right(self) -> bool:
        """Whether it is fast enough, and objdump agrees."""
        return self.speed >= _LEAST_SPEED and max(self.ours.differences(self.theirs)) <= _MOST_DIFFERENCE


def parse_counts(printed: str) -> Counts:
    """Parse the output of the program that counts objdump's lines."""
    total, vex, bmi2, _ = (int(word) for word in printed.split())
    return Counts(total, vex, bmi2)


def measure(path: Path) -> Measured:
    """Decode one file in all ways; raises `RtoptError` if it cannot be read or objdump fails."""
    opcodes.table()  # built before the timing starts, because each process builds it only once
    image = read_elf(path)
    taken, alone = _timed(lambda: census(image), time.process_time)
    _, together = _timed(lambda: census(image, on_all_cores), time.perf_counter)
    stored = io.BytesIO()
    beside = FileEvidence(
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
        print("no functions are known, so whole sections are decoded, as objdump does")
    bmi2 = taken.uses.get("bmi2")
    return Counts(taken.instructions, taken.vex_vector, 0 if bmi2 is None else bmi2.instructions)


def _timed(work: Callable[[], Census | FileEvidence], clock: Callable[[], float]) -> tuple[Census, float]:
    started = clock()
    done = work()
    return done.census if isinstance(done, FileEvidence) else done, clock() - started


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
