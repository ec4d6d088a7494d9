"""The wrappers of compiler and linker add what nixpkgs' add, from the same variables, in the same order."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.host_builds import prepare_host_builds

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore

SALT: Final = "x86_64_unknown_linux_gnu"
ROLES: Final = {
    f"NIX_CC_WRAPPER_TARGET_HOST_{SALT}": "1",
    f"NIX_BINTOOLS_WRAPPER_TARGET_HOST_{SALT}": "1",
}
# What the wrappers of nixpkgs read (`cc-wrapper/add-flags.sh`, `bintools-wrapper/add-flags.sh`).
CC_VARIABLES: Final = {
    "NIX_CFLAGS_COMPILE",
    "NIX_CFLAGS_COMPILE_BEFORE",
    "NIX_CFLAGS_LINK",
    "NIX_CXXSTDLIB_COMPILE",
    "NIX_CXXSTDLIB_LINK",
    "NIX_GNATFLAGS_COMPILE",
    "NIX_ENFORCE_NO_NATIVE",
}
BINTOOLS_VARIABLES: Final = {
    "NIX_IGNORE_LD_THROUGH_GCC",
    "NIX_LDFLAGS",
    "NIX_LDFLAGS_BEFORE",
    "NIX_LDFLAGS_AFTER",
    "NIX_LDFLAGS_HARDEN",
    "NIX_DYNAMIC_LINKER",
    "NIX_HARDENING_ENABLE",
    "NIX_SET_BUILD_ID",
    "NIX_DONT_SET_RPATH",
}
# Before everything but hardening, since 25.11.
FRAME_POINTERS: Final = ("-fno-omit-frame-pointer", "-mno-omit-leaf-frame-pointer")
# Names that look as if they were read, and are not.
UNREAD: Final = ("NIX_CXXFLAGS_COMPILE", "NIX_CXXFLAGS", "NIX_CFLAGS", "NIX_CFLAGS_COMPILE_AFTER", "CFLAGS")


@dataclass(frozen=True)
class Wrappers:
    """The installed wrappers, called in `directory` with nothing but a crafted environment."""

    programs: Path
    directory: Path
    gcc: int

    def run(self, *argv: str, **env: str) -> str:
        """Return what a program says with NIX_DEBUG=1, having checked that it succeeds."""
        program, *arguments = argv
        surroundings = process.Surroundings(
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "NIX_DEBUG": "1", **env}, cwd=self.directory
        )
        command = [str(self.programs / program), *arguments]
        return process.check(command, timeout=60, surroundings=surroundings).error_text

    def flags(self, *argv: str, **env: str) -> list[str]:
        """Return the whole command line of the compiler or linker that is called first."""
        return command_lines(self.run(*argv, **env))[0][1]


def command_lines(said: str) -> list[tuple[str, list[str]]]:
    """Return program and arguments of every call of a wrapped program, from what NIX_DEBUG=1 prints."""
    calls: list[tuple[str, list[str]]] = []
    for line in said.splitlines():
        if match := re.fullmatch(r"extra flags before to (\S+):", line):
            calls.append((match[1], []))
        elif line.startswith("  ") and calls:
            calls[-1][1].extend(shlex.split(line))
    return calls


@pytest.fixture(scope="module")
def installed(private_store: PrivateStore, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Return the directory of the wrappers, built, and the major version of their compiler."""
    builds = prepare_host_builds(private_store.nix)
    nix = builds.nix
    directory = tmp_path_factory.mktemp("wrappers")
    expression = directory / "cc.nix"
    expression.write_text(f'(import {PACKAGE}/embedded {{ compiler = "{builds.compiler}"; }}).stdenv.cc')
    drv = nix.instantiate(expression, {})
    Builder(nix, directory).build(drv)
    programs = Path(nix.derivations([drv])[drv].outputs["out"]) / "bin"
    return programs, int(builds.gcc_version.partition(".")[0])


@pytest.fixture
def wrappers(installed: tuple[Path, int], tmp_path: Path) -> Wrappers:
    for name in ("a.c", "a.cc"):
        (tmp_path / name).write_text("int main() { return 0; }\n")
    programs, gcc = installed
    return Wrappers(programs, tmp_path, gcc)


