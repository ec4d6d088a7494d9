"""The program behind links and wrappers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.evidence.elf.unwrap import real_binary
from tests.support.evidence_builds import compile_c

if TYPE_CHECKING:
    from pathlib import Path

ELF = b"\x7fELF" + bytes(60)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return an output with a program in lib/lua."""
    for name in ("bin", "lib"):
        (tmp_path / name).mkdir()
    (tmp_path / "lib" / "lua").write_bytes(ELF)
    return tmp_path


def test_the_first_place_that_exists_counts(out: Path) -> None:
    assert real_binary(out, ("bin/lua", "lib/lua")) == out / "lib" / "lua"


def test_a_link_leads_to_its_target(out: Path) -> None:
    (out / "bin" / "lua").symlink_to("../lib/lua")
    assert real_binary(out, ("bin/lua",)) == out / "lib" / "lua"


def test_a_shell_wrapper_leads_to_the_program_of_its_name(out: Path) -> None:
    (out / "bin" / "lua").write_text(
        f'#!/bin/sh\nexport LUA_PATH="{out}/share"\nexec -a "$0" "{out}/lib/lua" "$@"\n'
    )
    assert real_binary(out, ("bin/lua",)) == out / "lib" / "lua"


def test_a_wrapped_program_has_a_dot_and_a_suffix(out: Path) -> None:
    (out / "bin" / ".lua-wrapped").write_bytes(ELF)
    (out / "bin" / "lua").write_text(f'#!/bin/sh\nexec "{out}/bin/.lua-wrapped" "$@"\n')
    assert real_binary(out, ("bin/lua",)) == out / "bin" / ".lua-wrapped"


def test_a_compiled_wrapper_is_not_the_program(out: Path) -> None:
    """The wrappers that nixpkgs compiles once were taken for the program."""
    command = f"makeCWrapper '{out}/lib/lua' \\\n  --inherit-argv0\n"
    (out / "bin" / "lua").write_bytes(ELF + command.encode())
    assert real_binary(out, ("bin/lua",)) == out / "lib" / "lua"


@pytest.mark.parametrize("content", ["#!/bin/sh\nexec other\n", "#!/bin/sh\nexec /absent/lua\n", ""])
def test_a_script_that_leads_nowhere_is_an_error(out: Path, content: str) -> None:
    (out / "bin" / "lua").write_text(content)
    with pytest.raises(EvidenceError, match="bin/lua is no program and starts none that could be found"):
        real_binary(out, ("bin/lua",))


def test_wrappers_that_start_each_other_end(out: Path) -> None:
    other = out / "other"
    other.mkdir()
    (out / "bin" / "lua").write_text(f"#!/bin/sh\nexec {other}/lua\n")
    (other / "lua").write_text(f"#!/bin/sh\nexec {out}/bin/lua\n")
    with pytest.raises(EvidenceError, match="starts none that could be found"):
        real_binary(out, ("bin/lua",))


def test_a_directory_of_the_programs_name_is_an_error(out: Path) -> None:
    """Opening it once raised `IsADirectoryError`."""
    (out / "bin" / "lua").mkdir()
    with pytest.raises(EvidenceError, match="is no program"):
        real_binary(out, ("bin/lua",))


@pytest.mark.parametrize("loads", [True, False])
def test_a_library_counts_where_the_program_loads_it(out: Path, *, loads: bool) -> None:
    """A library that lay beside a program which held the same code itself was taken for what runs."""
    code, main = "int run(void) { return 0; }", "int run(void); int main(void) { return run(); }"
    library = compile_c(
        *(out / "lib" / "libcode.so.1", "-shared", "-fPIC", "-Wl,-soname,libcode.so.1"), source=code
    )
    program = out / "bin" / "code"
    if loads:
        compile_c(program, "-Wl,--no-as-needed", str(library), source=main)
    else:
        compile_c(program, source=code + main)
    found = real_binary(out, ("bin/code", "lib/other.so", "lib/libcode.so.1"))
    assert found == (library if loads else program)


def test_an_output_without_the_program_is_an_error(out: Path) -> None:
    message = f"{out} holds none of bin/go, share/go"
    with pytest.raises(EvidenceError, match=re.escape(message)):
        real_binary(out, ("bin/go", "share/go"))


@pytest.mark.parametrize("name", ["a" * 300, "\0", "loop"])
def test_a_wrapper_whose_text_is_no_path_is_an_error(out: Path, name: str) -> None:
    """A name that was too long, or had a NUL, once ended in an `OSError` or a `ValueError`."""
    (out / "loop").symlink_to(out / "loop")
    (out / "bin" / "lua").write_text(f"#!/bin/sh\nexec {out}/{name}/lua\n")
    with pytest.raises(EvidenceError, match="starts none that could be found"):
        real_binary(out, ("bin/lua",))
    (out / "bin" / "lua").write_bytes(ELF + f"makeCWrapper '{out}/{name}/lua'".encode())
    with pytest.raises(EvidenceError, match="is a wrapper of a program that does not exist"):
        real_binary(out, ("bin/lua",))
