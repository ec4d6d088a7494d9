"""Settings: options take precedence over the environment, the ini file and the defaults."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt import runtimes
from pytest_rtopt.nix.overlay_source import Overlay
from pytest_rtopt.plugin.options import OPTIONS
from pytest_rtopt.plugin.settings import parse_settings
from pytest_rtopt.plugin.settings import settings_of as settings_of_run
from pytest_rtopt.stages.settings import BuildPolicy, RivalPath, Settings

if TYPE_CHECKING:
    from pathlib import Path


def settings_of(
    pytester: pytest.Pytester, *arguments: str, environment: dict[str, str] | None = None
) -> Settings:
    return parse_settings(pytester.parseconfig(*arguments), environment or {})


def test_defaults(pytester: pytest.Pytester) -> None:
    settings = settings_of(pytester)
    assert (settings.profile, settings.packages, settings.build) == ("host", None, BuildPolicy.AUTO)
    assert settings.runtimes == runtimes.NAMES
    assert not settings.runtimes_given
    assert settings.targets == ()
    assert settings.uses_shipped_overlays
    assert settings.writes_ledger
    assert settings.outputs == {}
    assert settings.budget_seconds == 60
    assert settings.ledger == pytester.path / "rtopt.lock.json"


def test_a_toolchain_is_one_of_those_there_are(pytester: pytest.Pytester) -> None:
    assert settings_of(pytester).toolchain is None
    assert settings_of(pytester, "--rtopt-toolchain=debian-13").toolchain == "debian-13"
    assert settings_of(pytester, environment={"RTOPT_TOOLCHAIN": "host"}).toolchain == "host"
    with pytest.raises(pytest.UsageError, match="no toolchain 'gcc'; the toolchains are debian-13, host"):
        settings_of(pytester, "--rtopt-toolchain=gcc")


def test_rivals_are_programs_or_directories(pytester: pytest.Pytester, tmp_path: Path) -> None:
    program = tmp_path / "python3.13"
    program.write_text("#!/bin/sh\n")
    for words in (f"python={program}", f"rust={tmp_path / 'absent'}"):
        with pytest.raises(pytest.UsageError, match="leads to no program and no directory; name an"):
            settings_of(pytester, f"--rtopt-rival={words}")
    program.chmod(0o755)
    given = (f"--rtopt-rival=python={program}", f"--rtopt-rival=rust={tmp_path}")
    assert settings_of(pytester, *given, given[0]).rivals == (
        RivalPath("python", program),
        RivalPath("rust", tmp_path),
    )
    for word in ("python", "python=", f"perl={program}", f"={program}"):
        with pytest.raises(pytest.UsageError, match=f"{word!r} is not RUNTIME=PATH, such as python=/usr/bin"):
            settings_of(pytester, f"--rtopt-rival={word}")


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nrtopt_profile = file\nrtopt_build = never\nrtopt_budget = 7\n")
    environment = {"RTOPT_PROFILE": "environment", "RTOPT_BUILD": "always"}
    settings = settings_of(pytester, "--rtopt-profile=option", environment=environment)
    assert settings.profile == "option"
    assert settings.build is BuildPolicy.ALWAYS
    assert settings.budget_seconds == 7


def test_several_words_in_each_place(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nrtopt_runtime =\n    go\n    lua\n")
    assert settings_of(pytester).runtimes == ("lua", "go")
    assert settings_of(pytester, environment={"RTOPT_RUNTIME": "go"}).runtimes == ("go",)
    assert settings_of(pytester, "--rtopt-runtime=lua", "--rtopt-runtime=lua").runtimes == ("lua",)
    targets = ("--rtopt-target=hugo", "--rtopt-target=go", "--rtopt-target=hugo")
    assert settings_of(pytester, *targets).targets == ("hugo", "go")
    assert settings_of(pytester, environment={"RTOPT_TARGET": "go a.b"}).targets == ("go", "a.b")


def test_paths_start_where_they_were_written(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bug: a relative path on the command line started at the rootdir, not at the current directory."""
    pytester.makeini("[pytest]\nrtopt_json = results.json\n")
    below = pytester.mkdir("below")
    (below / "my.nix").write_text("final: prev: { }")
    monkeypatch.chdir(below)
    config = pytester.parseconfig(
        f"--rootdir={pytester.path}", "--rtopt-overlays=my.nix", "--rtopt-html=r.html"
    )
    settings = parse_settings(config, {"RTOPT_PROFILE": "mine.toml"})
    assert settings.overlays == (Overlay.in_file(below / "my.nix"),)
    assert settings.html == below / "r.html"
    assert settings.profile_base == below
    assert settings.json == pytester.path / "results.json"
    assert settings.ledger == pytester.path / "rtopt.lock.json"