def defined(flags: list[str]) -> list[str]:
    """Return the names that flags define, in order."""
    return [flag.removeprefix("-D") for flag in flags if flag.startswith("-D")]


def test_the_wrappers_read_these_variables_and_no_others() -> None:
    sources = PACKAGE / "embedded" / "stdenv"
    collected = {
        name: set(
            re.findall(
                r"\bNIX_[A-Z_]+\b",
                " ".join(re.findall(rf"collect(?:Booleans)? {name}\b((?:.*\\\n)*.*)", text)),
            )
        )
        for name, text in (
            ("CC_WRAPPER", (sources / "cc-wrapper.sh").read_text()),
            ("BINTOOLS_WRAPPER", (sources / "wrapper-common.sh").read_text()),
        )
    }
    assert collected == {"CC_WRAPPER": CC_VARIABLES, "BINTOOLS_WRAPPER": BINTOOLS_VARIABLES}


def test_order_when_compiling(wrappers: Wrappers) -> None:
    env = {name: f"-D{name}" for name in CC_VARIABLES - {"NIX_ENFORCE_NO_NATIVE"}}
    env |= {name: f"-D{name}" for name in UNREAD}
    env |= {"NIX_LDFLAGS": "--must-not-be-seen", "NIX_HARDENING_ENABLE": "fortify"}
    in_c = wrappers.flags("gcc", "-DGIVEN", "-c", "a.c", **ROLES, **env)
    assert in_c[0] == "-O2"
    assert defined(in_c) == ["NIX_CFLAGS_COMPILE_BEFORE", "GIVEN", "_FORTIFY_SOURCE=2", "NIX_CFLAGS_COMPILE"]
    in_cxx = wrappers.flags("g++", "-DGIVEN", "-c", "a.cc", **ROLES, **env)
    assert defined(in_cxx) == [
        "NIX_CFLAGS_COMPILE_BEFORE",
        "GIVEN",
        "_FORTIFY_SOURCE=2",
        "NIX_CFLAGS_COMPILE",
        "NIX_CXXSTDLIB_COMPILE",
    ]
    assert "--must-not-be-seen" not in str(in_c + in_cxx)
    by_option = wrappers.flags("gcc", "-x", "c++", "-c", "a.cc", **ROLES, **env)
    assert defined(by_option)[-1] == "NIX_CXXSTDLIB_COMPILE"


def test_order_when_linking(wrappers: Wrappers) -> None:
    env = {name: f"-D{name}" for name in ("NIX_CFLAGS_COMPILE", "NIX_CFLAGS_LINK", "NIX_CXXSTDLIB_LINK")}
    env["NIX_LDFLAGS"] = "--defsym=one=1"
    calls = command_lines(wrappers.run("gcc", "a.c", "-o", "a", **ROLES, **env))
    assert [Path(program).name for program, _ in calls] == ["gcc", "ld"]
    compiler, linker = (flags for _, flags in calls)
    assert defined(compiler) == ["NIX_CFLAGS_COMPILE", "NIX_CFLAGS_LINK"]
    assert compiler.index("-DNIX_CFLAGS_LINK") < compiler.index("-Wl,--defsym=one=1")
    # Through the compiler's wrapper they come once, not once more from the linker's.
    assert [flag for flag in linker if "defsym" in flag] == ["--defsym=one=1"]


def test_the_linker_called_directly_gets_its_flags(wrappers: Wrappers) -> None:
    wrappers.run("gcc", "-c", "a.c", "-o", "a.o", **ROLES)
    env = {
        "NIX_LDFLAGS": "--defsym=one=1",
        "NIX_LDFLAGS_BEFORE": "--defsym=zero=0",
        "NIX_LDFLAGS_AFTER": "--defsym=two=2",
        "NIX_HARDENING_ENABLE": "relro bindnow",
    }
    flags = wrappers.flags("ld", "-r", "a.o", "-o", "b.o", **ROLES, **env)
    assert flags[:4] == ["-z", "relro", "-z", "now"]
    assert [flag for flag in flags if "defsym" in flag or flag == "a.o"] == [
        "--defsym=zero=0",
        "a.o",
        "--defsym=one=1",
        "--defsym=two=2",
    ]


