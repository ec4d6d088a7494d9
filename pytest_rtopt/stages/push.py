"""The end of a run with `--rtopt-push`: signs adopted builds and copies them with their parcel."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_rtopt.base.cache_directory import user_cache_directory
from pytest_rtopt.evidence.reader import Reader
from pytest_rtopt.nix.cache import secret_keys
from pytest_rtopt.nix.client import find_nix
from pytest_rtopt.results.values import RuntimeVerdict
from pytest_rtopt.runtimes import runtime as runtime_named
from pytest_rtopt.stages.fleet import JudgedBuilds, Parcel, find_caches, parcel_from, parcels
from pytest_rtopt.stages.packages import prepare_packages
from pytest_rtopt.verdict.ledger import Ledger, write_ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_rtopt.nix.cache import Cache
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.results.values import RuntimeResult
    from pytest_rtopt.stages.settings import Settings
    from pytest_rtopt.verdict.ledger import LedgerEntry


def push_adopted(settings: Settings, entries: Mapping[str, LedgerEntry]) -> Iterator[str]:
    """Copy the builds of adopted `entries`, and return a sentence for each entry.

    A parcel is copied after its builds. Raises `CacheError` if something cannot be signed or copied.
    """
    nix = prepare_packages(settings, find_nix()).nix
    cache = find_caches(settings.fleet, nix)[0]
    for name, entry in entries.items():
        verdict = entry.result.verdict
        if verdict is not RuntimeVerdict.ADOPT:
            yield f"{name} is {verdict}, and only what is adopted is pushed: nothing of it was copied."
            continue
        yield _push(cache, entry)


def _push(cache: Cache, entry: LedgerEntry) -> str:
    result = entry.result
    judgement = JudgedBuilds(result.name, result.baseline, result.optimized, result.programs, result.inputs)
    keys = secret_keys(cache.nix)
    outputs = _outputs(cache.nix, result)
    cache.put(outputs, keys)
    there = parcels(cache, judgement)
    previous = parcel_from(cache, there[-1]) if there else None
    with tempfile.TemporaryDirectory(prefix="rtopt-parcel-") as scratch:
        packed = Parcel(Path(scratch) / judgement.name)
        _pack(packed, cache.nix, entry, previous)
        what = f"{result.name} is adopted: {', '.join(outputs)} with all that they need"
        if previous is not None and previous.ledger.read_bytes() == packed.ledger.read_bytes():
            return f"{what} are in {cache.url} already, with this ledger entry ({there[-1]})."
        path = judgement.parcel_path(cache.nix, len(there))
        cache.nix.add_at(packed.directory, path)
    cache.put([path], keys)
    return f"{what} were copied to {cache.url}, with their ledger entry and logs ({path})."


def _outputs(nix: Nix, result: RuntimeResult) -> list[str]:
    """Return the outputs of both sides in this store, because other machines verify against stock, too."""
    sides = [result.baseline, result.optimized]
    if result.programs is not None:
        sides += [result.programs.baseline, result.programs.optimized]
    known = nix.derivations(sorted({side.drv for side in sides}))
    outputs = [out for drv in known.values() for out in drv.outputs.values()]
    absent = nix.missing(outputs)
    return [out for out in outputs if out not in absent]


def _pack(parcel: Parcel, nix: Nix, entry: LedgerEntry, previous: Parcel | None) -> None:
    """Write a parcel. Builds that came from the cache keep the logs that came with them."""
    result = entry.result
    write_ledger(parcel.ledger, Ledger(present=True, entries={result.name: entry}))
    reader = Reader(nix, user_cache_directory().census, frozenset())
    runtime, sides = runtime_named(result.name), (result.baseline.drv, result.optimized.drv)
    for own in nix.derivations(sides).values():
        drv = reader.compiling(runtime, own).path
        log, file = nix.log(drv, None if previous is None else previous.log(drv)), parcel.log(drv)
        if log is not None:
            file.parent.mkdir(exist_ok=True)
            file.write_text(log)
