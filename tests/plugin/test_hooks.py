"""The plugin in other repositories: it runs the packaged suites and changes nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.registry import NAMES
from pytest_rtopt.base.resources import directory
from tests.support.plugin_runs import assert_refused

if TYPE_CHECKING:
    from tests.support.plugin_runs import Stranger

NOT_IN_PARALLEL = "benchmarks need the whole machine"


def collected(result: pytest.RunResult) -> list[str]:
    return [line.rpartition("/")[2] for line in result.outlines if "::" in line]


def test_an_option_of_ours_is_enough_to_run_the_packaged_suites(stranger: Stranger) -> None:
    result = stranger.pytest("--collect-only", "-q", "-m", "verify", "--rtopt-runtime=lua")
    assert result.ret == 0
    names = collected(result)
    assert "lto-used]" in names
    assert all("test_claim[lua" in line for line in result.outlines if "::" in line)


def test_collecting_the_suites_does_not_load_scipy(stranger: Stranger) -> None:
    """Bug: loading SciPy took a fifth of the time of `-m verify`, which measures nothing."""
    stranger.write(
        "conftest.py",
        "import sys\n\ndef pytest_collection_finish():\n    print('SciPy:', 'scipy' in sys.modules)\n",
    )
    result = stranger.pytest("--collect-only", "-q", "-m", "verify", "--rtopt-runtime=lua")
    assert "SciPy: False" in result.outlines


HEAVY = frozenset(
    ("numpy", "scipy", "rich", "jinja2", "iced_x86", "elftools", "archspec", "cryptography", "filelock")
)


def test_another_project_loads_only_what_registers_the_plugin(stranger: Stranger) -> None:
    """Every project in the environment pays for these imports: no library, no package of evidence or Nix."""
    stranger.write("test_mine.py", "def test_mine(): pass")
    stranger.write(
        "conftest.py",
        """
import json
import sys
from pathlib import Path

def pytest_unconfigure():
    Path("loaded.json").write_text(json.dumps(sorted(sys.modules)))
""",
    )
    loaded: dict[bool, set[str]] = {}
    for disabled in (False, True):
        options = ("-p", "no:rtopt") if disabled else ()
        assert stranger.pytest("--collect-only", "-q", *options).ret == 0
        loaded[disabled] = set(json.loads((stranger.path / "loaded.json").read_text()))
    added = loaded[False] - loaded[True]
    own = {name for name in added if name.partition(".")[0] == "pytest_rtopt"}
    assert "pytest_rtopt.plugin.hooks" in own
    assert not {name.partition(".")[0] for name in added} & HEAVY
    packages = {name.split(".")[1] for name in own if "." in name}
    assert packages <= {"base", "hardware", "plugin", "runtimes"}
    assert not own & {"pytest_rtopt.plugin.settings", "pytest_rtopt.plugin.recorder"}


def test_paths_of_the_user_are_all_that_is_collected(stranger: Stranger) -> None:
    stranger.write("test_mine.py", "def test_mine(): pass")
    result = stranger.pytest("--collect-only", "-q", "--rtopt-runtime=lua", "test_mine.py")
    assert collected(result) == ["test_mine.py::test_mine"]


def test_without_an_option_of_ours_nothing_is_added(stranger: Stranger) -> None:
    stranger.write("test_mine.py", "def test_mine(): pass")
    result = stranger.pytest("--collect-only", "-q")
    assert collected(result) == ["test_mine.py::test_mine"]


def test_suites_of_the_rootdir_are_not_joined_by_the_packaged_ones(stranger: Stranger) -> None:
    stranger.write("suites/test_verify.py", "def test_mine(): pass")
    result = stranger.pytest("--collect-only", "-q", "--rtopt-runtime=lua")
    assert collected(result) == ["test_verify.py::test_mine"]


def test_the_package_of_the_suites_can_be_named(stranger: Stranger) -> None:
    result = stranger.pytest("--collect-only", "-q", "--pyargs", "pytest_rtopt.suites", "--rtopt-runtime=lua")
    assert result.ret == 0
    stages = list(
        dict.fromkeys(line.partition("::")[0].rpartition("/")[2] for line in result.outlines if "::" in line)
    )
    assert stages == [
        f"test_{stage}.py" for stage in ("profile", "generate", "build", "verify", "benchmark", "gate")
    ]


def test_a_stranger_may_have_a_runtime_of_its_own(stranger: Stranger) -> None:
    """Bug: another project's `runtime` fixture was replaced, and tests parametrized with it were errors."""
    stranger.write(
        "test_mine.py",
        """
import pytest

@pytest.fixture
def runtime():
    return "mine"

def test_fixture(runtime):
    assert runtime == "mine"

@pytest.mark.parametrize("runtime", ["theirs"])
def test_parameter(runtime):
    assert runtime == "theirs"
""",
    )
    stranger.pytest("-W", "error").assert_outcomes(passed=2)


