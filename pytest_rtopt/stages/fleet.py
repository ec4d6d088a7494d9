"""Builds that machines of a fleet share, each with a parcel: its ledger entry and its build logs.

A parcel is a directory in the store, so any Nix store can carry and sign it like a build. Its path is
computed from the judged builds and a number, not from its contents. A machine that evaluates the same
derivations can therefore find it. Nothing in a cache is replaced: a later judgement, or one on another CPU,
gets the next number.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from itertools import count, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.nix.cache import Cache, secret_keys
from pytest_rtopt.verdict.ledger import read_ledger

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.results.values import Inputs, Programs, StorePaths
    from pytest_rtopt.stages.settings import FleetSettings
    from pytest_rtopt.verdict.ledger import LedgerEntry
    from pytest_rtopt.verdict.signature import Keys

_LEDGER: Final = "ledger.json"
_LOGS: Final = "logs"
_REMEDY: Final = (
    "push it again from a machine with the ledger key (--rtopt-push --rtopt-ledger-key FILE), or judge the "
    "runtime here without --rtopt-cache"
)


@dataclass(frozen=True)
class JudgedBuilds:
    """The builds that a ledger entry is about, and the hashes of the inputs that they were made with."""

    runtime: str
    stock: StorePaths
    optimized: StorePaths
    programs: Programs | None
    inputs: Inputs | None

    def parcel_path(self, nix: Nix, number: int) -> str:
        """Return the store path of the parcel with this number.

        It is the path of a fixed-output file with the SHA-256 of this description. No such file exists.
        """
        text = json.dumps({**asdict(self), "number": number}, sort_keys=True)
        return nix.fixed_path(self.name, hashlib.sha256(text.encode()).hexdigest())

    @property
    def name(self) -> str:
        """The name of all parcels of the runtime."""
        return f"rtopt-parcel-{self.runtime}"


@dataclass(frozen=True)
class Parcel:
    """A directory with a ledger of one entry and the logs of its builds."""

    directory: Path

    @property
    def ledger(self) -> Path:
        """The path of the ledger."""
        return self.directory / _LEDGER

    def log(self, drv: str) -> Path:
        """Return the path of the log of a derivation; the file may be missing."""
        return self.directory / _LOGS / f"{Path(drv).name}.log"

    def entry(self, runtime: str, keys: Keys | None) -> LedgerEntry:
        """Return the entry. Raises `ReportError` if it is damaged or not signed by one of `keys`."""
        entries = read_ledger(self.ledger, keys, _REMEDY).entries
        if runtime not in entries:
            raise ReportError(f"{self.ledger} has no entry for {runtime}; {_REMEDY}.")
        return entries[runtime]


@dataclass(frozen=True)
class Recipient:
    """The machine that fetches a parcel: its CPU features, its ledger keys, and whether it `pushes`.

    A machine that pushes skips parcels that its keys did not sign, because it will push a better one.
    """

    features: frozenset[str]
    keys: Keys | None
    pushes: bool = False


def find_caches(fleet: FleetSettings, nix: Nix) -> tuple[Cache, ...]:
    """Return the caches of the run in the given order.

    Raises `CacheError` if one cannot be reached, or if a run that pushes has no key to sign with.
    """
    caches = tuple(Cache(nix, url) for url in fleet.caches)
    if fleet.push:
        secret_keys(nix)
    for cache in caches:
        cache.check(writes=fleet.push and cache is caches[0])
    return caches


def fetch_builds(caches: Sequence[Cache], roots_by_path: Mapping[str, Path]) -> None:
    """Fetch each path that a cache has, and register its garbage collector root.

    Raises `CacheError` if a cache has a path that cannot be trusted.
    """
    for path, root in roots_by_path.items():
        cache = next((cache for cache in caches if cache.holds(path)), None)
        if cache is not None:
            cache.take(path, root)


def parcels(cache: Cache, judgement: JudgedBuilds) -> list[str]:
    """Return the paths of the parcels in a cache, oldest first."""
    paths = (judgement.parcel_path(cache.nix, number) for number in count())
    return list(takewhile(cache.holds, paths))


def fetch_parcel(caches: Sequence[Cache], judgement: JudgedBuilds, recipient: Recipient) -> Parcel | None:
    """Return the newest parcel that was judged on a CPU with the same features as the recipient's.

    Otherwise, return the newest one from a CPU with fewer features, else the newest of all, else `None`.
    Raises `CacheError` if a parcel cannot be trusted, and `ReportError` if its ledger is damaged or not
    signed by one of the keys.
    """
    found: list[tuple[int, Parcel]] = []
    for cache in caches:
        for path in reversed(parcels(cache, judgement)):
            parcel = parcel_from(cache, path)
            try:
                judged_on = parcel.entry(judgement.runtime, recipient.keys).cpu_features
            except ReportError:
                if recipient.pushes:
                    continue
                raise
            if judged_on == recipient.features:
                return parcel
            found.append((0 if judged_on < recipient.features else 1, parcel))
    return min(found, key=lambda rated: rated[0])[1] if found else None


def parcel_from(cache: Cache, path: str) -> Parcel:
    """Fetch the parcel at `path`. A different one from another cache may be in the store, and is replaced."""
    ours, theirs = cache.local_info(path), cache.info(path)
    if ours is not None and theirs is not None and ours.nar_hash != theirs.nar_hash:
        cache.nix.delete(path)
    cache.take(path)
    return Parcel(Path(path))
