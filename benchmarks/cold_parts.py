"""How many functions GCC splits into a hot and a cold part: the factor of the claim `pgo-used`.

    python benchmarks/cold_parts.py DIRECTORY

DIRECTORY holds the unpacked upstream sources of Debian's packages lua5.4, quickjs, mujs and libzstd, each
below its own name. Every program is compiled with `-O2` as stock is, with other flags and no profile, with
the profile of a short training, and with that profile for all files but that of its main loop. The table has
the functions, those with a cold part, the factor against `-O2`, and whether the loop is mostly cold.
The status is 1 if a build without a profile reaches the factor that `pgo-used` asks for.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_rtopt.base.process import Surroundings, check
from pytest_rtopt.claims.pgo import COLD_FACTOR
from pytest_rtopt.evidence.elf.image import ElfImage, read_elf

_TIMEOUT: Final = 1800.0
_STOCK: Final = ("-O2",)
_WITHOUT_PROFILE: Final = (
    ("-O3",),
    ("-O2", "-march=x86-64-v3"),
    ("-O3", "-march=x86-64-v4", "-flto=auto"),
    ("-O2", "-flto=auto", "-fno-semantic-interposition", "-fPIC"),
    ("-Os",),
    ("-O2", "-freorder-blocks-and-partition", "-fno-inline"),
)
_WITH_PROFILE: Final = (
    ("-O2",),
    ("-O3", "-march=x86-64-v3"),
    ("-O3", "-march=x86-64-v3", "-flto=auto"),
)


@dataclass(frozen=True)
class Program:
    """How one program is compiled and trained: patterns of its sources, those left out, and its main loop.

    `training` is the script or the file that the program is given, after `arguments`.
    """

    name: str
    sources: tuple[str, ...]
    left_out: tuple[str, ...]
    flags: tuple[str, ...]
    libraries: tuple[str, ...]
    loop_file: str
    loop: str
    arguments: tuple[str, ...]
    training: str


_JS: Final = """
var words = [], counts = {};
for (var i = 0; i < 20000; i++) words.push("w" + (i * 7919 % 997));
words.forEach(function (word) { counts[word] = (counts[word] || 0) + 1; });
words.sort();
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
var text = JSON.stringify({ counts: counts, fib: fib(20) });
JSON.parse(text.replace(/w(\\d+)/g, "x$1"));
"""
_LUA: Final = """
local words, counts = {}, {}
for i = 1, 20000 do words[i] = ("w%d"):format(i * 7919 % 997) end
for _, word in ipairs(words) do counts[word] = (counts[word] or 0) + 1 end
table.sort(words)
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
print(#table.concat(words):gsub("w(%d+)", "x%1"), fib(20))
"""
_PROGRAMS: Final = (
    Program(
        "lua5.4",
        ("src/*.c",),
        ("luac.c",),
        ("-DLUA_USE_LINUX", "-DLUA_COMPAT_5_3"),
        ("-lm", "-ldl"),
        "lvm.c",
        "luaV_execute",
        (),
        _LUA,
    ),
    Program(
        "quickjs",
        ("*.c",),
        ("qjsc.c", "run-test262.c", "unicode_gen.c"),
        ("-D_GNU_SOURCE", '-DCONFIG_VERSION="x"', "-fwrapv"),
        ("-lm", "-ldl", "-lpthread"),
        "quickjs.c",
        "JS_CallInternal",
        (),
        _JS,
    ),
    Program(
        "mujs",
        ("js*.c", "regexp.c", "utf.c", "main.c"),
        (),
        ("-std=gnu99",),
        ("-lm",),
        "jsrun.c",
        "jsR_run",
        (),
        _JS,
    ),
    Program(
        "libzstd",
        (
            "lib/common/*.c",
            "lib/compress/*.c",
            "lib/decompress/*.[cS]",
            "lib/dictBuilder/*.c",
            "programs/*.c",
        ),
        (),
        ("-DZSTD_LEGACY_SUPPORT=0", "-DXXH_NAMESPACE=ZSTD_", "-Ilib", "-Ilib/common", "-Ilib/dictBuilder"),
        ("-lpthread",),
        "zstd_decompress_block.c",
        "ZSTD_decompressBlock_internal",
        ("-b1", "-e9", "-i0"),
        _JS * 2000,
    ),
)


@dataclass(frozen=True)
class _Builder:
    """Compiles one program from `source` to `place`."""

    program: Program
    source: Path
    place: Path

    def build(self, flags: tuple[str, ...], *, loop_flags: tuple[str, ...] = ()) -> Path:
        """Compile with `flags`, and the file of the main loop also with `loop_flags`; return the program."""
        objects = self.place / "objects"
        shutil.rmtree(objects, ignore_errors=True)
        objects.mkdir(parents=True)
        files = sorted(
            path
            for pattern in self.program.sources
            for path in self.source.glob(pattern)
            if path.name not in self.program.left_out
        )
        with ThreadPoolExecutor() as pool:
            made = list(pool.map(lambda path: self._compile(path, flags, loop_flags, objects), files))
        built = self.place / "program"
        check(
            ["gcc", *flags, *map(str, made), "-o", str(built), *self.program.libraries],
            timeout=_TIMEOUT,
            surroundings=Surroundings(cwd=self.source),
        )
        return built

    def _compile(
        self, path: Path, flags: tuple[str, ...], loop_flags: tuple[str, ...], objects: Path
    ) -> Path:
        made = objects / f"{path.parent.name}-{path.name}.o"
        extra = loop_flags if path.name == self.program.loop_file else ()
        check(
            ["gcc", *self.program.flags, *flags, *extra, "-c", str(path), "-o", str(made)],
            timeout=_TIMEOUT,
            surroundings=Surroundings(cwd=self.source),
        )
        return made

    def train(self, flags: tuple[str, ...]) -> Path:
        """Build the program that counts, run it, and return where its counts are."""
        counts = self.place / "counts"
        shutil.rmtree(counts, ignore_errors=True)
        built = self.build((*flags, f"-fprofile-generate={counts}", "-fprofile-update=atomic"))
        script = self.place / "training"
        script.write_text(self.program.training)
        check([str(built), *self.program.arguments, str(script)], timeout=_TIMEOUT)
        return counts


def _row(program: Program, flags: str, image: ElfImage, stock: ElfImage) -> float:
    factor = image.cold_functions / max(1, stock.cold_functions)
    cold = "cold" if program.loop in image.cold_shares else "hot"
    print(
        f"{program.name:<8} {flags:<62} {len(image.functions):>6} {image.cold_functions:>5} "
        f"{factor:>6.1f} {cold}",
        flush=True,
    )
    return factor


def _measure(program: Program, source: Path, place: Path) -> float:
    """Print the rows of a program and return the highest factor of a build without a profile."""
    builder = _Builder(program, source, place)
    stock = read_elf(builder.build(_STOCK))
    _row(program, " ".join(_STOCK), stock, stock)
    highest = max(
        _row(program, " ".join(flags), read_elf(builder.build(flags)), stock) for flags in _WITHOUT_PROFILE
    )
    for flags in _WITH_PROFILE:
        counts = builder.train(flags)
        used = (*flags, f"-fprofile-use={counts}", "-fprofile-correction")
        _row(program, f"{' '.join(flags)}, profile", read_elf(builder.build(used)), stock)
        partly = builder.build(used, loop_flags=("-fno-profile-use",))
        _row(program, f"{' '.join(flags)}, profile but for {program.loop_file}", read_elf(partly), stock)
    return highest


def main() -> int:
    """Compile and measure everything."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "sources", type=Path, help="where the unpacked sources lie, each below its package's name"
    )
    sources: Path = parser.parse_args().sources.resolve()
    highest = 0.0
    with tempfile.TemporaryDirectory(prefix="rtopt-cold-") as scratch:
        for program in _PROGRAMS:
            source = Path(scratch, program.name, "source")
            shutil.copytree(sources / program.name, source)
            if program.name == "quickjs":
                # What qjsc makes of the interactive prompt, which no training uses.
                (source / "repl.c").write_text(
                    "const unsigned char qjsc_repl[1] = {0}; const unsigned qjsc_repl_size = 1;\n"
                )
            highest = max(highest, _measure(program, source, source.parent))
    print(
        f"without a profile: at most {highest:.1f} times as many cold parts; pgo-used asks for {COLD_FACTOR}"
    )
    return 0 if highest < COLD_FACTOR else 1


if __name__ == "__main__":
    sys.exit(main())
