"""What patches add to the files by which a package is built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.evidence.derivation.patches import lines_added, read_patches
from tests.support.observations import derivation

if TYPE_CHECKING:
    from pathlib import Path

MAKEFILE = """diff --git a/src/Makefile b/src/Makefile
index 1..2 100644
--- a/src/Makefile
+++ b/src/Makefile
@@ -1,3 +1,3 @@
-CFLAGS= -O2 -Wall
+CFLAGS= -O2 -Wall -march=x86-64-v3
 LDFLAGS= -s
"""


def test_flags_that_a_patch_adds_to_a_makefile() -> None:
    assert lines_added(MAKEFILE).split() == ["CFLAGS=", "-march=x86-64-v3"]


@pytest.mark.parametrize(
    "file", ["Makefile.in", "GNUmakefile", "configure.ac", "CMakeLists.txt", "a/b.mk", "v8.gyp", "Cargo.toml"]
)
def test_files_by_which_packages_are_built(file: str) -> None:
    assert "-march" in lines_added(MAKEFILE.replace("src/Makefile", file))


@pytest.mark.parametrize("file", ["README.md", "src/lua.c", "tests/flags.txt", "doc/Makefile.html/x.c"])
def test_what_other_files_name_is_no_request(file: str) -> None:
    assert lines_added(MAKEFILE.replace("src/Makefile", file)) == ""


def test_a_flag_that_is_moved_or_taken_away_is_not_added() -> None:
    away = MAKEFILE.replace("-O2 -Wall\n", "-O2 -Wall -march=native\n").replace("-march=x86-64-v3", "")
    assert "-march" not in lines_added(away)
    moved = MAKEFILE.replace("-O2 -Wall\n", "-O2 -Wall -march=x86-64-v3\n")
    assert "-march" not in lines_added(moved)


@given(st.text())
def test_no_text_is_a_failure(text: str) -> None:
    assert isinstance(lines_added(text), str)


def test_new_patches_are_read_and_those_that_are_not_there_passed_over(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.patch", tmp_path / "theirs.patch"
    ours.write_text(MAKEFILE)
    theirs.write_text(MAKEFILE.replace("v3", "v4"))
    stock = derivation("s", {"patches": str(theirs)})
    both = derivation("o", {"patches": f"{theirs} {ours} {tmp_path}/absent.patch {tmp_path}"})
    assert read_patches([(stock, both)]).split() == ["CFLAGS=", "-march=x86-64-v3"]
    listed = derivation("o", patches=[str(ours)])
    assert "-march=x86-64-v3" in read_patches([(derivation("s"), listed)])
    assert read_patches([(both, both)]) == ""