def test_a_strangers_order_and_benchmarks_stay(stranger: Stranger) -> None:
    stranger.write(
        "test_mine.py",
        """
import pytest

@pytest.mark.benchmark
def test_first(benchmark):
    benchmark(lambda: None)

@pytest.mark.skipif(False, reason="")
def test_second():
    pass
""",
    )
    result = stranger.pytest("-v", "--benchmark-disable")
    result.stdout.fnmatch_lines(["*test_first*", "*test_second*"])
    assert stranger.pytest("-n2", "-m", "benchmark").ret == 0


def test_a_strangers_failing_fixture_shows_no_code_of_ours(stranger: Stranger) -> None:
    stranger.write(
        "test_mine.py",
        """
import pytest

@pytest.fixture(scope="session")
def broken():
    raise ValueError("broken")

def test_it(broken):
    pass
""",
    )
    result = stranger.pytest()
    result.assert_outcomes(errors=1)
    result.stdout.no_fnmatch_line("*pytest_rtopt*")


def test_xdist_works_where_warnings_are_errors(stranger: Stranger) -> None:
    """Bug: pytest-benchmark warns under xdist while pytest starts, which ended in an internal error."""
    stranger.write("test_mine.py", "def test_mine(): pass")
    stranger.write("pytest.ini", "[pytest]\nfilterwarnings = error\n")
    result = stranger.pytest("-n2")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("how", [("-n2",), ("--dist=load", "--tx=2*popen")])
def test_benchmarks_are_refused_under_xdist(stranger: Stranger, how: tuple[str, ...]) -> None:
    result = stranger.suites("-m", "benchmark", *how)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert_refused(result, NOT_IN_PARALLEL)


def test_benchmarks_that_no_marker_names_are_skipped_under_xdist(stranger: Stranger) -> None:
    """Bug: benchmarks ran in parallel, and started the builds that they needed."""
    result = stranger.suites("-n2", "-rs", directory("suites") / "test_benchmark.py")
    result.assert_outcomes(skipped=3)
    assert result.stdout.str().count(NOT_IN_PARALLEL) == 1


@pytest.mark.detection
def test_generate_in_a_strangers_repository(stranger_with_nix: Stranger) -> None:
    result = stranger_with_nix.suites("-m", "profile or generate", "--rtopt-bundle=bundle")
    assert result.ret == 0, result.stdout.str()
    assert (stranger_with_nix.path / "bundle" / "rtopt.nix").is_file()
    assert (stranger_with_nix.path / "bundle" / "overlays" / "lua-hardware-optimized.nix").is_file()
    assert not (stranger_with_nix.path / "rtopt.lock.json").exists()


def test_generate_shows_what_is_rebuilt_and_remembers_no_verdict(stranger_with_nix: Stranger) -> None:
    chosen = ("-m", "generate", "-k", "impact", "--rtopt-profile=shoshin", "--rtopt-json=rtopt.json")
    result = stranger_with_nix.suites(*chosen, "--rtopt-runtime=go", "-n2")
    assert result.ret == 0, result.stdout.str()
    result.stdout.fnmatch_lines(
        [
            "*= rebuild impact =*",
            "runtime  change * to rebuild  first of them",
            "lua      1 of * 1  lua-5.4.7",
            "go       2 of * 1  go-1.24.11",
        ]
    )
    result.stdout.no_fnmatch_line("*= runtimes =*")
    written = json.loads((stranger_with_nix.path / "rtopt.json").read_text())
    assert written["impact"]["go"]["changed"] == ["go", "go_1_24"]
    assert written["runtimes"] == {}
    assert not (stranger_with_nix.path / "rtopt.lock.json").exists()


def test_foreign_overlays_are_judged_only_on_what_they_touch(stranger_with_nix: Stranger) -> None:
    """Bug: a runtime that was not named failed because the user's overlays do not change it."""
    stranger_with_nix.write(
        "my.nix", 'final: prev: { lua5_4 = prev.lua5_4.overrideAttrs (_: { pname = "lua-mine"; }); }'
    )
    chosen = (
        "-m",
        "generate",
        "-k",
        "overlay_changes",
        "--rtopt-packages=embedded",
        "--rtopt-overlays=my.nix",
    )
    stranger_with_nix.pytest(*chosen).assert_outcomes(passed=1, skipped=len(NAMES) - 1)
    stranger_with_nix.pytest(*chosen, "--rtopt-runtime=go").assert_outcomes(failed=1)
