"""Compiles programs of two units, and makes observations of a stock and an optimized program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt.base import process
from pytest_rtopt.evidence.census.census import census as take_census
from pytest_rtopt.evidence.elf.compiler_traces import read_traces
from pytest_rtopt.evidence.elf.image import read_elf
from pytest_rtopt.evidence.elf.switches import parse_switches
from pytest_rtopt.evidence.log.build_log import parse_log
from tests.support.observations import binary, derivation, observation, profile, side

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.evidence.observation import Binary, Observation

EVERYTHING_REQUESTED: dict[str, object] = {"enableLTO": True, "pgoLevel": "FULL"}
OWN = "static __attribute__((noinline)) int own(int x) { return x * 3; }\n"
FIRST = OWN + "int second(int);\nint main(int argc, char **argv) { (void)argv; return second(own(argc)); }\n"
SECOND = OWN.replace("own", "other") + "int second(int x) { return other(x) + 7; }\n"


def built(before: Binary, after: Binary, log: str | None = None, **exported: str) -> Observation:
    """Return an observation of two programs for which every optimization is requested."""
    stock = side(derivation("stock"), {"lua": before})
    optimized = side(
        derivation("optimized", exported), {"lua": after}, log=None if log is None else parse_log(log)
    )
    return observation(profile("x86-64-v3", "lua5_4", **EVERYTHING_REQUESTED), stock, optimized)


def link(directory: Path, *flags: str) -> Binary:
    """Compile a program of two units with GCC, and return its evidence."""
    directory.mkdir()
    for name, text in (("first", FIRST), ("second", SECOND)):
        source = directory / f"{name}.c"
        source.write_text(text)
        process.check(
            ["gcc", "-O2", *flags, "-c", "-o", str(directory / f"{name}.o"), str(source)], timeout=60
        )
    out = directory / "program"
    objects = [str(directory / f"{name}.o") for name in ("first", "second")]
    process.check(["gcc", "-O2", *flags, "-o", str(out), *objects], timeout=60)
    return read(out)


def read(path: Path) -> Binary:
    """Return the evidence of one program."""
    image = read_elf(path)
    return binary(
        take_census(image),
        switches=parse_switches(image.switches),
        functions=frozenset(function.name for function in image.functions),
        profiling_symbols=image.profiling_symbols,
        traces=read_traces(path),
    )