def test_native_is_filtered_on_the_command_line_only(wrappers: Wrappers) -> None:
    env = {**ROLES, "NIX_ENFORCE_NO_NATIVE": "1", "NIX_CFLAGS_COMPILE": "-mtune=native"}
    said = wrappers.run("gcc", "-march=native", "-c", "a.c", **env)
    assert "warning: Skipping impure flag -march=native because NIX_ENFORCE_NO_NATIVE is set" in said
    ((_, flags),) = command_lines(said)
    assert "-march=native" not in flags
    assert "-mtune=native" in flags
    allowed = wrappers.flags("gcc", "-march=native", "-c", "a.c", **{**env, "NIX_ENFORCE_NO_NATIVE": "0"})
    assert "-march=native" in allowed


def test_without_a_role_no_variable_is_read(wrappers: Wrappers) -> None:
    env = {"NIX_CFLAGS_COMPILE": "-DNIX", "NIX_LDFLAGS": "--nonsense", "NIX_HARDENING_ENABLE": "fortify"}
    flags = wrappers.flags("gcc", "a.c", "-o", "a", **env)
    assert [flag for flag in flags if not flag.startswith("-B")] == [*FRAME_POINTERS, "a.c", "-o", "a"]


def test_each_role_has_its_suffix(wrappers: Wrappers) -> None:
    env = {
        "NIX_CFLAGS_COMPILE": "-DHOST",
        "NIX_CFLAGS_COMPILE_FOR_BUILD": "-DBUILD",
        "NIX_CFLAGS_COMPILE_FOR_TARGET": "-DTARGET",
    }
    assert defined(wrappers.flags("gcc", "-c", "a.c", **ROLES, **env)) == ["HOST"]
    build = {f"NIX_CC_WRAPPER_TARGET_BUILD_{SALT}": "1"}
    assert defined(wrappers.flags("gcc", "-c", "a.c", **build, **env)) == ["BUILD"]
    assert defined(wrappers.flags("gcc", "-c", "a.c", **build, **ROLES, **env)) == ["BUILD", "HOST"]


def test_values_are_split_at_blanks_without_quoting(wrappers: Wrappers) -> None:
    flags = wrappers.flags("gcc", "-c", "a.c", **ROLES, NIX_CFLAGS_COMPILE="  -DA='x   -DB ")
    assert len(defined(flags)) == 2


def test_the_question_for_the_version_stays_alone(wrappers: Wrappers) -> None:
    assert wrappers.flags("gcc", "-v", **ROLES, NIX_CFLAGS_COMPILE="-DNIX") == ["-v"]


def test_frame_pointers_can_be_given_up(wrappers: Wrappers) -> None:
    """`cc-wrapper/default.nix`, NixOS/nixpkgs#399014: in front, so that every later word wins."""
    flags = wrappers.flags("gcc", "-c", "a.c", **ROLES, NIX_CFLAGS_COMPILE="-fomit-frame-pointer")
    assert flags[:2] == list(FRAME_POINTERS)
    assert flags.index("-fno-omit-frame-pointer") < flags.index("-fomit-frame-pointer")
    before = wrappers.flags("gcc", "-c", "a.c", **ROLES, NIX_CFLAGS_COMPILE_BEFORE="-DB")
    assert before[:3] == [*FRAME_POINTERS, "-DB"]


