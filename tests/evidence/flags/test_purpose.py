"""Whether a flag could be meant for speed: by the manuals of GCC, Go and rustc, and by what people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.flags.purpose import could_optimize

FOR_SPEED = (
    *("-O3", "-Ofast", "-Os", "-march=skylake", "-mtune=native", "-mavx2", "-mprefer-vector-width=256"),
    *("-flto", "-flto=auto", "-fprofile-use", "-fno-semantic-interposition", "-fno-plt", "-ffast-math"),
    *("-funroll-loops", "-fomit-frame-pointer", "-Wl,-O1", "-Wl,--gc-sections", "-fuse-ld=mold"),
    *("-Ctarget-cpu=skylake", "-Copt-level=3", "-gcflags=-B", "-pgo=auto", "-DNDEBUG", "-ljemalloc"),
    # An option that no manual lists: its purpose is not known, so it could be meant.
    "-fbrand-new-option",
)
FOR_ANOTHER_PURPOSE = (
    *("-Wall", "-Wno-error=format-security", "-w", "-g", "-g3", "-ggdb", "-gdwarf-5", "-gno-split-dwarf"),
    *("-I/usr/include", "-L/lib", "-isystem", "-B/bin", "-std=gnu17", "-ansi", "-pedantic-errors", "-x"),
    *("-pipe", "-pthread", "-fPIC", "-fpie", "-fcommon", "-fno-strict-aliasing", "-fwrapv", "-v", "-MMD"),
    *("-fstack-protector-strong", "-D_FORTIFY_SOURCE=3", "-Wp,-D_FORTIFY_SOURCE=3", "-UNDEBUG"),
    *("-fno-omit-frame-pointer", "-ffile-prefix-map=/a=/b", "-fsanitize=address", "-fexceptions"),
    *("-trimpath", "-mod=vendor", "-tags=netgo", "-lm", "-lreadline", "-DLUA_COMPAT_5_3"),
)


@pytest.mark.parametrize("word", FOR_SPEED)
def test_flags_for_speed(word: str) -> None:
    assert could_optimize(word)


@pytest.mark.parametrize("word", FOR_ANOTHER_PURPOSE)
def test_flags_for_another_purpose(word: str) -> None:
    assert not could_optimize(word)


@pytest.mark.parametrize("word", FOR_SPEED + FOR_ANOTHER_PURPOSE)
@pytest.mark.parametrize("form", ["CFLAGS={}", "MYCFLAGS+={}", 'CFLAGS="{}', "'{}'", "({})"])
def test_a_variable_of_flags_and_quotes_change_nothing(form: str, word: str) -> None:
    assert could_optimize(form.format(word)) is could_optimize(word)


@pytest.mark.parametrize(
    ("word", "speed"),
    [
        ("CC=clang", True),
        ("LD=mold", True),
        ("CC=", False),
        ("PREFIX=/usr", False),
        ("USE_LTO=1", True),
        ("BUILDMODE=static", True),
        ("--enable-optimizations", True),
        ("--with-jit", True),
        ("--disable-assertions", True),
        ("--with-system-expat", False),
        ("--sysconfdir=/etc", False),
        ("--no-default-features", False),
        ("all", False),
        ("release", True),
        ("fastest", True),
    ],
)
def test_names_of_settings_and_targets_tell_what_they_are_about(word: str, *, speed: bool) -> None:
    assert could_optimize(word) is speed


@given(st.text(alphabet="-=+\"'()DlWOagfCF3_ ,.", max_size=20))
def test_any_word_has_an_answer(word: str) -> None:
    assert could_optimize(word) in (True, False)


@given(st.integers(1000, 20_000))
def test_a_chain_of_assignments_ends(length: int) -> None:
    assert could_optimize("CFLAGS=" * length + "-O3")
