"""The one frozen configuration of a run: options, then environment, then ini file, then defaults."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt import runtimes
from pytest_rtopt.fleet_settings import FleetSettings, parse_fleet
from pytest_rtopt.options import OPTIONS, Option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_rtopt.verdict.signature import Keys

_SHARED_SECONDS: Final = 540.0
_MOST_BUILDS: Final = 30
DETECTED: Final = "host"
"""The name of the profile that is read off this machine."""


class BuildPolicy(StrEnum):
    """When a run may build: `auto` only what is quick, asked for, or of the embedded set."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class Settings:
    """What a run was asked for. Paths are absolute; `packages` is `None` where nobody named a set.

    `profile` and `packages` may be relative paths, from `profile_base` and `packages_base`. `runtimes` are
    all that are known unless `named_runtimes`; without `targets`, the package set decides what they are.
    `budget_seconds` are the most for one workload (`shared_seconds`), `strict_except` names of checks in
    `bench/quiet.py`; `builds` is `None` where each workload decides how many it needs.
    """

    profile: str
    profile_base: Path
    packages: str | None
    packages_base: Path
    build: BuildPolicy
    overlays: tuple[Path, ...]
    runtimes: tuple[str, ...]
    named_runtimes: bool
    targets: tuple[str, ...]
    json: Path | None
    html: Path | None
    markdown: Path | None
    budget_seconds: float
    ledger: Path
    named_ledger: bool
    ledger_key: Path | None
    manifest: Path | None
    explain: bool
    bundle: Path | None
    fleet: FleetSettings
    named_budget: bool = False
    strict_machine: bool = False
    strict_except: tuple[str, ...] = ()
    builds: int | None = None

    @property
    def detects_profile(self) -> bool:
        """Whether the profile is what this machine was found to be, and not one that somebody chose."""
        return self.profile == DETECTED

    @property
    def shared_seconds(self) -> float:
        """The seconds that all workloads share: a budget that nobody named leaves nine minutes for all."""
        return math.inf if self.named_budget else _SHARED_SECONDS

    @property
    def own_overlays(self) -> bool:
        """Whether the shipped overlays are judged, and not somebody else's."""
        return not self.overlays

    @property
    def remembers(self) -> bool:
        """Whether verdicts go into the ledger: those on foreign overlays only into one that was named."""
        return self.own_overlays or self.named_ledger

    def keys(self) -> Keys | None:
        """Return the keys of the ledger, if one was named; raises `ReportError` where it cannot be used."""
        if self.ledger_key is None:
            return None
        from pytest_rtopt.verdict.signature import read_keys  # noqa: PLC0415  # only where something is signed

        return read_keys(self.ledger_key)

    @property
    def outputs(self) -> dict[str, Path]:
        """The files that were asked for, by option."""
        asked = {"--rtopt-json": self.json, "--rtopt-html": self.html, "--rtopt-markdown": self.markdown}
        named = {flag: path for flag, path in asked.items() if path is not None}
        return {**named, "--rtopt-ledger": self.ledger} if self.named_ledger else named


SETTINGS: Final = pytest.StashKey[Settings]()
"""Where the settings of a run are kept in its `pytest.Config`."""


@dataclass(frozen=True)
class _Given:
    """The words given for one option, and the directory that relative paths among them start from."""

    words: tuple[str, ...]
    base: Path

    def last(self, default: str) -> str:
        return self.words[-1] if self.words else default

    def paths(self) -> tuple[Path, ...]:
        return tuple(self.base / Path(word).expanduser() for word in self.words)


