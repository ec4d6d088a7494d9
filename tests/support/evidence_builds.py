"""Compiles small C programs for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt.base.process import Surroundings, check

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = r"""
#include <stdint.h>
#include <stdio.h>

__attribute__((noipa)) double dot(const double *a, const double *b, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

__attribute__((noipa)) uint64_t shift(uint64_t x, int by) { return (x << by) ^ (x >> (by & 7)); }

__attribute__((noipa)) int plain(int x) { return x + 1; }

/* Like code that is chosen at run time: this function has AVX2 in every build. */
__attribute__((noipa, target("avx2"))) void add_avx2(int *a, const int *b) {
  for (int i = 0; i < 64; i++) a[i] += b[i];
}

int main(int argc, char **argv) {
  double x[4] = {1, 2, 3, argc};
  int a[64] = {argc}, b[64] = {1};
  if (argc > 100) add_avx2(a, b);
  printf("%s %f %lu %d\n", argv[0], dot(x, x, 4), (unsigned long)shift(argc, argc), plain(a[0]));
  return 0;
}
"""


def compile_c(out: Path, *flags: str, source: str = PROGRAM) -> Path:
    """Compile `source` to the program `out` with -O3 and `flags`; every GCC vectorizes at -O3."""
    written = out.with_name(f"{out.name}.c")
    written.write_text(source)
    check(["gcc", "-O3", *flags, "-o", str(out), str(written)], timeout=60)
    return out


def train_c(directory: Path, source: str, *flags: str) -> tuple[Path, Path]:
    """Compile `source` to an instrumented program, run it, and compile `source` again with its profile.

    The instrumented program is compiled with `-DTRAINING` and without `flags`. Returns the paths of both
    programs, which are in `directory`.
    """
    place = Surroundings(cwd=directory)
    (directory / "work.c").write_text(source)
    counting = ("gcc", "-O2", "-fprofile-generate", "-DTRAINING", "work.c", "-o", "training")
    check(counting, timeout=60, surroundings=place)
    training, trained = directory / "training", directory / "trained"
    check([str(training), "1", "2"], timeout=60, surroundings=place)
    # GCC looks for the profile under the name of its output.
    (directory / "training-work.gcda").rename(directory / "trained-work.gcda")
    check(
        ["gcc", "-fprofile-use", "-O2", *flags, "work.c", "-o", trained.name], timeout=60, surroundings=place
    )
    return training, trained
