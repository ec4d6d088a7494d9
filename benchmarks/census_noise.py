"""Counts functions that gain CPU features without a change of `-march`: the noise of the claim `isa-level`.

    python benchmarks/census_noise.py path/to/lua-5.4.7/src

It compiles Lua for the baseline with flags that do not change the architecture, and compares each build with
plain `-O2`. It does the same for x86-64-v3. Finally it compares x86-64-v3 with the baseline, as for an
overlay. For each comparison it prints the number of common functions, of those with different instructions,
and of those that gained features. The exit status is 1 if noise reaches the threshold of `isa-level`, or if
the last comparison does not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import RtoptError
from pytest_rtopt.claims.isa import LEAST_SHARE
from pytest_rtopt.evidence.census.census import Census, census
from pytest_rtopt.evidence.census.differential import IsaDelta, compare
from pytest_rtopt.evidence.elf.image import read_elf

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIMEOUT: Final = 1800.0
_PLAIN: Final = ("-O2",)
_IRRELEVANT: Final = (
    ("-O2", '-DLUA_ROOT="/nix/store/00000000000000000000000000000000-lua-of-a-much-longer-name/"'),
    ("-O2", "-g", "-frecord-gcc-switches"),
    ("-O2", "-fno-semantic-interposition", "-fPIC"),
    ("-O2", "-flto=1"),
    ("-O2", "-flto=auto"),
    ("-O2", "-mtune=skylake"),
    ("-O3",),
    ("-O2", "-fprofile-use"),
)
_TRAINING: Final = 'local t = {} for i = 1, 200000 do t[i] = ("%d"):format(i) end table.sort(t) print(#t)'


@dataclass(frozen=True)
class Comparison:
    """The flags of a build, and its differences from the build that it is compared with."""

    march: str
    flags: tuple[str, ...]
    delta: IsaDelta

    def __str__(self) -> str:
        delta = self.delta
        share = delta.gained / delta.common if delta.common else 0.0
        return (
            f"{self.march:<22} {' '.join(self.flags)[:48]:<48} {delta.common:>6} {delta.changed:>7} "
            f"{delta.gained:>6} {share:>7.2%}"
        )


def comparisons(sources: Path, scratch: Path) -> Iterator[Comparison]:
    """Compile and compare all builds one after the other; raises `ProcessError` if the compiler fails."""
    builds = Builds(sources, scratch)
    plain = {march: builds.census(march, _PLAIN) for march in ("x86-64", "x86-64-v3")}
    for march, stock in plain.items():
        for flags in _IRRELEVANT:
            yield Comparison(march, flags, compare(stock, builds.census(march, flags)))
    yield Comparison("x86-64 to x86-64-v3", _PLAIN, compare(plain["x86-64"], plain["x86-64-v3"]))


@dataclass(frozen=True)
class Builds:
    """Compiles Lua's interpreter from `sources`, each time in a new directory below `scratch`."""

    sources: Path
    scratch: Path

    def census(self, march: str, flags: tuple[str, ...]) -> Census:
        """Compile with these flags, and return the census of the program."""
        place = Path(tempfile.mkdtemp(dir=self.scratch))
        flags = (f"-march={march}", *flags)
        if "-fprofile-use" in flags:
            trainee = tuple(flag.replace("-use", "-generate") for flag in flags)
            program = self._compile(place, trainee)
            process.check([str(program), "-e", _TRAINING], timeout=_TIMEOUT, surroundings=_in(place))
        return census(read_elf(self._compile(place, flags)))

    def _compile(self, place: Path, flags: tuple[str, ...]) -> Path:
        program = place / "lua"
        units = [str(unit) for unit in sorted(self.sources.glob("*.c")) if unit.name != "luac.c"]
        # Both compilations use one output name, so that the second finds the profile of the first.
        argv = ["gcc", *flags, "-DLUA_USE_LINUX", *units, "-o", str(program), "-lm", "-ldl", "-Wl,-E"]
        process.check(argv, timeout=_TIMEOUT, surroundings=_in(place))
        return program


def _in(place: Path) -> process.Surroundings:
    return process.Surroundings(cwd=place)


def main() -> int:
    """Compare all builds of the sources on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sources", type=Path, help="the directory `src` of Lua's source archive")
    arguments = parser.parse_args()
    print(f"{'architecture':<22} {'flags':<48} {'common':>6} {'changed':>7} {'gained':>6} {'share':>7}")
    results = []
    try:
        with tempfile.TemporaryDirectory(prefix="rtopt-noise-") as scratch:
            for one in comparisons(arguments.sources.resolve(), Path(scratch)):
                print(one, flush=True)
                results.append(one)
    except RtoptError as error:
        print(error, file=sys.stderr)
        return 2
    *noise, signal = results
    compared = sum(one.delta.common for one in noise)
    gained = sum(one.delta.gained for one in noise)
    # The rule of three: if an event occurs in none of n cases, its rate is below 3/n at 95 %.
    bound = max(gained, 3) / compared
    print(f"noise: {gained} of {compared} functions, so less than {bound:.3%}; threshold {LEAST_SHARE:.0%}")
    worst = max(one.delta.gained / one.delta.common for one in noise)
    return 0 if worst < LEAST_SHARE <= signal.delta.gained / signal.delta.common else 1


if __name__ == "__main__":
    sys.exit(main())
