"""Node's claims on running processes, and the program that is put around a prebuilt one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.resources import directory
from pytest_rtopt.claims.model import PREBUILT, Answer
from pytest_rtopt.evidence.elf.unwrap import real_binary
from pytest_rtopt.evidence.requested import requested_by
from pytest_rtopt.results.values import FindingStatus
from pytest_rtopt.runtimes.nodejs import NODEJS, compile_cache, compile_is_tuned, jemalloc_loaded, v8_options
from tests.support.observations import derivation, observation, profile, side

if TYPE_CHECKING:
    from pathlib import Path

WRAPPER = directory("overlays") / "node-wrapper.c"
# From `node --v8-options` of 24.12.0, with --max-semi-space-size=32 and without.
V8 = """\
  --max-semi-space-size (max size of a semi-space (in MBytes), the new space consists of two semi-spaces)
        type: size_t  default: --max-semi-space-size={size}
  --stack-size (default size of stack region v8 is allowed to use (in kBytes))
        type: int  default: --stack-size=984
  --maglev (enable the maglev optimizing compiler)
        type: bool  default: {maglev}
"""
BEHIND = "behind the wrapper:\n"
HIT = "[compile cache] V8 code cache for CommonJS /m.js was accepted, keeping the in-memory entry\n"


def judged(claim: object, optimized: str, stock: str, report: str, **settings: object) -> Answer:
    """Return the answer of a claim on what both sides report."""
    requested = profile(None, "nodejs_24", **settings)
    before, after = (
        side(derivation(name), {}, reports={report: text}) for name, text in (("s", stock), ("o", optimized))
    )
    assert callable(claim)
    answer = claim(observation(requested, before, after, attr="nodejs_24"))
    assert isinstance(answer, Answer)
    return answer


@pytest.mark.parametrize(
    ("option", "now", "status"),
    [
        ("--max-semi-space-size=32", {"size": 32}, FindingStatus.PROVEN),
        ("--max_semi_space_size=32", {"size": 32}, FindingStatus.PROVEN),
        pytest.param("--max-semi-space-size=32", {"size": 0}, FindingStatus.REFUTED, id="it never arrived"),
        ("--no-maglev", {"maglev": "--no-maglev"}, FindingStatus.PROVEN),
        ("--no-maglev --max-semi-space-size=32", {"maglev": "--no-maglev", "size": 32}, FindingStatus.PROVEN),
        ("--no-maglev --max-semi-space-size=32", {"maglev": "--no-maglev", "size": 0}, FindingStatus.REFUTED),
        pytest.param("--nomaglev", {"maglev": "--no-maglev"}, FindingStatus.PROVEN, id="V8's other spelling"),
        pytest.param(
            "--no-maglev", {"maglev": "--maglev"}, FindingStatus.REFUTED, id="a switch that stayed on"
        ),
        ("--maglev", {}, FindingStatus.PROVEN),
        pytest.param("--nosuch=1", {}, FindingStatus.UNPROVEN, id="an option that is not listed"),
        pytest.param("", {}, FindingStatus.NOT_APPLICABLE, id="nothing asked"),
    ],
)
def test_v8_options_are_read_off_a_process(
    option: str, now: dict[str, object], status: FindingStatus
) -> None:
    stock = {"size": 0, "maglev": "--maglev"}
    answer = judged(v8_options, V8.format(**stock | now), V8.format(**stock), "v8", v8Options=option)
    assert answer.status is status, answer.evidence


@pytest.mark.parametrize(
    ("maps", "status"),
    [
        ("7f-8f r--p 00 fe:00 1 /nix/store/x-jemalloc-5.3.0/lib/libjemalloc.so.2\n", FindingStatus.PROVEN),
        pytest.param(
            "7f-8f r--p 00 fe:00 1    /bin/node\nERROR: ld.so: object '/lib/libjemalloc.so.2' from "
            "LD_PRELOAD cannot be preloaded (cannot open shared object file): ignored.",
            FindingStatus.REFUTED,
            id="the loader's complaint was taken for a library",
        ),
        ("7f r--p 00 fe:00 1 /usr/lib/libc.so.6\n", FindingStatus.REFUTED),
        pytest.param(
            "7f r--p 00 fe:00 1 /nix/store/x-nodejs-jemalloc-24.12.0/bin/node\n",
            FindingStatus.REFUTED,
            id="a name that once was the proof",
        ),
    ],
)
def test_jemalloc_is_looked_for_in_a_running_process(maps: str, status: FindingStatus) -> None:
    assert judged(jemalloc_loaded, maps, "", "maps", enableJemalloc=True).status is status


def test_jemalloc_that_the_machine_gives_to_all_is_no_work_of_the_overlay() -> None:
    """Bug: where /etc/ld.so.preload names it, stock has it as well."""
    maps = "7f-8f r--p 00 fe:00 1 /nix/store/x-jemalloc-5.3.0/lib/libjemalloc.so.2\n"
    answer = judged(jemalloc_loaded, maps, maps, "maps", enableJemalloc=True)
    assert answer.status is FindingStatus.UNPROVEN
    assert "stock has jemalloc, too" in answer.evidence


@pytest.mark.parametrize(
    ("optimized", "stock", "status"),
    [
        (f"1\n1\n{HIT}{BEHIND}1\n{HIT}", f"1\n1\n{BEHIND}", FindingStatus.PROVEN),
        pytest.param(f"1\n1\n{BEHIND}", f"1\n1\n{BEHIND}", FindingStatus.REFUTED, id="no cache"),
        pytest.param(
            f"1\n1\n{HIT}{BEHIND}1\n{HIT}",
            f"1\n1\n{HIT}{BEHIND}1\n{HIT}",
            FindingStatus.REFUTED,
            id="stock has it too",
        ),
        pytest.param(
            f"1\n1\n{HIT}{BEHIND}",
            f"1\n1\n{BEHIND}",
            FindingStatus.REFUTED,
            id="a wrapper that echoes it",
        ),
        pytest.param(
            f"1\n1\n{HIT}{BEHIND}1\n",
            f"1\n1\n{BEHIND}",
            FindingStatus.UNPROVEN,
            id="a wrapper that echoes it and names a directory",
        ),
    ],
)
def test_a_compile_cache_has_to_be_used(optimized: str, stock: str, status: FindingStatus) -> None:
    assert judged(compile_cache, optimized, stock, "twice", compileCache=True).status is status


RELEASE = {"name": "nodejs-24.12.0", "pname": "nodejs", "src": "node.whl", "LC_ALL": "C"}


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        pytest.param(
            {"name": "nodejs-skylake-24.12.0", "pname": "nodejs-skylake", "out": "/nix/store/o"},
            FindingStatus.REFUTED,
            "only the name differs",
            id="a name",
        ),
        pytest.param(
            {"NIX_CFLAGS_COMPILE": "-march=skylake"},
            FindingStatus.REFUTED,
            "-march=skylake changes the hash but no code",
            id="flags that no compiler gets",
        ),
        pytest.param(
            {"NIX_CFLAGS_COMPILE": "-O3 -mtune=skylake"},
            FindingStatus.REFUTED,
            "-O3, -mtune=skylake changes the hash but no code",
            id="flags that name no architecture were not looked at",
        ),
        pytest.param(
            {"configureFlags": "--enable-lto --enable-pgo-use"},
            FindingStatus.REFUTED,
            "link-time optimization, profile-guided optimization changes",
            id="options of a configure that nobody runs",
        ),
        pytest.param(
            {"postFixup": "wrapProgram $out/bin/node --set UV_THREADPOOL_SIZE 8"},
            FindingStatus.NOT_APPLICABLE,
            PREBUILT,
            id="something for running processes, which other claims look at",
        ),
        pytest.param(
            {"src": "node.tar.xz", "NIX_CFLAGS_COMPILE": "-march=skylake"},
            FindingStatus.NOT_APPLICABLE,
            PREBUILT,
            id="another source, which may be compiled",
        ),
    ],
)
def test_what_only_a_compiler_could_give_a_prebuilt_node_is_in_vain(
    changes: dict[str, str], status: FindingStatus, words: str
) -> None:
    """Flags and a new name for a prebuilt node were once not applicable, and nothing was refuted."""
    before, after = (
        side(replace(derivation("node", {**RELEASE, **more}), path=f"/nix/store/{name}.drv"), {})
        for name, more in (("s", {"out": "/nix/store/s"}), ("o", changes))
    )
    seen = replace(observation(profile("x86-64-v3", "nodejs_24"), before, after, "nodejs_24"), prebuilt=True)
    answer = compile_is_tuned(seen)
    assert answer.status is status
    assert words in answer.evidence


def test_a_prebuilt_node_that_is_stocks_own_is_not_judged_by_flags() -> None:
    same = side(derivation("node", RELEASE), {})
    seen = replace(observation(profile("x86-64-v3", "nodejs_24"), same, same, "nodejs_24"), prebuilt=True)
    assert compile_is_tuned(seen) == Answer(FindingStatus.NOT_APPLICABLE, PREBUILT)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("export NODE_COMPILE_CACHE=/x", True),
        pytest.param("export NODE_COMPILER_CACHE=/x", True, id="misspelt"),
        pytest.param("export NODEJS_COMPILATION_CACHE=/x", True, id="invented"),
        ("gcc -DRTOPT_COMPILE_CACHE wrapper.c", True),
        pytest.param("export NODE_DISABLE_COMPILE_CACHE=1", False, id="switched off"),
        pytest.param("--no-compilation-cache", False, id="V8's cache in memory"),
        pytest.param("export CCACHE_COMPILERCHECK=none", False, id="a cache for compilers"),
    ],
)
def test_who_misspells_the_compile_cache_has_asked_for_it(text: str, *, asks: bool) -> None:
    """A misspelt variable was once nobody's request, so that its cache was not missed."""
    assert requested_by((derivation("s"), derivation("o", {"postFixup": text}))).compile_cache is asks


