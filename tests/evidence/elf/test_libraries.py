"""Libraries of a runtime's own output: needed ones, plugins, and what is not its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.base.process import check
from pytest_rtopt.evidence.elf.libraries import needs_of, own_libraries
from tests.support.evidence_builds import compile_c

if TYPE_CHECKING:
    from pathlib import Path


def build(out: Path, source: str, *flags: str) -> Path:
    """Compile `source`, with libraries after it."""
    written = out.with_name(f"{out.name}.c")
    written.write_text(source)
    shared = ("-shared", "-fPIC", f"-Wl,-soname,{out.name}") if out.suffix == ".so" else ()
    check(["gcc", "-o", str(out), str(written), *shared, *flags], timeout=60)
    return out


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return an output whose bin/program needs libfirst, which needs libsecond, and one plugin."""
    root = tmp_path / "out"
    for directory in ("bin", "lib/plugins"):
        (root / directory).mkdir(parents=True)
    second = build(root / "lib" / "libsecond.so", "int second(void) { return 2; }")
    first = build(
        root / "lib" / "libfirst.so",
        "int second(void); int first(void) { return second(); }",
        *(str(second), "-Wl,-rpath,$ORIGIN"),
    )
    build(root / "lib" / "plugins" / "a.so", "int a(void) { return 1; }")
    (root / "lib" / "plugins" / "script.so").write_text("INPUT(a.so)")
    build(
        root / "bin" / "program",
        "int first(void); int main(void) { return first(); }",
        *(str(first), "-Wl,-rpath,/nowhere:${ORIGIN}/../lib", f"-Wl,-rpath-link,{root / 'lib'}"),
    )
    return root


def test_needed_libraries_and_plugins_of_the_output_are_found(out: Path) -> None:
    found = own_libraries(out, [out / "bin" / "program"], ("lib/plugins/*.so", "lib/none/*.so"), needs_of)
    assert [str(path.relative_to(out)) for path in found] == [
        "lib/libfirst.so",
        "lib/libsecond.so",
        "lib/plugins/a.so",
    ]


def test_the_old_run_path_counts_as_well(out: Path) -> None:
    build(
        out / "bin" / "program",
        "int first(void); int main(void) { return first(); }",
        *(str(out / "lib" / "libfirst.so"), "-Wl,--disable-new-dtags", "-Wl,-rpath,$ORIGIN/../lib"),
        f"-Wl,-rpath-link,{out / 'lib'}",
    )
    assert len(own_libraries(out, [out / "bin" / "program"], (), needs_of)) == 2


def test_a_library_of_another_output_is_not_the_runtimes_own(out: Path) -> None:
    """The loader takes the first that is there, and looks no further."""
    other = out.with_name("other")
    other.mkdir()
    build(other / "libfirst.so", "int first(void) { return 7; }")
    build(
        out / "bin" / "program",
        "int first(void); int main(void) { return first(); }",
        *(str(other / "libfirst.so"), f"-Wl,-rpath,{other}:$ORIGIN/../lib"),
    )
    assert own_libraries(out, [out / "bin" / "program"], (), needs_of) == ()


def test_a_program_is_no_library_of_itself(out: Path) -> None:
    library = out / "lib" / "libfirst.so"
    assert own_libraries(out, [library], ("lib/libfirst.so",), needs_of) == (out / "lib" / "libsecond.so",)


def test_a_static_program_needs_nothing(tmp_path: Path) -> None:
    assert needs_of(compile_c(tmp_path / "program", "-static")) == ((), ())


def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    program = compile_c(tmp_path / "program")
    program.write_bytes(program.read_bytes()[:100])
    with pytest.raises(EvidenceError, match="program is a damaged ELF file"):
        needs_of(program)
