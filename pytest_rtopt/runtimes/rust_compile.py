"""The workloads that measure rustc, which checks and compiles the sources of other workloads.

Both sides compile for the same target, so that the speed of the compiler is measured, not its amount of work.
No linker runs while time is taken. Objects differ between two builds of one compiler, whose standard
libraries have symbols of other names, so they are no answer. The answer is what the compiled programs print.
A compiler makes the same object every time. So each program is linked and run once, before anything is
measured, and every measured compilation has to make the object that was linked then.
"""

from __future__ import annotations

from typing import Final

from pytest_rtopt.bench.workload import Workload

EXPECTED: Final = (0.05, 0.10)
_RELEASE: Final = "-C opt-level=3"
_DEBUG: Final = "-C opt-level=0 -C debuginfo=2"
_LIBRARY: Final = "rtopt_rust_programs"
# The linker is the one that builds the programs of the package set, so that the machine needs none.
_ENVIRONMENT: Final = (
    ("RUSTC", "{out}/bin/rustc"),
    ("SOURCES", "{workloads}/rust/src"),
    ("LINKER", "{programs}/share/rtopt/cc"),
    ("RTOPT_BUILD_SCRIPT", "-"),
)
_COMPILE: Final = '"$RUSTC" --edition 2021 -C target-cpu=x86-64 $FLAGS'
_PROGRAM: Final = (
    f'{_COMPILE} --crate-type bin --crate-name "$name" --extern {_LIBRARY}=lib{_LIBRARY}.rlib '
    '-C codegen-units=1 "$SOURCES/bin/$name.rs"'
)
_PREPARE: Final = f"""set -e
{_COMPILE} --crate-type rlib --crate-name {_LIBRARY} -o lib{_LIBRARY}.rlib "$SOURCES/lib.rs"
for name in $NAMES; do
  {_PROGRAM} -C linker="$LINKER" --emit obj="$name.linked.o",link="$name"
  cksum < "$name.linked.o" > "$name.sum"
  "./$name" >> answer
done
"""
_MEASURED: Final = f"""set -e
for name in $NAMES; do
  {_PROGRAM} --emit obj -o "$name.o"
  if test "$(cksum < "$name.o")" != "$(cat "$name.sum")"; then
    echo "the object of $name is not the one that was linked and run" >&2
    exit 1
  fi
done
cat answer
"""
_CHECKED: Final = f"""set -e
for name in $NAMES; do
  {_PROGRAM} --emit metadata -o "$name.rmeta"
done
cat answer
"""


def _workload(name: str, measured: str, flags: str, *programs: str) -> Workload:
    return Workload(
        f"rust/{name}",
        ("/bin/sh", "-c", measured),
        env=(*_ENVIRONMENT, ("FLAGS", flags), ("NAMES", " ".join(programs))),
        prepare=(("/bin/sh", "-c", _PREPARE),),
        expected=EXPECTED,
    )


COMPILING: Final = (
    _workload("compile", _MEASURED, _RELEASE, "hash"),
    _workload("compile-debug", _MEASURED, _DEBUG, "hash", "regex"),
    _workload("compile-check", _CHECKED, _RELEASE, "hash", "history", "model", "records", "regex", "search"),
)
