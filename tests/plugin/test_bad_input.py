"""Mistakes of users, end to end: one clear sentence, an exit status other than 0, and no traceback."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.runtimes import NAMES
from pytest_rtopt.sources.pins import SOURCES
from tests.support.child_environment import HOST_TOOLCHAIN
from tests.support.plugin_runs import assert_refused
from tests.support.private_store import private_environment

if TYPE_CHECKING:
    from tests.support.plugin_runs import Stranger

# Nothing listens there: every download fails at once.
CLOSED_PORT = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--rtopt-budget=soon", "--rtopt-budget: 'soon' is not a positive number of seconds."),
        ("--rtopt-budget=-1", "--rtopt-budget: '-1' is not a positive number of seconds."),
        ("--rtopt-budget=nan", "--rtopt-budget: 'nan' is not a positive number of seconds."),
        ("--rtopt-build=maybe", "--rtopt-build: 'maybe' is not one of auto, always, never."),
        (
            "--rtopt-runtime=perl",
            f"--rtopt-runtime: there is no runtime 'perl'; the runtimes are {', '.join(NAMES)}.",
        ),
        ("--rtopt-overlays=absent.nix", "--rtopt-overlays: there is no file"),
    ],
)
def test_options_that_make_no_sense(stranger: Stranger, option: str, sentence: str) -> None:
    result = stranger.pytest("-m", "verify", option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert_refused(result, sentence)


@pytest.mark.parametrize("option", ["json", "html", "ledger"])
@pytest.mark.parametrize("place", ["", "file/below", "/dev/null"])
def test_results_that_cannot_be_written_are_known_before_anything_is_built(
    stranger: Stranger, option: str, place: str
) -> None:
    """Bug: this was noticed only after the builds, and a device was replaced by a regular file."""
    stranger.write("file", "")
    result = stranger.suites("-m", "verify", f"--rtopt-{option}={stranger.path / place}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert_refused(result, f"--rtopt-{option}:", "cannot be written")
    assert Path("/dev/null").is_char_device()


def test_no_nix_on_path(stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    result = stranger.suites("-m", "profile or verify")
    assert_refused(result, "Nix was not found on PATH", "nothing can be judged without `rtopt_nix`")
    result.assert_outcomes(errors=1)


@pytest.mark.parametrize(
    ("name", "text", "sentences"),
    [
        ("absent.nix", None, ["absent.nix: this profile does not exist"]),
        ("broken.toml", "cpu = ", ["broken.toml: this profile is not valid TOML"]),
        (
            "broken.nix",
            "{\n  cpu = \n}\n",
            ["broken.nix: this profile could not be evaluated", "broken.nix:3"],
        ),
        ("typed.toml", "[cpu]\ncores = 'four'\n", ["typed.toml", "cpu.cores"]),
        ("march.toml", "[build.compiler]\nmarch = 'skylakke'\n", ["skylakke", "`skylake`"]),
        ("native.toml", "[build.compiler]\nmarch = 'native'\n", ["--rtopt-profile host"]),
    ],
)
def test_profiles_that_are_wrong(
    stranger_with_nix: Stranger, name: str, text: str | None, sentences: list[str]
) -> None:
    if text is not None:
        stranger_with_nix.write(name, text)
    result = stranger_with_nix.suites("-m", "profile or generate or verify", f"--rtopt-profile={name}")
    assert_refused(result, "nothing can be judged without `hardware_profile`")
    result.assert_outcomes(errors=1)
    for sentence in sentences:
        assert sentence in result.stdout.str()


def test_an_error_of_every_test_is_shown_once_under_xdist(stranger_with_nix: Stranger) -> None:
    result = stranger_with_nix.suites("-n2", "-m", "profile or verify", "--rtopt-profile=absent.nix")
    assert_refused(result, "this profile does not exist")
    assert len(result.parseoutcomes()) == 1
    assert result.parseoutcomes()["errors"] <= 2


@pytest.mark.parametrize(
    ("packages", "sentence"),
    [
        ("nowhere", "--rtopt-packages: 'nowhere' is not a path"),
        ("./nowhere", "nowhere holds neither a package set nor a flake.nix"),
        ("<nixpkgs>", "--rtopt-packages: <nixpkgs> does not resolve"),
    ],
)
def test_package_sets_that_are_not_there(stranger_with_nix: Stranger, packages: str, sentence: str) -> None:
    result = stranger_with_nix.pytest("-m", "verify", f"--rtopt-packages={packages}")
    assert_refused(result, sentence, "nothing can be judged without `package_set`")
    result.assert_outcomes(errors=1)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("final: prev: {\n  lua5_4 = ;\n}\n", ["syntax error", "my.nix:2"]),
        ("final: prev: {\n  lua5_4 = prev.lua5_4.nothing;\n}\n", ["'nothing' missing", "my.nix:2"]),
        ('final: prev: {\n  lua5_4 = throw "no lua today";\n}\n', ["no lua today"]),
    ],
)
def test_overlays_that_do_not_evaluate(stranger_with_nix: Stranger, text: str, sentences: list[str]) -> None:
    stranger_with_nix.write("my.nix", text)
    result = stranger_with_nix.suites("-m", "verify", "--rtopt-overlays=my.nix")
    assert_refused(result, "nothing can be judged without `derivations`")
    result.assert_outcomes(errors=1)
    for sentence in sentences:
        assert sentence in result.stdout.str()


def test_a_target_that_is_not_there(stranger_with_nix: Stranger) -> None:
    result = stranger_with_nix.suites("-m", "generate", "--rtopt-target=hugo", "-k", "impact")
    assert_refused(result, "--rtopt-target: there is no package hugo, neither in the package set nor under")
    result.assert_outcomes(failed=1)


def test_a_gate_without_a_ledger_refuses(stranger_with_nix: Stranger) -> None:
    result = stranger_with_nix.suites("-m", "gate", "--rtopt-ledger=absent.json")
    assert_refused(result)
    assert (
        f"There is no ledger at {stranger_with_nix.path / 'absent.json'}; write it by a run of"
        in result.stdout.str()
    )
    result.assert_outcomes(errors=1)


def test_a_store_that_cannot_be_written(
    stranger_with_nix: Stranger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    for name in ("NIX_STORE_DIR", "NIX_STATE_DIR"):
        monkeypatch.setenv(name, str(blocked / name))
    result = stranger_with_nix.suites("-m", "verify")
    assert_refused(result, "nothing can be judged without `package_set`")
    result.assert_outcomes(errors=1)


FAILING = """final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    postPatch = "for i in $(seq 1 60); do echo line $i; done; exit 7";
  });
}
"""


def test_a_build_that_fails_shows_its_log_once(stranger_with_nix: Stranger) -> None:
    """Bug: each claim of the runtime showed the same forty lines."""
    stranger_with_nix.write("my.nix", FAILING)
    result = stranger_with_nix.suites("-m", "verify", "--rtopt-overlays=my.nix")
    assert_refused(result, "read the whole log at", "line 60\n", "line 25\n")
    shown = result.stdout.str()
    assert "line 15\n" not in shown
    assert "lua-5.4.7.drv failed" in shown
    log = Path(shown.partition("read the whole log at ")[2].partition(",")[0])
    assert "line 1\n" in log.read_text()
    errors = result.parseoutcomes()["errors"]
    assert shown.count("\nThe same error as in") == errors - 1 > 0


def test_a_run_that_selects_nothing_is_refused(stranger: Stranger) -> None:
    result = stranger.suites("-m", "verify", "-k", "nothing_has_this_name")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert_refused(result, "rtopt: no test was selected, so nothing was judged")


def test_a_run_that_finds_no_suites_says_where_they_are(stranger: Stranger) -> None:
    result = stranger.pytest("-m", "verify")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert_refused(result, "--pyargs pytest_rtopt.suites")


def new_store(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Return a repository with an empty store and cache, and without a network."""
    for name, value in {**private_environment(directory), **HOST_TOOLCHAIN}.items():
        monkeypatch.setenv(name, value)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, CLOSED_PORT)
        monkeypatch.setenv(name.upper(), CLOSED_PORT)


def test_a_source_that_cannot_be_had(
    stranger: Stranger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_store(tmp_path / "nix", monkeypatch)
    result = stranger.suites("-m", "build")
    assert_refused(result, "lua-5.4.7 could not be fetched from any of its origins")


def test_a_source_of_another_hash(
    stranger: Stranger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that the user put there is used if its hash is the pinned one, else both hashes are shown."""
    new_store(tmp_path / "nix", monkeypatch)
    kept = tmp_path / "nix" / "cache" / "pytest-rtopt" / "sources" / SOURCES["lua"].file_name
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"not Lua")
    result = stranger.suites("-m", "build")
    assert_refused(result, SOURCES["lua"].sha256, hashlib.sha256(b"not Lua").hexdigest())
