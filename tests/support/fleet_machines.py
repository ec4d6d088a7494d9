"""Simulated machines of a fleet, one at a time in the same directory, because Nix's paths contain it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base import process
from pytest_rtopt.nix.client import Nix, find_nix
from pytest_rtopt.plugin.session import expected_work
from pytest_rtopt.results.values import BenchmarkResult, BenchmarkVerdict, Speedup
from pytest_rtopt.verdict.decide import decide
from pytest_rtopt.verdict.ledger import Ledger, LedgerEntry, read_ledger, write_ledger
from tests.support.gate_cases import Switch
from tests.support.gate_runs import Outcome, by_pytest, gate
from tests.support.private_store import private_environment

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.verdict.signature import Keys

# The gate takes no option from the environment.
SELECTION: Final = ("--rtopt-packages=embedded", "--rtopt-toolchain=host", "--rtopt-runtime=lua")
_NAMES: Final = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)


@dataclass(frozen=True)
class Machine:
    """A machine with its own store, home and repository below `directory`."""

    directory: Path
    settings: tuple[str, ...] = ()

    @property
    def repository(self) -> Switch:
        """The repository with its ledger."""
        return Switch(self.directory / "repository")

    @property
    def environment(self) -> dict[str, str]:
        """The environment that selects its store and configures its Nix."""
        return {
            **private_environment(self.directory),
            "HOME": str(self.directory),
            "NIX_CONFIG": "\n".join(self.settings),
        }

    @property
    def nix(self) -> Nix:
        """A Nix with this environment."""
        return replace(find_nix(), environment=self.environment)

    @property
    def entry(self) -> LedgerEntry:
        """The entry for Lua in its ledger."""
        return read_ledger(self.repository.ledger).entries["lua"]

    def with_settings(self, *settings: str) -> Machine:
        """Return the same machine with further lines in the configuration of its Nix."""
        return Machine(self.directory, (*self.settings, *settings))

    def suites(self, stages: str, *options: str, **environment: str) -> Outcome:
        """Run stages of the suites on this machine."""
        words = ("--pyargs", "pytest_rtopt.suites", "-q", "-m", stages, *SELECTION, *options)
        return by_pytest(self.repository, *words, **{**self.environment, **environment})

    def gate(self, *options: str) -> Outcome:
        """Run the gate as a hook does."""
        return gate(self.repository, *SELECTION, *options, **self.environment)

    def remember(self, entry: LedgerEntry, keys: Keys | None = None) -> None:
        """Write a ledger with this entry."""
        ledger = Ledger(present=True, entries={entry.result.name: replace(entry, signature=None)})
        write_ledger(self.repository.ledger, ledger, keys)


@dataclass
class Place:
    """The directory that holds one machine after the other; earlier machines are kept beside it."""

    root: Path
    _gone: int = field(default=0)

    def machine(self, *settings: str) -> Machine:
        """Move the current machine away and return a new, empty one."""
        here = self.root / "machine"
        if here.exists():
            self._gone += 1
            here.rename(self.root / f"gone-{self._gone}")
        (here / "repository").mkdir(parents=True)
        return Machine(here, settings)


@dataclass(frozen=True)
class Key:
    """A key pair of a cache, in the files that Nix makes."""

    secret: Path
    public: Path

    @property
    def signing(self) -> str:
        """The setting of a Nix that signs with this key."""
        return f"secret-key-files = {self.secret}"

    @property
    def trusted(self) -> str:
        """The setting of a Nix that trusts this key."""
        return f"trusted-public-keys = {self.public.read_text()}"


def make_key(directory: Path, name: str) -> Key:
    """Make a key pair whose secret file only the owner may read."""
    key = Key(directory / f"{name}.sec", directory / f"{name}.pub")
    command = ["nix-store", "--generate-binary-cache-key", name, str(key.secret), str(key.public)]
    process.check(command, timeout=60)
    key.secret.chmod(0o600)
    return key


def measured_faster(entry: LedgerEntry) -> LedgerEntry:
    """Return the entry with a proven gain for every workload."""
    work, faster = expected_work("lua"), Speedup(1.1, (1.08, 1.12), 0.01)
    benchmarks = tuple(
        BenchmarkResult(workload, 20, faster, 0.0, None, None, BenchmarkVerdict.PASS, "")
        for workload in sorted(work.workloads)
    )
    return replace(entry, result=decide(replace(entry.result, benchmarks=benchmarks), work), signature=None)


def copied(cache: Path, to: Path) -> str:
    """Copy a cache and return the URL of the copy."""
    shutil.copytree(cache, to)
    return f"file://{to}"
