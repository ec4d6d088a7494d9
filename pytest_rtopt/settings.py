"""The one frozen configuration of a run: options, then environment, then ini file, then defaults."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt import runtimes
from pytest_rtopt.fleet_settings import FleetSettings, parse_fleet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_rtopt.verdict.signature import Keys

_ENVIRONMENT: Final = "RTOPT_"
_SHARED_SECONDS: Final = 540.0
DETECTED: Final = "host"
"""The name of the profile that is read off this machine."""


class BuildPolicy(StrEnum):
    """When a run may build: `auto` only what is quick, asked for, or of the embedded set."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class Option:
    """One setting: its name after `--rtopt-`, its help; a `switch` takes no value, and `true` elsewhere."""

    name: str
    help: str
    metavar: str
    repeatable: bool = False
    switch: bool = False

    @property
    def flag(self) -> str:
        """The command line option."""
        return f"--rtopt-{self.name}"

    @property
    def action(self) -> str:
        """What argparse does with it."""
        return "store_true" if self.switch else "append" if self.repeatable else "store"

    @property
    def ini(self) -> str:
        """The key in an ini file."""
        return f"rtopt_{self.name.replace('-', '_')}"

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"{_ENVIRONMENT}{self.name.upper().replace('-', '_')}"


OPTIONS: Final = (
    Option(
        "profile",
        "hardware profile: host (detected), a shipped name, or a .nix or .toml file (default: host)",
        "NAME|PATH",
    ),
    Option(
        "packages",
        "package set that the overlays are applied to: embedded, a path, a flake reference, or '<nixpkgs>' "
        "(default: <nixpkgs> if it resolves, else embedded)",
        "SET",
    ),
    Option("build", "when to build: auto, always or never (default: auto)", "POLICY"),
    Option(
        "overlays", "overlay to judge instead of the shipped ones; can be repeated", "PATH", repeatable=True
    ),
    Option(
        "runtime", f"runtime to judge: {', '.join(runtimes.NAMES)}; can be repeated", "NAME", repeatable=True
    ),
    Option(
        "target",
        "package whose rebuilds -m generate counts, by attribute path (default: the runtimes; everything in "
        "the embedded set); can be repeated",
        "ATTR",
        repeatable=True,
    ),
    Option("json", "write the results to FILE, as JSON", "FILE"),
    Option("html", "write a report to FILE, as one HTML page", "FILE"),
    Option("markdown", "write a summary to FILE, in the Markdown that the pages of CI show", "FILE"),
    Option(
        "budget",
        "seconds for the pairs of one workload (default: 60; nine minutes together for more than nine)",
        "SECONDS",
    ),
    Option(
        "ledger",
        "remembered verdicts (default: rtopt.lock.json in the rootdir; those on --rtopt-overlays are "
        "remembered only where this is given)",
        "FILE",
    ),
    Option(
        "explain",
        "say what has to be built before a runtime can be judged again, with what else, and at what cost",
        "",
        switch=True,
    ),
    Option(
        "ledger-key",
        "Ed25519 keys as Nix makes them: sign the ledger, and refuse what is unsigned or changed",
        "FILE",
    ),
    Option(
        "manifest",
        "what would be installed, by an evaluation that was made elsewhere; -m gate reads it instead of "
        "evaluating",
        "FILE",
    ),
    Option("bundle", "write the overlays, the resolved profile and the snippet for a flake to DIR", "DIR"),
    Option(
        "cache",
        "Nix store (file://, s3://, ssh-ng://, https://) that builds with their ledger entries are taken "
        "from, if signed by one of Nix's trusted-public-keys; can be repeated",
        "URL",
        repeatable=True,
    ),
    Option(
        "push",
        "sign what this run judged and adopts with Nix's secret-key-files, and copy it to the "
        "first --rtopt-cache",
        "",
        switch=True,
    ),
    Option("builders", "machines that build for this one, as in Nix's setting `builders`, or @FILE", "LIST"),
)


@dataclass(frozen=True)
class Settings:
    """What a run was asked for. Paths are absolute; `packages` is `None` where nobody named a set.

    `profile` and `packages` may be relative paths, from `profile_base` and `packages_base`. `runtimes` are
    all that are known unless `named_runtimes`; without `targets`, the package set decides what they are.
    `budget_seconds` are the most for one workload (`seconds_for_each`).
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

    @property
    def detects_profile(self) -> bool:
        """Whether the profile is what this machine was found to be, and not one that somebody chose."""
        return self.profile == DETECTED

    def seconds_for_each(self, workloads: int) -> float:
        """Return the budget of each of so many workloads; a budget that nobody named shares nine minutes."""
        if self.named_budget:
            return self.budget_seconds
        return min(self.budget_seconds, _SHARED_SECONDS / max(1, workloads))

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
        explain=_switch("explain", given),
        bundle=_path(given["bundle"]),
        fleet=parse_fleet(
            given["cache"].words, given["builders"].last("") or None, push=_switch("push", given)
        ),
        named_budget=bool(given["budget"].words),
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


def _switch(name: str, given: Mapping[str, _Given]) -> bool:
    word = given[name].last("false")
    if word not in ("true", "false"):
        raise pytest.UsageError(f"--rtopt-{name}: {word!r} is neither true nor false.")
    return word == "true"


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
