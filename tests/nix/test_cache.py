"""Caches at the level of store paths, with a derivation of one line: put, take, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import CacheError
from pytest_rtopt.nix.cache import Cache, secret_keys
from pytest_rtopt.results.values import StorePaths
from pytest_rtopt.stages.fleet import JudgedBuilds, parcel_from, parcels
from tests.support.fleet_machines import Key, Machine, Place, make_key

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.nix.client import Nix

_PLAIN = """{ }: derivation {
  name = "plain"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo hello > $out" ];
}"""


@dataclass(frozen=True)
class Shop:
    """A place for machines, a key, and the URL of a cache that does not exist yet."""

    place: Place
    key: Key
    directory: Path

    @property
    def url(self) -> str:
        """The URL of the cache."""
        return f"file://{self.directory}"

    def cache(self, *settings: str) -> Cache:
        """Return the cache as a new machine sees it."""
        return Cache(nix_of(self.place.machine(*settings)), self.url)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(Place(tmp_path), make_key(tmp_path, "shop-1"), tmp_path / "cache")


def nix_of(machine: Machine) -> Nix:
    return machine.nix.with_settings("sandbox = false")


def built(nix: Nix, directory: Path) -> str:
    file = directory / "plain.nix"
    file.write_text(_PLAIN)
    drv = nix.instantiate(file, {})
    command = nix.command("nix-store", "--realise", drv)
    return process.check(command, timeout=60, surroundings=nix.surroundings).text.strip()


def test_what_is_put_is_signed_and_taken_by_who_trusts_the_key(shop: Shop, tmp_path: Path) -> None:
    first = shop.cache(shop.key.signing)
    assert secret_keys(first.nix) == (shop.key.secret,)
    out = built(first.nix, tmp_path)
    assert not first.holds(out)
    first.put([out], secret_keys(first.nix))
    second = shop.cache(shop.key.trusted)
    second.check()
    assert second.holds(out)
    with pytest.raises(CacheError, match="is not signed by any of the keys in Nix's trusted-public-keys"):
        shop.cache().take(out)
    third = shop.cache(shop.key.trusted)
    third.take(out, tmp_path / "root")
    assert not third.nix.missing([out])
    assert (tmp_path / "root").is_symlink()


def test_an_earlier_copy_without_signature_is_no_success(shop: Shop, tmp_path: Path) -> None:
    first = shop.cache(shop.key.signing)
    out = built(first.nix.with_settings("secret-key-files ="), tmp_path)
    copy = first.nix.command("nix", "copy", "--to", shop.url, out)
    process.check(copy, timeout=60, surroundings=first.nix.surroundings)
    with pytest.raises(CacheError, match="has it without our signature, from an earlier copy"):
        first.put([out], secret_keys(first.nix))


def test_a_cache_that_cannot_be_written_takes_nothing(shop: Shop, tmp_path: Path) -> None:
    first = shop.cache(shop.key.signing)
    out = built(first.nix, tmp_path)
    with pytest.raises(CacheError, match="check that you may write there"):
        replace(first, url="file:///proc/rtopt-cache").put([out], secret_keys(first.nix))


def test_parcels_are_numbered_and_nothing_is_replaced(shop: Shop, tmp_path: Path) -> None:
    first = shop.cache(shop.key.signing)
    judgement = JudgedBuilds("lua", StorePaths("/a.drv", "/a"), StorePaths("/b.drv", "/b"), None, None)
    other = replace(judgement, optimized=StorePaths("/c.drv", "/c"))
    for number, text in enumerate(("old", "new")):
        directory = tmp_path / text / judgement.name
        directory.mkdir(parents=True)
        (directory / "ledger.json").write_text(text)
        assert len(parcels(first, judgement)) == number
        path = judgement.parcel_path(first.nix, number)
        first.nix.add_at(directory, path)
        first.put([path], secret_keys(first.nix))
    assert parcels(first, other) == []
    second = shop.cache(shop.key.trusted)
    texts = [parcel_from(second, path).ledger.read_text() for path in parcels(second, judgement)]
    assert texts == ["old", "new"]
    # At the same path our store may have the parcel of another cache.
    path = judgement.parcel_path(second.nix, 0)
    second.nix.add_at(tmp_path / "new" / judgement.name, path)
    assert parcel_from(second, path).ledger.read_text() == "old"