HARDENING: Final = {
    "fortify": ["-O2", "-U_FORTIFY_SOURCE", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"],
    "fortify3": ["-O2", "-U_FORTIFY_SOURCE", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=3"],
    "fortify fortify3": ["-O2", "-U_FORTIFY_SOURCE", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=3"],
    "shadowstack": ["-fcf-protection=return"],
    "nostrictaliasing": ["-fno-strict-aliasing"],
    "glibcxxassertions": ["-D_GLIBCXX_ASSERTIONS"],
    "libcxxhardeningfast": ["-D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST"],
    "libcxxhardeningextensive": ["-D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_EXTENSIVE"],
    "stackprotector": ["-fstack-protector-strong", "--param", "ssp-buffer-size=4"],
    "stackclashprotection": ["-fstack-clash-protection"],
    "pic": ["-fPIC"],
    "strictoverflow": ["-fno-strict-overflow"],
    "trivialautovarinit": ["-ftrivial-auto-var-init=pattern"],
    "format": ["-Wformat", "-Wformat-security", "-Werror=format-security"],
    "zerocallusedregs": ["-fzero-call-used-regs=used-gpr"],
    "strictflexarrays1": ["-fstrict-flex-arrays=1"],
    "strictflexarrays3": ["-fstrict-flex-arrays=3"],
    # For the linker alone, or for another machine.
    "relro bindnow": [],
    "pacret": [],
    "unheard-of": [],
}
# The first GCC that knows it, where the oldest that builds the set does not.
KNOWN_SINCE: Final = {
    "fortify3": 12,
    "trivialautovarinit": 12,
    "strictflexarrays1": 13,
    "strictflexarrays3": 13,
}


@pytest.mark.parametrize("names", HARDENING)
def test_hardening_by_name(names: str, wrappers: Wrappers) -> None:
    """`cc-wrapper/add-hardening.sh`. What the host's GCC does not know is left out."""
    known = KNOWN_SINCE.get(names.rsplit(maxsplit=1)[-1], 0) <= wrappers.gcc
    expected = HARDENING[names] if known else HARDENING["fortify"] if "fortify" in names.split() else []
    flags = wrappers.flags("gcc", "-c", "a.c", **ROLES, NIX_HARDENING_ENABLE=names)
    given = ("-c", "a.c", *FRAME_POINTERS)
    assert [flag for flag in flags if flag not in given and not flag.startswith("-B")] == expected


def test_response_files_are_read(wrappers: Wrappers) -> None:
    """`wrapper-common/utils.bash`: words that tell how a program is linked may stand in one."""
    (wrappers.directory / "words").write_text("-march=native -DA='a b'\n-c\n")
    said = wrappers.run("gcc", "@words", "a.c", **ROLES, NIX_ENFORCE_NO_NATIVE="1", NIX_CFLAGS_LINK="-DLINK")
    ((_, flags),) = command_lines(said)
    assert "-march=native" not in flags
    assert "-DA=a b" in flags
    assert "-DLINK" not in flags


def test_the_standard_library_is_left_out_where_asked(wrappers: Wrappers) -> None:
    env = {"NIX_CXXSTDLIB_COMPILE": "-DINCLUDE", "NIX_CXXSTDLIB_LINK": "-DLIBRARY"}
    plain = wrappers.flags("g++", "a.cc", "-o", "a", **ROLES, **env)
    assert defined(plain) == ["INCLUDE", "LIBRARY"]
    without = wrappers.flags("g++", "-nostdinc++", "-c", "a.cc", **ROLES, **env)
    assert defined(without) == []


def test_a_static_program_has_no_run_path(wrappers: Wrappers) -> None:
    """`filterRpathFlags` of `wrapper-common/utils.bash`."""
    env = {**ROLES, "NIX_LDFLAGS": "-rpath /somewhere --defsym=one=1"}
    shared = wrappers.flags("gcc", "a.c", "-o", "a", **env)
    assert "-Wl,/somewhere" in shared
    static = wrappers.flags("gcc", "-static-pie", "a.c", "-o", "a", **env)
    assert not {"-Wl,-rpath", "-Wl,/somewhere"} & set(static)
    assert "-Wl,--defsym=one=1" in static


def test_libraries_in_the_store_get_a_run_path(wrappers: Wrappers) -> None:
    """`bintools-wrapper/ld-wrapper.sh`."""
    store = wrappers.directory / "store"
    for name in ("used", "unused"):
        (store / name).mkdir(parents=True)
    wrappers.run("gcc", "-shared", "-fPIC", "a.c", "-o", str(store / "used" / "libanswer.so"), **ROLES)
    arguments = (f"-L{store}/unused", f"-L{store}/used", "-lanswer", "a.c", "-o", "a")
    env = {**ROLES, "NIX_STORE": str(store)}
    paths: tuple[list[str], list[str]] = (["-rpath", str(store / "used")], [])
    for unset, expected in zip(({}, {"NIX_DONT_SET_RPATH": "1"}), paths, strict=True):
        (*_, (_, linker)) = command_lines(wrappers.run("gcc", *arguments, **env, **unset))
        assert [word for word in linker if word in paths[0]] == expected