def test_commands_that_report_are_templates_without_loose_braces() -> None:
    for argv in NODEJS.reports.values():
        for word in argv:
            assert word.format(out="/o", node="/n", scratch="/s", programs="/p")


class Wrapped:
    """A node-wrapper around a program that prints its arguments and its environment."""

    def __init__(self, directory: Path, *defines: str) -> None:
        self.home = directory / "home"
        self.home.mkdir()
        (directory / "bin").mkdir()
        self.out = directory
        self.real = directory / "bin" / ".node-wrapped"
        source = directory / "real.c"
        source.write_text(
            "#include <stdio.h>\nint main(int n, char **a, char **e) "
            "{ for (; *a; a++) puts(*a); for (; *e; e++) puts(*e); return n == 9; }\n"
        )
        process.check(["gcc", "-o", str(self.real), str(source)], timeout=60)
        wrapper = ["gcc", "-Wall", "-Wextra", "-Werror", "-O2", "-o", str(directory / "bin" / "node")]
        process.check([*wrapper, f'-DRTOPT_NODE="{self.real}"', *defines, str(WRAPPER)], timeout=60)

    def run(self, *arguments: str, **environment: str) -> list[str]:
        """Return the lines that the program behind the wrapper prints."""
        argv = [str(self.out / "bin" / "node"), *arguments]
        return process.check(
            argv, timeout=20, surroundings=process.Surroundings(env=environment)
        ).text.splitlines()