def test_an_overlay_may_be_a_directory_with_a_default(pytester: pytest.Pytester) -> None:
    file = pytester.mkdir("mine") / "default.nix"
    with pytest.raises(pytest.UsageError, match=r"the directory .*mine has no overlays"):
        settings_of(pytester, "--rtopt-overlays=mine")
    file.write_text("final: prev: { }")
    assert settings_of(pytester, "--rtopt-overlays=mine").overlays == (Overlay.in_file(file),)


def test_verdicts_on_foreign_overlays_are_remembered_only_in_a_ledger_that_was_named(
    pytester: pytest.Pytester,
) -> None:
    """Bug: a run with a broken user overlay replaced the good verdicts on the shipped overlays."""
    (pytester.path / "my.nix").write_text("final: prev: { }")
    assert not settings_of(pytester, "--rtopt-overlays=my.nix").writes_ledger
    named = settings_of(pytester, "--rtopt-overlays=my.nix", "--rtopt-ledger=mine.json")
    assert named.writes_ledger
    assert named.ledger == pytester.path / "mine.json"
    assert set(named.outputs) == {"--rtopt-ledger"}


@pytest.mark.parametrize("word", ["0", "-3", "soon", "inf", "nan", ""])
def test_a_budget_is_a_positive_number(pytester: pytest.Pytester, word: str) -> None:
    if not word:
        assert settings_of(pytester, "--rtopt-budget=").budget_seconds == 60
        return
    with pytest.raises(pytest.UsageError, match="--rtopt-budget"):
        settings_of(pytester, f"--rtopt-budget={word}")


def test_the_settings_are_kept_with_the_run(pytester: pytest.Pytester) -> None:
    config = pytester.parseconfigure("--rtopt-runtime=lua")
    assert settings_of_run(config).runtimes == ("lua",)
    assert settings_of_run(config) is settings_of_run(config)


def test_help_has_every_option_with_its_other_names(pytester: pytest.Pytester) -> None:
    shown = " ".join(pytester.runpytest("--help").stdout.str().split())
    for option in OPTIONS:
        assert f"{option.flag}{'' if option.switch else '='}" in shown
        assert f"ini: {option.ini}, environment: {option.variable})" in shown


def test_relative_places_are_absolute(pytester: pytest.Pytester) -> None:
    settings = settings_of(pytester, "--rtopt-json=a/b.json", "--rtopt-bundle=out")
    places: list[Path | None] = [settings.json, settings.bundle, settings.ledger, settings.packages_base]
    assert all(place is not None and place.is_absolute() for place in places)


def test_a_budget_that_nobody_named_is_shared_by_many_workloads(pytester: pytest.Pytester) -> None:
    """Bug: more than twenty workloads of four runtimes took a minute each."""
    shared, named = settings_of(pytester), settings_of(pytester, "--rtopt-budget=60")
    assert (shared.budget_seconds, shared.shared_seconds) == (60, 540)
    assert (named.budget_seconds, named.shared_seconds) == (60, math.inf)


def test_a_strict_run_knows_which_checks_it_lets_pass(pytester: pytest.Pytester) -> None:
    assert not settings_of(pytester).strict_machine
    strict = settings_of(pytester, "--rtopt-strict-machine", "--rtopt-strict-except=turbo")
    assert strict.strict_machine
    assert strict.strict_except == ("turbo",)
    assert settings_of(pytester, environment={"RTOPT_STRICT_MACHINE": "true"}).strict_machine
    with pytest.raises(pytest.UsageError, match="--rtopt-strict-machine: 'yes' is neither true nor false"):
        settings_of(pytester, environment={"RTOPT_STRICT_MACHINE": "yes"})
    with pytest.raises(
        pytest.UsageError, match=r"there is no check 'turbos'; the checks are governor, turbo"
    ):
        settings_of(pytester, "--rtopt-strict-except=turbos")


def test_a_number_of_builds(pytester: pytest.Pytester) -> None:
    assert settings_of(pytester).builds is None
    assert settings_of(pytester, "--rtopt-builds=3").builds == 3
    for word in ("0", "-1", "two", "31", "1.5"):
        with pytest.raises(pytest.UsageError, match=f"--rtopt-builds: '{word}' is not a number from 1 to 30"):
            settings_of(pytester, f"--rtopt-builds={word}")
