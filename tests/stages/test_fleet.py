"""A fleet with a signed cache: one machine builds, judges and pushes Lua; others only fetch it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.results.values import FindingStatus, RuntimeVerdict
from pytest_rtopt.verdict.ledger import Ledger, LedgerEntry, read_ledger, write_ledger
from pytest_rtopt.verdict.signature import read_keys
from tests.support.fleet_machines import Key, Machine, Place, copied, make_key, measured_faster
from tests.support.gate_runs import assert_refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_store import PrivateStore


pytestmark = pytest.mark.usefixtures("runs_detected_code")

TAKE = ("--rtopt-build=never",)


@dataclass(frozen=True)
class Fleet:
    """A cache with pushed builds, its key, the output of the first machine, and a directory for others."""

    place: Place
    cache: Path
    key: Key
    output: str
    entry: LedgerEntry

    @property
    def url(self) -> str:
        """The URL of the cache."""
        return f"file://{self.cache}"

    def newcomer(self) -> Machine:
        """Return another machine that trusts the cache."""
        return self.place.machine(self.key.trusted)


@pytest.fixture(scope="module")
def fleet(private_store: PrivateStore, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Let a first machine build Lua, find it faster, and push it."""
    root = tmp_path_factory.mktemp("fleet")
    key, place, cache = make_key(root, "fleet-1"), Place(root), root / "cache"
    machine = place.machine(key.signing)
    sources = private_store.directory / "cache" / "pytest-rtopt" / "sources"
    if sources.is_dir():
        shutil.copytree(sources, machine.directory / "cache" / "pytest-rtopt" / "sources")
    built = machine.suites("build or verify")
    assert built.status == 0, built.output
    machine.remember(measured_faster(machine.entry))
    pushed = machine.suites("verify", f"--rtopt-cache=file://{cache}", "--rtopt-push")
    assert pushed.status == 0, pushed.output
    return Fleet(place, cache, key, pushed.output, machine.entry)


def started_builds(machine: Machine) -> list[str]:
    """Return the logs of all builds that a machine has ever started."""
    return [file.name for file in (machine.directory / "var" / "log" / "nix").rglob("*.drv*")]


def parcel_path(output: str) -> str:
    found = re.search(r"\((/[^)]+-rtopt-parcel-lua)\)", output)
    assert found is not None, output
    return found[1]


def test_what_was_copied_is_said(fleet: Fleet) -> None:
    assert "rtopt: lua is adopted: " in fleet.output
    for paths in (fleet.entry.result.baseline, fleet.entry.result.optimized):
        assert paths.out in fleet.output
    assert f"were copied to {fleet.url}" in fleet.output


def test_another_machine_takes_all_builds_nothing_verifies_and_passes_the_gate(fleet: Fleet) -> None:
    machine = fleet.newcomer()
    assert_refused(machine.gate(), "There is no ledger")
    run = machine.suites("build or verify", f"--rtopt-cache={fleet.url}", *TAKE)
    assert run.status == 0, run.output
    assert started_builds(machine) == []
    assert not (machine.directory / "cache" / "pytest-rtopt" / "sources").exists(), "nor were sources fetched"
    assert machine.entry.result.verdict is RuntimeVerdict.ADOPT
    assert machine.entry.result == fleet.entry.result, "no finding differs, the logs came along"
    assert {finding.status for finding in machine.entry.result.findings} >= {FindingStatus.PROVEN}
    allowed = machine.gate()
    assert allowed.status == 0, allowed.output
    # What was pushed once is there; and the gate asks no cache.
    again = machine.with_settings(fleet.key.signing).suites(
        "verify", f"--rtopt-cache={fleet.url}", "--rtopt-push"
    )
    assert again.status == 0, again.output
    assert f"are in {fleet.url} already" in again.output
    assert machine.gate("--rtopt-cache=file:///nowhere").status == 0


def test_a_tampered_archive_is_refused_and_nothing_is_judged(fleet: Fleet, tmp_path: Path) -> None:
    url = copied(fleet.cache, tmp_path / "tampered")
    narinfo = tmp_path / "tampered" / f"{hash_of(fleet.entry.result.optimized.out)}.narinfo"
    archive = re.search(r"^URL: (.*)$", narinfo.read_text(), re.MULTILINE)
    assert archive is not None
    file = tmp_path / "tampered" / archive[1]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)
    machine = fleet.newcomer()
    run = machine.suites("build or verify", f"--rtopt-cache={url}", *TAKE)
    assert_refused(
        run, f"{fleet.entry.result.optimized.out} cannot be taken from {url}: an archive does not match"
    )
    assert not machine.repository.ledger.exists()
    assert_refused(machine.gate(), "There is no ledger")
    # Where building is allowed it is refused as well, and not built behind the user's back.
    assert_refused(machine.suites("build", f"--rtopt-cache={url}"), "an archive does not match its signature")
    assert not any("-lua-5" in name for name in started_builds(machine))


def test_a_cache_of_somebody_else_is_refused(fleet: Fleet, tmp_path: Path) -> None:
    machine = fleet.place.machine(make_key(tmp_path, "stranger-1").trusted)
    run = machine.suites("build", f"--rtopt-cache={fleet.url}", *TAKE)
    assert_refused(
        run, "is not signed by any of the keys in Nix's trusted-public-keys; if the cache is yours"
    )
    # Switched off in the configuration, signatures are still asked for.
    lax = machine.with_settings("require-sigs = false").suites("build", f"--rtopt-cache={fleet.url}", *TAKE)
    assert_refused(lax, "is not signed by any of the keys")