def test_the_wrapper_gives_a_cache_below_the_home(tmp_path: Path) -> None:
    wrapped = Wrapped(tmp_path, "-DRTOPT_COMPILE_CACHE")
    home = str(wrapped.home)
    cache = f"NODE_COMPILE_CACHE={home}/.cache/node-compile-cache"
    assert wrapped.run("-e", "1 2", HOME=home)[1:] == ["-e", "1 2", f"HOME={home}", cache]
    other = tmp_path / "bin"
    assert f"NODE_COMPILE_CACHE={other}/node-compile-cache" in wrapped.run(
        HOME=home, XDG_CACHE_HOME=str(other)
    )


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="no home"),
        pytest.param(
            {"HOME": "/homeless-shelter"}, id="the home of Nix builds, which must not come into being"
        ),
        pytest.param({"HOME": "relative"}, id="a home that is no absolute path"),
    ],
)
def test_the_wrapper_gives_no_cache_without_a_home(tmp_path: Path, environment: dict[str, str]) -> None:
    wrapped = Wrapped(tmp_path, "-DRTOPT_COMPILE_CACHE")
    assert not any("NODE_COMPILE_CACHE" in line for line in wrapped.run(**environment))


@pytest.mark.parametrize("own", ["/somewhere", ""])
def test_the_users_own_cache_stays_also_if_it_is_switched_off(tmp_path: Path, own: str) -> None:
    wrapped = Wrapped(tmp_path, "-DRTOPT_COMPILE_CACHE")
    assert f"NODE_COMPILE_CACHE={own}" in wrapped.run(HOME=str(wrapped.home), NODE_COMPILE_CACHE=own)


def test_the_wrapper_puts_options_and_libraries_first(tmp_path: Path) -> None:
    wrapped = Wrapped(tmp_path, '-DRTOPT_V8_OPTION="--stack-size=2000"', '-DRTOPT_PRELOAD="libc.so.6"')
    lines = wrapped.run("script.js", LD_PRELOAD="libm.so.6")
    assert lines[1:] == ["--stack-size=2000", "script.js", "LD_PRELOAD=libc.so.6:libm.so.6"]


def test_the_program_behind_the_wrapper_is_found(tmp_path: Path) -> None:
    wrapped = Wrapped(tmp_path, "-DRTOPT_COMPILE_CACHE")
    assert real_binary(tmp_path, ("bin/node",)) == wrapped.real
