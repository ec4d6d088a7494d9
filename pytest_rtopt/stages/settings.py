"""The settings of a run, as the stages read them: one frozen value, parsed once by the plugin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.nix.overlay_source import Overlay
    from pytest_rtopt.verdict.signature import Keys

_SHARED_SECONDS: Final = 540.0
DETECTED: Final = "host"
"""The name of the profile that is read off this machine."""


class BuildPolicy(StrEnum):
    """When a run may build: `auto` only what is quick, asked for, or of the embedded set."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class FleetSettings:
    """URLs of Nix stores, in the order they are asked; the first is the one that is pushed to.

    `builders` has the syntax of Nix's setting of that name; `None` leaves it as the configuration has it.
    """

    caches: tuple[str, ...] = ()
    push: bool = False
    builders: str | None = None


@dataclass(frozen=True)
class Settings:
    """What a run was asked for. Paths are absolute; `packages` is `None` where nobody named a set.

    `profile` and `packages` may be relative paths, from `profile_base` and `packages_base`. `runtimes` are
    all that are known unless `named_runtimes`; without `targets`, the package set decides what they are.
    `budget_seconds` are the most for one workload (`shared_seconds`), `strict_except` names of checks in
    `bench/machine_checks.py`; `builds` is `None` where each workload decides how many it needs.
    """

    profile: str
    profile_base: Path
    packages: str | None
    packages_base: Path
    build: BuildPolicy
    overlays: tuple[Overlay, ...]
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
        requested = {"--rtopt-json": self.json, "--rtopt-html": self.html, "--rtopt-markdown": self.markdown}
        named = {flag: path for flag, path in requested.items() if path is not None}
        return {**named, "--rtopt-ledger": self.ledger} if self.named_ledger else named