def test_a_cache_without_signatures_is_refused(fleet: Fleet, tmp_path: Path) -> None:
    url = copied(fleet.cache, tmp_path / "unsigned")
    for narinfo in (tmp_path / "unsigned").glob("*.narinfo"):
        narinfo.write_text(re.sub(r"^Sig: .*\n", "", narinfo.read_text(), flags=re.MULTILINE))
    run = fleet.newcomer().suites("build", f"--rtopt-cache={url}", *TAKE)
    assert_refused(run, "is not signed by any of the keys in Nix's trusted-public-keys")


def test_a_cache_that_is_not_there_ends_the_run_first(fleet: Fleet, tmp_path: Path) -> None:
    machine = fleet.newcomer()
    nowhere = machine.suites("build", f"--rtopt-cache=file://{tmp_path}/cahce")
    assert_refused(nowhere, f"{tmp_path}/cahce has no nix-cache-info; check the spelling of --rtopt-cache")
    assert not (tmp_path / "cahce").exists()
    scheme = machine.suites("build", f"--rtopt-cache=fiel://{fleet.cache}", *TAKE)
    assert_refused(scheme, f"The cache fiel://{fleet.cache} cannot be used; check that the URL is right")
    refused = machine.suites("build", "--rtopt-cache=http://127.0.0.1:9/cache", *TAKE)
    assert_refused(refused, "The cache http://127.0.0.1:9/cache cannot be used")


def test_what_the_cache_does_not_have_is_not_built_unasked(fleet: Fleet, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    shutil.copy(fleet.cache / "nix-cache-info", empty)
    run = fleet.newcomer().suites("build", f"--rtopt-cache=file://{empty}", *TAKE)
    assert_refused(run, "lua is not built, no --rtopt-cache has it, and building takes about")


def hash_of(path: str) -> str:
    return path.rsplit("/", 1)[-1].split("-", 1)[0]


def test_with_a_ledger_key_only_entries_that_it_signed_are_taken(fleet: Fleet, tmp_path: Path) -> None:
    url, ledger_key = copied(fleet.cache, tmp_path / "signed"), make_key(tmp_path, "ledger-1")
    take, public = (f"--rtopt-cache={url}", *TAKE), f"--rtopt-ledger-key={ledger_key.public}"
    refused = fleet.newcomer().suites("build", *take, public)
    assert_refused(
        refused, "the block of lua is not signed; push it again from a machine with the ledger key"
    )
    # Whoever has the key of the cache and not that of the ledger can push what is refused.
    forger = fleet.newcomer().with_settings(fleet.key.signing)
    assert forger.suites("build", *take).status == 0
    forger.remember(fleet.entry, read_keys(make_key(tmp_path, "forger-1").secret))
    forged = forger.suites("build", *take, "--rtopt-push", f"--rtopt-ledger-key={tmp_path / 'forger-1.sec'}")
    assert forged.status == 0, forged.output
    refused = fleet.newcomer().suites("build", *take, public)
    assert_refused(
        refused, "the block of lua is signed with the key `forger-1`, which is not one of ledger-1"
    )
    # The right key replaces it, and its public half is enough to take and to gate.
    owner = fleet.newcomer().with_settings(fleet.key.signing)
    owner.remember(fleet.entry, read_keys(ledger_key.secret))
    pushed = owner.suites("build", *take, "--rtopt-push", f"--rtopt-ledger-key={ledger_key.secret}")
    assert pushed.status == 0, pushed.output
    machine = fleet.newcomer()
    taken = machine.suites("build or verify", *take, public)
    assert taken.status == 0, taken.output
    assert machine.entry.signature == owner_signature(ledger_key, fleet.entry)
    assert machine.gate(public).status == 0


def test_only_what_is_adopted_is_pushed(fleet: Fleet, tmp_path: Path) -> None:
    machine = fleet.newcomer()
    assert machine.suites("build", f"--rtopt-cache={fleet.url}", *TAKE).status == 0
    machine.remember(replace(fleet.entry, result=replace(fleet.entry.result, findings=())))
    new = f"--rtopt-cache=file://{tmp_path / 'new'}"
    unsigned = machine.suites("build", new, "--rtopt-push", *TAKE)
    assert_refused(unsigned, "--rtopt-push signs with the keys in Nix's secret-key-files, and there are none")
    run = machine.with_settings(fleet.key.signing).suites("build", new, "--rtopt-push", *TAKE)
    assert run.status == 0, run.output
    assert (
        "rtopt: lua is pending, and only what is adopted is pushed: nothing of it was copied." in run.output
    )
    assert not list((tmp_path / "new").glob("*.narinfo"))


def owner_signature(key: Key, entry: LedgerEntry) -> str | None:
    """Return the signature that the key gives this entry."""
    file = key.secret.with_name("expected.json")
    write_ledger(file, Ledger(present=True, entries={"lua": entry}), read_keys(key.secret))
    return read_ledger(file).entries["lua"].signature
