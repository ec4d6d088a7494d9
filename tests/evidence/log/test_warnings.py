"""Warnings that mean "silently not optimized", in the words of the tools that print them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.log.warnings import Topic, about, find_warnings

SAID = {
    # nixpkgs' wrapper; GCC 12; an autoconf script; GNU ld 2.40; Clang 16
    "warning: Skipping impure flag -march=native because NIX_ENFORCE_NO_NATIVE is set": Topic.FLAG,
    "cc1: error: unrecognized command-line option '-mfoo'": Topic.FLAG,
    "configure: WARNING: unrecognized options: --enable-pgo, --with-march": Topic.FLAG,
    "/usr/bin/ld: unrecognized option '-flto=auto'": Topic.FLAG,
    "clang: warning: argument unused during compilation: '-fuse-ld=lld' [-Wunused-command-line-argument]": (
        Topic.FLAG
    ),
    "clang: warning: optimization flag '-fipa-pta' is not supported [-Wignored-optimization-argument]": (
        Topic.FLAG
    ),
    "cc1: warning: switch '-mcmodel=large' has no effect": Topic.FLAG,
    # cargo 1.95
    "warning: unused manifest key: profile.release.codegen_units": Topic.FLAG,
    "warning: profiles for the non root package will be ignored, specify profiles at the workspace root:": (
        Topic.FLAG
    ),
    # LLVM, rustc, GCC, Go
    "'skylakee' is not a recognized processor for this target (ignoring processor)": Topic.TARGET,
    "warning: ignoring unknown value 'kabylakee' for -mcpu": Topic.TARGET,
    "cc1: error: bad value 'skylakee' for '-march=' switch": Topic.TARGET,
    "go: invalid GOAMD64: must be v1, v2, v3, v4": Topic.TARGET,
    # GCC 12
    "lua.c:664:1: warning: 'lua.gcda' profile count data file not found [-Wmissing-profile]": Topic.PROFILE,
    "warning: profile data may be corrupted: number of iterations": Topic.PROFILE,
    "warning: control flow of 'f' does not match its profile data [-Wcoverage-mismatch]": Topic.PROFILE,
    "profiling: /build/x.gcda: Cannot open: Permission denied": Topic.PROFILE,
    # Clang 16
    "warning: a.c: Function control flow change detected (hash mismatch) h Hash = 24": Topic.PROFILE,
    'warning: no profile data available for file "b.c" [-Wprofile-instr-unprofiled]': Topic.PROFILE,
    "warning: profile data may be out of date: of 3 functions, 1 has mismatched data": Topic.PROFILE,
    # Go 1.26; binutils
    "go: ignoring -pgo: no profile": Topic.PROFILE,
    "/usr/bin/ar: a.o: plugin needed to handle lto object": Topic.LTO,
    "cc1: error: LTO support has not been enabled in this configuration": Topic.LTO,
    # Nix
    "error: hash mismatch in fixed-output derivation '/nix/store/x.drv':": Topic.SOURCE,
}


@pytest.mark.parametrize(("line", "topic"), SAID.items())
def test_what_tools_say_when_they_do_not_optimize(line: str, topic: Topic) -> None:
    found = find_warnings(f"gcc -c a.c\n{line}\nmake: done\n")
    assert about(found, topic), found
    assert all(count == 1 for _, count in found)
    others = {other for other in Topic if about(found, other)}
    assert others == {topic}


@pytest.mark.parametrize(
    "line",
    [
        "gcc: error: unrecognized argument in option",
        "  -Wcoverage-mismatch",
        "gcc -Wmissing-profile -Wcoverage-mismatch -c a.c",
        "checking whether LTO is wanted... no",
        "warning: unused manifest key: package.metadata.x",
    ],
)
def test_flags_of_the_same_name_are_no_warnings(line: str) -> None:
    """A flag of that name in a printed command line once counted as the warning."""
    assert find_warnings(line) == ()


def test_lines_are_counted() -> None:
    text = "a: profile count data file not found\n" * 3
    assert find_warnings(text) == (("profile count data file not found", 3),)


@given(st.text(alphabet=st.sampled_from("LTO disabled\n-hash mismatch[]"), max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    found = find_warnings(text)
    assert all(warning in text and count > 0 for warning, count in found)
    assert sum(len(about(found, topic)) for topic in Topic) >= len(found)
