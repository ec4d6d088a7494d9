"""Parses the settings of a run: from options, else the environment, else the ini file, else the defaults."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt import runtimes
from pytest_rtopt.base import toolchains
from pytest_rtopt.base.errors import NixError
from pytest_rtopt.plugin.fleet_settings import parse_fleet
from pytest_rtopt.plugin.options import OPTIONS, Option
from pytest_rtopt.stages.settings import DETECTED, BuildPolicy, RivalPath, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_rtopt.nix.overlay_source import Overlay

_MOST_BUILDS: Final = 30

_SETTINGS: Final = pytest.StashKey[Settings]()


@dataclass(frozen=True)
class _OptionWords:
    """The words given for one option, and the directory that its relative paths start from."""

    words: tuple[str, ...]
    base: Path

    def last(self, default: str) -> str:
        return self.words[-1] if self.words else default

    def paths(self) -> tuple[Path, ...]:
        return tuple(self.base / Path(word).expanduser() for word in self.words)


def settings_of(config: pytest.Config) -> Settings:
    """Return the settings of a run, which are parsed when they are needed for the first time."""
    if _SETTINGS not in config.stash:
        config.stash[_SETTINGS] = parse_settings(config)
    return config.stash[_SETTINGS]


def parse_settings(config: pytest.Config, environment: Mapping[str, str] = os.environ) -> Settings:
    """Parse the configuration of a run.

    A relative path starts at the current directory, or at the rootdir if it is in the ini file.

    Raises `pytest.UsageError`, which names the option, the wrong value, and what the option accepts.
    """
    given = {option.name: _option_words(option, config, environment) for option in OPTIONS}
    names, ledger = given["runtime"].words, _path(given["ledger"])
    return Settings(
        profile=given["profile"].last(DETECTED),
        profile_base=given["profile"].base,
        packages=given["packages"].last("") or None,
        packages_base=given["packages"].base,
        build=_policy(given["build"].last(BuildPolicy.AUTO)),
        overlays=_overlays(given["overlays"]),
        runtimes=_runtimes(names),
        runtimes_given=bool(names),
        targets=tuple(dict.fromkeys(given["target"].words)),
        json=_path(given["json"]),
        html=_path(given["html"]),
        markdown=_path(given["markdown"]),
        budget_seconds=_seconds(given["budget"].last("60")),
        ledger=ledger or config.rootpath / "rtopt.lock.json",
        ledger_given=ledger is not None,
        ledger_key=_path(given["ledger-key"]),
        manifest=_path(given["manifest"]),
        explain=_switch("explain", given["explain"]),
        bundle=_path(given["bundle"]),
        fleet=parse_fleet(
            given["cache"].words, given["builders"].last("") or None, push=_switch("push", given["push"])
        ),
        budget_given=bool(given["budget"].words),
        strict_machine=_switch("strict-machine", given["strict-machine"]),
        builds=_builds(given["builds"]),
        strict_except=_checks(given["strict-except"].words),
        toolchain=_toolchain(given["toolchain"].last("")),
        rivals=_rivals(given["rival"]),
    )


def _option_words(option: Option, config: pytest.Config, environment: Mapping[str, str]) -> _OptionWords:
    here = config.invocation_params.dir
    on_command_line: list[str] | str | bool | None = config.getoption(option.flag)
    if on_command_line is True:
        return _OptionWords(("true",), here)
    if on_command_line:
        return _OptionWords(
            (on_command_line,) if isinstance(on_command_line, str) else tuple(on_command_line), here
        )
    if environment.get(option.variable):
        return _OptionWords(_split(option, environment[option.variable]), here)
    return _OptionWords(_split(option, str(config.getini(option.ini))), config.rootpath)


def _split(option: Option, text: str) -> tuple[str, ...]:
    if option.repeatable:
        return tuple(text.split())
    return (text,) if text else ()


def _path(given: _OptionWords) -> Path | None:
    paths = given.paths()
    return paths[-1] if paths else None


def _policy(word: str) -> BuildPolicy:
    try:
        return BuildPolicy(word)
    except ValueError:
        allowed = ", ".join(BuildPolicy)
        raise pytest.UsageError(f"--rtopt-build: {word!r} is not one of {allowed}.") from None


def _toolchain(word: str) -> str | None:
    if word and word not in toolchains.names():
        raise pytest.UsageError(
            f"--rtopt-toolchain: there is no toolchain {word!r}; "
            f"the toolchains are {', '.join(toolchains.names())}."
        )
    return word or None


def _rivals(given: _OptionWords) -> tuple[RivalPath, ...]:
    rivals = []
    for word in given.words:
        name, equals, text = word.partition("=")
        if not (equals and text and name in runtimes.NAMES):
            raise pytest.UsageError(
                f"--rtopt-rival: {word!r} is not RUNTIME=PATH, such as python=/usr/bin/python3.13; the "
                f"runtimes are {', '.join(runtimes.NAMES)}."
            )
        path = given.base / Path(text).expanduser()
        if not (path.is_dir() or (path.is_file() and os.access(path, os.X_OK))):
            raise pytest.UsageError(
                f"--rtopt-rival: {word!r} leads to no program and no directory; name an executable file, or "
                "the directory that has its `bin`."
            )
        rivals.append(RivalPath(name, path))
    return tuple(dict.fromkeys(rivals))


def _switch(name: str, given: _OptionWords) -> bool:
    word = given.last("false")
    if word not in ("true", "false"):
        raise pytest.UsageError(f"--rtopt-{name}: {word!r} is neither true nor false.")
    return word == "true"


def _builds(given: _OptionWords) -> int | None:
    word = given.last("")
    if word and not (word.isdecimal() and 0 < int(word) <= _MOST_BUILDS):
        raise pytest.UsageError(f"--rtopt-builds: {word!r} is not a number from 1 to {_MOST_BUILDS}.")
    return int(word) if word else None


def _checks(names: tuple[str, ...]) -> tuple[str, ...]:
    if names:
        from pytest_rtopt.bench.machine_checks import NAMES  # noqa: PLC0415  # only with --rtopt-strict-except

        unknown = [name for name in names if name not in NAMES]
        if unknown:
            raise pytest.UsageError(
                f"--rtopt-strict-except: there is no check {', '.join(map(repr, unknown))}; "
                f"the checks are {', '.join(NAMES)}."
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


def _overlays(given: _OptionWords) -> tuple[Overlay, ...]:
    if not given.words:
        return ()
    from pytest_rtopt.nix.overlay_source import find_overlays  # noqa: PLC0415  # only where one was named

    try:
        return tuple(overlay for word in given.words for overlay in find_overlays(word, given.base))
    except NixError as error:
        raise pytest.UsageError(str(error)) from None


def _runtimes(names: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in runtimes.NAMES]
    if unknown:
        raise pytest.UsageError(
            f"--rtopt-runtime: there is no runtime {', '.join(map(repr, unknown))}; "
            f"the runtimes are {', '.join(runtimes.NAMES)}."
        )
    return tuple(name for name in runtimes.NAMES if name in names) if names else runtimes.NAMES
