"""Command lines as build systems echo them, and the wrapper's reports where jobs run side by side."""

from __future__ import annotations

import time

import pytest

from pytest_rtopt.evidence.log.build_log import parse_log

FLAGS = ("-O3", "-march=skylake", "-c", "a.c")
COMMAND = f"gcc {' '.join(FLAGS)}"


@pytest.mark.parametrize(
    "line",
    [
        COMMAND,
        pytest.param(f"[12/345] {COMMAND}", id="ninja"),
        pytest.param(f"[ 12%] {COMMAND}", id="cmake"),
        pytest.param(f"cd /build/x/build && {COMMAND}", id="cmake, verbose"),
        pytest.param(f"libtool: compile:  {COMMAND}", id="libtool"),
        pytest.param(f"/bin/sh ../libtool --tag=CC --mode=compile {COMMAND}", id="libtool, silent"),
        pytest.param(f"+ {COMMAND}", id="set -x"),
        pytest.param(f"  {COMMAND}", id="gyp"),
        pytest.param(f"CCACHE_DIR=/x LC_ALL=C ccache {COMMAND}", id="assignments and launchers"),
        pytest.param(f"if {COMMAND}; then mv -f a.Tpo a.Po; else rm -f a.Tpo; fi", id="depcomp"),
        pytest.param("gcc -O3 \\\n\t-march=skylake \\\n  -c a.c", id="several lines"),
        pytest.param(f"(cd x; {COMMAND})", id="a subshell"),
        pytest.param("gcc '-O3' \"-march=skylake\" -c a.c", id="quoted"),
    ],
)
def test_a_compilation_is_found_in_what_build_systems_echo(line: str) -> None:
    log = parse_log(f"make: Entering directory\n{line}\nranlib x.a\n")
    (call,) = log.compilations
    assert call.program == "gcc"
    assert [flag.rstrip(")") for flag in call.flags[:4]] == list(FLAGS)


def test_libtool_and_what_it_prints_are_one_call() -> None:
    text = f"/bin/sh ./libtool --mode=compile {COMMAND}\nlibtool: compile:  {COMMAND} -fPIC -o .libs/a.o\n"
    (call,) = parse_log(text).compilations
    assert "-fPIC" in call.flags


def test_the_line_behind_a_continued_one_is_read() -> None:
    """The source line of a message, which ends in a backslash, swallows no command."""
    log = parse_log(f"   12 | #define gcc_x \\\n{COMMAND}\n")
    assert len(log.compilations) == 1


def test_commands_that_the_build_hides_are_counted() -> None:
    hidden = ["  CC      a.o", "[3/9] CXX obj/src/b.o", "  CXX(target) /build/out/c.o"]
    hidden.append("[ 50%] Building C object CMakeFiles/x.dir/x.c.o")
    log = parse_log("\n".join(hidden))
    assert (log.compilations, log.quiet) == ((), len(hidden))
    assert f"names {len(hidden)} compilations without their commands" in log.hidden


def test_rustc_is_read_off_cargo_and_off_the_wrapper() -> None:
    cargo = (
        "     Running `CARGO=/bin/cargo CARGO_PKG_DESCRIPTION='it is' rustc --crate-name hello "
        "src/main.rs -C opt-level=3 -C target-cpu=skylake`\n"
    )
    wrapper = (
        "extra flags before to /nix/store/x-rustc/bin/rustc:\n  ''\noriginal flags to "
        "/nix/store/x-rustc/bin/rustc:\n  --crate-name\n  hello\n  src/main.rs\n"
        "extra flags after to /nix/store/x-rustc/bin/rustc:\n  -C\n  target-cpu=skylake\n"
    )
    for text in (cargo, wrapper):
        log = parse_log(text)
        assert log.compilations == ()
        (call,) = log.compilations_of("rust")
        assert call.last("-Ctarget-cpu=") == "-Ctarget-cpu=skylake"


def test_go_is_read_off_its_own_listing() -> None:
    text = (
        "/nix/store/x-go/share/go/pkg/tool/linux_amd64/compile -o $WORK/b001/_pkg_.a -p main "
        "-pgoprofile=/build/default.pgo ./main.go\n"
    )
    (call,) = parse_log(text).compilations_of("go")
    assert call.last("-pgoprofile=") == "-pgoprofile=/build/default.pgo"


@pytest.mark.parametrize(
    "line", ["gcc -E a.c", "gcc -M a.c", "gcc -c start.S", "gcc a.o b.o -o a", "gcc --version"]
)
def test_assembling_preprocessing_and_linking_are_no_compilations(line: str) -> None:
    """Assembler files, to which a Makefile gives no CFLAGS, once were compilations without the flag."""
    assert parse_log(line).compilations == ()


def test_more_flags_in_a_response_file_are_known_to_be_there() -> None:
    (call,) = parse_log("gcc @flags.rsp -c a.c").compilations
    assert call.has_response_file


def report(program: str, *original: str) -> list[str]:
    """Return what the wrapper prints of one call, in three parts as it writes them."""
    return [
        f"extra flags before to {program}:\n  -O2",
        "\n".join([f"original flags to {program}:", *(f"  {flag}" for flag in original)]),
        f"extra flags after to {program}:\n  -march=skylake",
    ]


def test_reports_of_parallel_jobs_are_not_mixed_up() -> None:
    """Two calls at once once became one with the flags of both."""
    first, second = report("/usr/bin/gcc", "-c", "a.c"), report("/usr/bin/gcc", "-c", "b.c")
    apart = parse_log("\n".join([*first, *second]))
    assert [call.flags for call in apart.compilations] == [
        ("-O2", "-c", "a.c", "-march=skylake"),
        ("-O2", "-c", "b.c", "-march=skylake"),
    ]
    assert apart.mixed == 0
    mixed = parse_log("\n".join([first[0], second[0], first[1], second[1], first[2], second[2]]))
    assert mixed.mixed > 0
    assert all({"a.c", "b.c"} - set(call.flags) for call in mixed.compilations)
    assert "are mixed with those of parallel jobs" in mixed.hidden


def test_a_line_between_two_parts_of_a_report_does_not_end_it() -> None:
    first, second, third = report("/usr/bin/gcc", "-c", "a.c")
    log = parse_log(f"{first}\nwarning: Skipping impure flag -march=native\n{second}\n{third}")
    assert [call.flags[-1] for call in log.compilations] == ["-march=skylake"]
    assert log.mixed == 0


def test_twenty_megabytes_take_seconds() -> None:
    """A log of V8: every line has quotation marks, which the standard library's splitter walks one by one."""
    flags = " ".join(f"'-DV8_OPTION_{number}=\"value\"' -I../deps/v8/{number}" for number in range(40))
    line = f"  g++ -o /build/out/Release/obj.target/x.o ../deps/v8/src/x.cc {flags} -O3 -march=skylake -c\n"
    text = line * (4_000_000 // len(line))
    started = time.process_time()
    log = parse_log(text)
    spent = time.process_time() - started
    assert len(log.compilations) == text.count("\n")
    # A fifth of 20 MB; measured 0.4 s, and machines differ.
    assert spent < 4
