"""Reading build logs: abridged real ones of Lua and Go, made-up lines, and anything at all."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.log.build_log import parse_log

LOGS = Path(__file__).parent.parent.parent / "data" / "logs"


def test_calls_with_the_flags_that_the_wrapper_printed() -> None:
    log = parse_log((LOGS / "lua-pgo-nix-debug.log").read_text())
    assert log.is_complete
    assert {call.complete for call in log.compilations} == {True}
    assert {call.last("-march=") for call in log.compilations} == {"-march=x86-64-v4"}
    # The wrapper's flags come after the package's own, and win.
    assert {call.last("-O") for call in log.compilations} == {"-O3"}
    trained = [call for call in log.compilations if call.last("-fprofile-generate")]
    optimized = [call for call in log.compilations if call.last("-fprofile-use")]
    assert trained
    assert optimized
    assert len(trained) + len(optimized) == len(log.compilations)


def test_what_bypassed_the_wrapper_counts_beside_its_reports() -> None:
    """Bug: with NIX_DEBUG=1 the compilations that the wrapper never saw were not counted."""
    reports = (LOGS / "lua-pgo-nix-debug.log").read_text()
    seen = len(parse_log(reports).compilations)
    bare = parse_log(reports + "/usr/bin/gcc -O2 -c aside.c\ngcc -O2 -c reported.c\n")
    assert len(bare.compilations) == seen + 1
    assert [call.flags for call in bare.compilations if not call.complete] == [("-O2", "-c", "aside.c")]


def test_links_are_calls_but_no_compilations() -> None:
    log = parse_log((LOGS / "lua-pgo-nix-debug.log").read_text())
    links = [call for call in log.calls if not call.compiles and "liblua.a" in call.flags]
    assert {link.program for link in links} == {"gcc", "/usr/bin/gcc"}


def test_echoed_command_lines_are_all_there_is_without_debugging() -> None:
    log = parse_log((LOGS / "lua-stock-echoed.log").read_text())
    assert not log.is_complete
    sources = {flag for call in log.compilations for flag in call.flags if flag.endswith(".c")}
    assert {"lapi.c", "lua.c", "luac.c"} <= sources
    assert all(call.last("-O") == "-O2" for call in log.compilations)
    assert all(call.last("-march=") is None for call in log.compilations)


def test_a_warning_is_found_under_the_compilers_colours() -> None:
    text = (LOGS / "lua-pgo-nix-debug.log").read_text()
    assert "\x1b[" in text
    assert dict(parse_log(text).warnings) == {"profile count data file not found": 1}
    coloured = "cc1: \x1b[01;31merror: \x1b[munrecognized command-line option \x1b[01m'-mfoo'\x1b[m"
    assert dict(parse_log(coloured).warnings) == {"unrecognized command-line option '-mfoo'": 1}


def test_go_compiles_itself_without_a_c_compiler() -> None:
    log = parse_log((LOGS / "go-make-bash.log").read_text())
    assert log.calls == ()
    assert "Building Go toolchain3 using go_bootstrap and Go toolchain2." in log.text


def test_a_line_with_an_unfinished_quotation_is_read_at_blanks() -> None:
    (call,) = parse_log("gcc -DNAME='x -O2 -c a.c").calls
    assert call.last("-O") == "-O2"


def test_calls_of_other_compilers_and_versions_are_known() -> None:
    programs = ["cc", "g++-12", "/usr/bin/c++", "x86_64-unknown-linux-gnu-gcc", "clang++"]
    log = parse_log("\n".join(f"{program} -c a.c" for program in programs))
    assert [call.program for call in log.compilations] == programs
    assert parse_log("ccache -c a.c\nmygcc -c a.c\n  gcc is indented prose\ngcc").calls == ()


def test_preprocessing_is_no_compilation() -> None:
    assert parse_log("gcc -E a.c").compilations == ()


lines = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "extra flags before to /usr/bin/gcc:",
            "original flags to /usr/bin/gcc:",
            "extra flags after to /usr/bin/gcc:",
            "extra flags after to /usr/bin/ld:",
            "  -march=skylake",
            "  a.c",
            "gcc -c a.c",
            "gcc -c 'a.c",
            "  $'a\\nb'",
        ]
    ),
)


@given(st.lists(lines).map("\n".join))
def test_any_text_is_a_log(text: str) -> None:
    log = parse_log(text)
    assert log.text == text
    assert all(count > 0 for _, count in log.warnings)
    assert set(log.compilations) <= set(log.calls)


@pytest.mark.parametrize(
    "part", ["a-", "a/", "gcc-", "unrecognized option ", "Skipping impure flag ", "\x1b[", "'"]
)
def test_long_lines_take_linear_time(part: str) -> None:
    def seconds(repeats: int) -> float:
        text = f"gcc {part * repeats}\n{part * repeats}"
        started = time.process_time()
        parse_log(text)
        return time.process_time() - started

    # Four times the text would take sixteen times the time if it were quadratic; noise is given a floor.
    assert seconds(200_000) <= 10 * max(seconds(50_000), 0.02)
