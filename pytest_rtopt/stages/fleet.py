"""What machines of a fleet hand to each other: builds, each with a parcel of its ledger entry and build logs.

A parcel is a directory in the store, so that any Nix store carries it and signs it like the builds. Its path
follows from what was judged and a number, and not from its contents: whoever evaluates the same derivations
finds it. Nothing in a cache is ever replaced; what is judged again, or on another CPU, has the next number.
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
    "push it again from a machine with the ledger key (--rtopt-push --rtopt-ledger-key FILE), or leave "
    "--rtopt-cache away and judge the runtime here"
)


@dataclass(frozen=True)
class Judgement:
    """What an entry of a ledger is about: the builds of a runtime, and what they are made with."""

    runtime: str
    stock: StorePaths
    optimized: StorePaths
    programs: Programs | None
    inputs: Inputs | None

    def parcel_path(self, nix: Nix, number: int) -> str:
        """Return the store path of the parcel with this number.

        It is where a file would be that has the SHA-256 of this description; there is no such file.
        """
        text = json.dumps({**asdict(self), "number": number}, sort_keys=True)
        return nix.fixed_path(self.name, hashlib.sha256(text.encode()).hexdigest())

    @property
    def name(self) -> str:
        """The name of all its parcels."""
        return f"rtopt-parcel-{self.runtime}"


@dataclass(frozen=True)
class Parcel:
    """A directory with a ledger of one entry, and the logs of the builds that it is about."""

    directory: Path

    @property
    def ledger(self) -> Path:
        """The ledger."""
        return self.directory / _LEDGER

    def log(self, drv: str) -> Path:
        """Return where the log of a derivation is, if it is there."""
        return self.directory / _LOGS / f"{Path(drv).name}.log"

    def entry(self, runtime: str, keys: Keys | None) -> LedgerEntry:
        """Return the entry; raises `ReportError` where it is damaged, or not signed by one of `keys`."""
        entries = read_ledger(self.ledger, keys, _REMEDY).entries
        if runtime not in entries:
            raise ReportError(f"{self.ledger} has no entry for {runtime}; {_REMEDY}.")
        return entries[runtime]


@dataclass(frozen=True)
class Recipient:
    """Who takes a parcel: the features of its CPU, the keys of its ledger, and whether it `pushes` one.

    Who pushes replaces an entry that the keys did not sign, and has to be able to.
    """

    features: frozenset[str]
    keys: Keys | None
    pushes: bool = False


def find_caches(fleet: FleetSettings, nix: Nix) -> tuple[Cache, ...]:
    """Return the caches that were named, in this order.

    Raises `CacheError` where one cannot be reached, or where a run that is to push has no key to sign with.
    """
    caches = tuple(Cache(nix, url) for url in fleet.caches)
    if fleet.push:
        secret_keys(nix)
    for cache in caches:
        cache.check(writes=fleet.push and cache is caches[0])
    return caches


def take_builds(caches: Sequence[Cache], wanted: Mapping[str, Path]) -> None:
    """Take those of the `wanted` paths that a cache has, each kept by its root.

    Raises `CacheError` where a cache has one and it cannot be trusted.
    """
    for path, root in wanted.items():
        cache = next((cache for cache in caches if cache.holds(path)), None)
        if cache is not None:
            cache.take(path, root)


def parcels(cache: Cache, judgement: Judgement) -> list[str]:
    """Return the paths of the parcels that a cache has, oldest first."""
    paths = (judgement.parcel_path(cache.nix, number) for number in count())
    return list(takewhile(cache.holds, paths))


def take_parcel(caches: Sequence[Cache], judgement: Judgement, recipient: Recipient) -> Parcel | None:
    """Return the newest parcel that was judged on a CPU with the features of the recipient's.

    Else the newest from one that has no more than these, else the newest of all; `None` where there is none.
    Raises `CacheError` for one that cannot be trusted, and `ReportError` where its ledger is damaged, or not
    signed by one of the keys.
    """
    found: list[tuple[int, Parcel]] = []
    for cache in caches:
        for path in reversed(parcels(cache, judgement)):
            parcel = taken_parcel(cache, path)
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


def taken_parcel(cache: Cache, path: str) -> Parcel:
    """Take one parcel; of another cache, our store may have another one at the path."""
    ours, theirs = cache.local_info(path), cache.info(path)
    if ours is not None and theirs is not None and ours.nar_hash != theirs.nar_hash:
        cache.nix.delete(path)
    cache.take(path)
    return Parcel(Path(path))
