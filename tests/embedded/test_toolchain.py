"""The toolchain debian-13 works where nothing of the host can be seen, and so does what it builds."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

import pytest
from archspec.cpu import TARGETS

from pytest_rtopt.base import process
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.hardware.microarch import GccNames, gcc_names_for
from pytest_rtopt.nix.host_builds import Isolation
from pytest_rtopt.sources.toolchain import read_toolchain
from tests.support.toolchain_builds import NAME, ToolchainBuilds, toolchain_builds

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_store import PrivateStore

SECONDS: Final = 300
C: Final = """\
#include <math.h>
#include <stdio.h>
int main(int count, char **words) { (void)words; return printf("%.3f\\n", sin(count)) < 0; }
"""
CXX: Final = """\
#include <iostream>
#include <stdexcept>
#include <vector>
int main() {
  try { return std::vector<int>{1}.at(1); } catch (const std::out_of_range &) { std::cout << "caught\\n"; }
}
"""
# Puts an empty directory over everything that a program of the host could need, and runs the words after it.
HIDE: Final = """\
for place in /usr /bin /sbin /lib /lib64; do
  if [ -d "$place" ] && [ ! -L "$place" ]; then "$busybox" mount --bind "$empty" "$place" || exit 99; fi
done
"$busybox" test ! -e /usr/bin || exit 99
exec "$@"
"""


@pytest.fixture(scope="module")
def built(private_store: PrivateStore, tmp_path_factory: pytest.TempPathFactory) -> ToolchainBuilds:
    return toolchain_builds(private_store, tmp_path_factory.mktemp("toolchain"))


def without_host(built: ToolchainBuilds, directory: Path, *argv: str) -> process.Completed:
    """Run a program where the host's programs and libraries are hidden, with an empty environment."""
    (directory / "empty").mkdir(exist_ok=True)
    surroundings = process.Surroundings(
        env={"busybox": built.busybox, "empty": str(directory / "empty")}, cwd=directory
    )
    namespace = ("/usr/bin/unshare", "--map-root-user", "--mount")
    if process.run([*namespace, "/bin/true"], timeout=SECONDS).returncode:
        pytest.skip("there are no mount namespaces here")
    command = [*namespace, built.busybox, "sh", "-c", HIDE, "sh", *argv]
    return process.run(command, timeout=SECONDS, surroundings=surroundings)


@pytest.mark.parametrize(
    ("compiler", "program"),
    [("gcc", ("program.c", C, "0.841\n")), ("g++", ("program.cc", CXX, "caught\n"))],
)
def test_it_compiles_and_links_what_runs(
    built: ToolchainBuilds, tmp_path: Path, compiler: str, program: tuple[str, str, str]
) -> None:
    source, text, printed = program
    (tmp_path / source).write_text(text)
    wrapper = built.build("packages.stdenv.cc") / "bin" / compiler
    linking = without_host(built, tmp_path, str(wrapper), "-O2", "-flto", source, "-o", "program", "-lm")
    assert linking.returncode == 0, linking.error_text
    assert without_host(built, tmp_path, str(tmp_path / "program")).text == printed
    # On the host itself, too.
    assert process.check([str(tmp_path / "program")], timeout=SECONDS).text == printed


def test_programs_and_libraries_need_nothing_outside_of_it(built: ToolchainBuilds, tmp_path: Path) -> None:
    root = built.build(f'import {PACKAGE}/embedded/toolchains {{ name = "{NAME}"; }}')
    script = """\
loader=$1/lib64/ld-linux-x86-64.so.2
for file in "$1"/usr/bin/* "$1"/usr/sbin/* "$1"/usr/lib/x86_64-linux-gnu/*.so.* "$1"/usr/libexec/gcc/*/*/*; do
  if [ -f "$file" ] && [ ! -L "$file" ]; then "$loader" --list "$file"; fi
done
"""
    listed = without_host(built, tmp_path, str(root / "bin" / "bash"), "-c", script, "bash", str(root))
    found = re.findall(r"^\t(\S+) => (.+?)(?: \(0x[0-9a-f]+\))?$", listed.text, re.MULTILINE)
    assert len(found) > 300
    assert [(name, place) for name, place in found if not place.startswith(f"{root}/")] == []


def test_builds_see_nothing_of_the_host(built: ToolchainBuilds) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    assert built.builds.isolation is Isolation.CLOSED
    seen = built.build(
        'packages.runCommand "seen" { } '
        "\"sh -c 'shopt -s nullglob; echo /usr/* /lib*/* /bin/*' > $out; type -P gcc awk >> $out\""
    )
    first, *rest = seen.read_text().splitlines()
    assert first == "/bin/sh"
    assert all(line.startswith(f"{built.builds.nix.store_dir}/") for line in rest)
    assert len(rest) == 2


def test_the_compiler_says_what_the_lock_says(built: ToolchainBuilds) -> None:
    said = process.check(
        [str(built.build("packages.stdenv.cc") / "bin" / "gcc"), "--version"], timeout=SECONDS
    )
    assert said.text.splitlines()[0] == read_toolchain(NAME).compiler == built.builds.compiler


def test_a_profile_names_the_cpu_as_this_compiler_knows_it() -> None:
    """GCC 12 of Debian 12 does not know Zen 5, and GCC 14 does."""
    features = TARGETS["zen5"].features
    here = gcc_names_for("AuthenticAMD", features, read_toolchain(NAME).gcc_version)
    assert here == GccNames("znver5", "znver5")
    assert gcc_names_for("AuthenticAMD", features, "12.2.0") != here


def test_builds_have_the_locale_of_utf_8(built: ToolchainBuilds) -> None:
    """Python's tests, which are its training, ask for C.UTF-8."""
    counted = built.build(
        'packages.runCommand "counted" { env.LC_ALL = "C.UTF-8"; } '
        "\"bash -c 'word=na\u00efve; echo \\${#word}' > $out 2>&1\""
    )
    assert counted.read_text() == "5\n"
