"""The settings of a run, parsed once by the plugin."""

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
"""The name of the profile that is detected on this machine."""


class BuildPolicy(StrEnum):
    """When a run may build. `auto` builds what takes less than ten minutes or is selected by `-m build`."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class FleetSettings:
    """URLs of caches in the order of lookup; builds are pushed to the first.

    `builders` has the syntax of Nix's setting `builders`; `None` keeps the configured value.
    """

    caches: tuple[str, ...] = ()
    push: bool = False
    builders: str | None = None


@dataclass(frozen=True)
class RivalPath:
    """Somebody else's build of a runtime: a program, or a directory with its `bin`."""

    runtime: str
    path: Path


@dataclass(frozen=True)
class Settings:
    """The settings of a run. Paths are absolute.

    `profile` and `packages` may be relative paths, which start at `profile_base` and `packages_base`.
    `packages` is `None` without --rtopt-packages. `runtimes` are all runtimes unless `runtimes_given`.
    Without `targets`, the package set decides. `budget_seconds` is the limit for one workload,
    `shared_seconds` for all. `strict_except` has names of checks in `bench/machine_checks.py`. `builds` is
    `None` if each workload decides how many builds it needs. `toolchain` is `None` without --rtopt-toolchain.
    """

    profile: str
    profile_base: Path
    packages: str | None
    packages_base: Path
    build: BuildPolicy
    overlays: tuple[Overlay, ...]
    runtimes: tuple[str, ...]
    runtimes_given: bool
    targets: tuple[str, ...]
    json: Path | None
    html: Path | None
    markdown: Path | None
    budget_seconds: float
    ledger: Path
    ledger_given: bool
    ledger_key: Path | None
    manifest: Path | None
    explain: bool
    bundle: Path | None
    fleet: FleetSettings
    budget_given: bool = False
    strict_machine: bool = False
    strict_except: tuple[str, ...] = ()
    builds: int | None = None
    toolchain: str | None = None
    rivals: tuple[RivalPath, ...] = ()

    @property
    def detects_profile(self) -> bool:
        """Whether the profile is detected on this machine, and not chosen by the user."""
        return self.profile == DETECTED

    @property
    def shared_seconds(self) -> float:
        """The limit in seconds for all workloads: nine minutes, or none if --rtopt-budget is given."""
        return math.inf if self.budget_given else _SHARED_SECONDS

    @property
    def uses_shipped_overlays(self) -> bool:
        """Whether the shipped overlays are judged, and not the user's."""
        return not self.overlays

    @property
    def writes_ledger(self) -> bool:
        """Whether verdicts are written to the ledger. Verdicts on user overlays need --rtopt-ledger."""
        return self.uses_shipped_overlays or self.ledger_given

    def keys(self) -> Keys | None:
        """Return the keys of --rtopt-ledger-key, if given. Raises `ReportError` if they cannot be used."""
        if self.ledger_key is None:
            return None
        from pytest_rtopt.verdict.signature import read_keys  # noqa: PLC0415  # only if something is signed

        return read_keys(self.ledger_key)

    @property
    def outputs(self) -> dict[str, Path]:
        """The output files of the run by option."""
        requested = {"--rtopt-json": self.json, "--rtopt-html": self.html, "--rtopt-markdown": self.markdown}
        named = {flag: path for flag, path in requested.items() if path is not None}
        return {**named, "--rtopt-ledger": self.ledger} if self.ledger_given else named