def parse_settings(config: pytest.Config, environment: Mapping[str, str] = os.environ) -> Settings:
    """Parse the configuration of a run.

    A relative path is taken from the current directory, in an ini file from the rootdir.

    Raises `pytest.UsageError` that names the option, what it got, and what it takes.
    """
    given = {option.name: _given(option, config, environment) for option in OPTIONS}
    names, ledger = given["runtime"].words, _path(given["ledger"])
    return Settings(
        profile=given["profile"].last(DETECTED),
        profile_base=given["profile"].base,
        packages=given["packages"].last("") or None,
        packages_base=given["packages"].base,
        build=_policy(given["build"].last(BuildPolicy.AUTO)),
        overlays=tuple(_overlay(path) for path in given["overlays"].paths()),
        runtimes=_runtimes(names),
        named_runtimes=bool(names),
        targets=tuple(dict.fromkeys(given["target"].words)),
        json=_path(given["json"]),
        html=_path(given["html"]),
        markdown=_path(given["markdown"]),
        budget_seconds=_seconds(given["budget"].last("60")),
        ledger=ledger or config.rootpath / "rtopt.lock.json",
        named_ledger=ledger is not None,
        ledger_key=_path(given["ledger-key"]),
        manifest=_path(given["manifest"]),
        explain=_switch("explain", given["explain"]),
        bundle=_path(given["bundle"]),
        fleet=parse_fleet(
            given["cache"].words, given["builders"].last("") or None, push=_switch("push", given["push"])
        ),
        named_budget=bool(given["budget"].words),
        strict_machine=_switch("strict-machine", given["strict-machine"]),
        builds=_builds(given["builds"]),
        strict_except=_checks(given["strict-except"].words),
    )


def given_on_command_line(config: pytest.Config) -> bool:
    """Return whether any of our options stands on the command line of a run."""
    return any(config.getoption(option.flag) for option in OPTIONS)


def _given(option: Option, config: pytest.Config, environment: Mapping[str, str]) -> _Given:
    here = config.invocation_params.dir
    on_command_line: list[str] | str | bool | None = config.getoption(option.flag)
    if on_command_line is True:
        return _Given(("true",), here)
    if on_command_line:
        return _Given(
            (on_command_line,) if isinstance(on_command_line, str) else tuple(on_command_line), here
        )
    if environment.get(option.variable):
        return _Given(_split(option, environment[option.variable]), here)
    return _Given(_split(option, str(config.getini(option.ini))), config.rootpath)


def _split(option: Option, text: str) -> tuple[str, ...]:
    if option.repeatable:
        return tuple(text.split())
    return (text,) if text else ()


def _path(given: _Given) -> Path | None:
    paths = given.paths()
    return paths[-1] if paths else None


def _policy(word: str) -> BuildPolicy:
    try:
        return BuildPolicy(word)
    except ValueError:
        allowed = ", ".join(BuildPolicy)
        raise pytest.UsageError(f"--rtopt-build: {word!r} is not one of {allowed}.") from None


def _switch(name: str, given: _Given) -> bool:
    word = given.last("false")
    if word not in ("true", "false"):
        raise pytest.UsageError(f"--rtopt-{name}: {word!r} is neither true nor false.")
    return word == "true"


def _builds(given: _Given) -> int | None:
    word = given.last("")
    if word and not (word.isdecimal() and 0 < int(word) <= _MOST_BUILDS):
        raise pytest.UsageError(f"--rtopt-builds: {word!r} is not a number from 1 to {_MOST_BUILDS}.")
    return int(word) if word else None


def _checks(names: tuple[str, ...]) -> tuple[str, ...]:
    if names:
        from pytest_rtopt.bench.quiet import NAMES  # noqa: PLC0415  # only for a run that measures strictly

        unknown = [name for name in names if name not in NAMES]
        if unknown:
            raise pytest.UsageError(
                f"--rtopt-strict-except: there is no check {', '.join(map(repr, unknown))}; "
                f"known are {', '.join(NAMES)}."
            )
    return names


def _seconds(word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise pytest.UsageError(f"--rtopt-budget: {word!r} is not a positive number of seconds.")
    return seconds


def _overlay(path: Path) -> Path:
    file = path / "default.nix" if path.is_dir() else path
    if not file.is_file():
        raise pytest.UsageError(
            f"--rtopt-overlays: there is no file {file}; give the path of an overlay's .nix file."
        )
    return file.resolve()


def _runtimes(names: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in runtimes.NAMES]
    if unknown:
        raise pytest.UsageError(
            f"--rtopt-runtime: there is no runtime {', '.join(map(repr, unknown))}; "
            f"known are {', '.join(runtimes.NAMES)}."
        )
    return tuple(name for name in runtimes.NAMES if name in names) if names else runtimes.NAMES
