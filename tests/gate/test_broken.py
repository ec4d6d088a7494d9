"""Ways to break ledger and switch (`docs/gate.md` has the list): the gate passes whole, and refuses each."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.verdict.bypass import BypassRequest, record_bypass
from pytest_rtopt.verdict.ledger import read_ledger
from pytest_rtopt.verdict.signature import read_keys
from tests.support.gate_cases import Switch, allowed_switch, entry
from tests.support.gate_runs import GATE_OPTIONS, SUITES, assert_refused, by_pytest, gate
from tests.support.ledger_keys import key_file, secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def switch(tmp_path: Path) -> Switch:
    return allowed_switch(tmp_path)


@pytest.mark.detection
def test_what_is_whole_passes_both_ways(switch: Switch) -> None:
    before = switch.ledger.read_bytes()
    for outcome in (gate(switch), by_pytest(switch, *SUITES)):
        assert outcome.status == 0, outcome.output
        assert "allowed  adopted" in outcome.output
    assert switch.ledger.read_bytes() == before, "the gate only reads"


def no_ledger(switch: Switch) -> None:
    switch.ledger.unlink()


def truncated(switch: Switch) -> None:
    switch.ledger.write_bytes(switch.ledger.read_bytes()[:-200])


def a_directory(switch: Switch) -> None:
    switch.ledger.unlink()
    switch.ledger.mkdir()


def newer(switch: Switch) -> None:
    content = json.loads(switch.ledger.read_text())
    switch.ledger.write_text(json.dumps({**content, "schema": 2}))


def conflict(switch: Switch) -> None:
    switch.ledger.write_text(f"<<<<<<< HEAD\n{switch.ledger.read_text()}")


def edited_speedup(switch: Switch) -> None:
    switch.ledger.write_text(switch.ledger.read_text().replace("1.12", "1.92"))


def edited_verdict(switch: Switch) -> None:
    """Claim a verdict that nothing was measured for, under a digest that fits."""
    switch.edit(benchmarks=[], verdict="adopt")


def rejected(switch: Switch) -> None:
    blocks = json.loads(switch.ledger.read_text())["runtimes"]["lua"]["benchmarks"]
    switch.edit(benchmarks=[{**block, "ci95": [0.9, 0.95], "speedup": 0.92} for block in blocks])


def no_entry(switch: Switch) -> None:
    switch.remember()


def another_cpu(switch: Switch) -> None:
    """Judge the code on a CPU that has what this one lacks."""
    known = entry()
    switch.remember(replace(known, cpu_features=known.cpu_features | {"avx4096"}))


def overlay_byte(switch: Switch) -> None:
    switch.install(inputs={"overlay": "c" * 64, "profile": "b" * 64})


def profile_changed(switch: Switch) -> None:
    switch.install(inputs={"overlay": "a" * 64, "profile": "c" * 64})


def nixpkgs_changed(switch: Switch) -> None:
    switch.install(stock={"drv": "/nix/store/n.drv", "out": "/nix/store/n"})


def optimized_changed(switch: Switch) -> None:
    switch.install(optimized={"drv": "/nix/store/n.drv", "out": "/nix/store/n"})


def threshold_raised(switch: Switch) -> None:
    switch.install({"packages": {"lua5_4": {"enable": True, "expect": {"tables": 0.5}}}})


def demands_a_gain(switch: Switch) -> None:
    blocks = json.loads(switch.ledger.read_text())["runtimes"]["lua"]["benchmarks"]
    switch.edit(benchmarks=[{**block, "ci95": [0.995, 1.005], "speedup": 1.0} for block in blocks])
    switch.install({"gate": {"require": "adopt"}})


def left_to_stock(switch: Switch) -> None:
    """Want Lua optimized, and install stock."""
    stock = {"drv": "/nix/store/s.drv", "out": "/nix/store/s"}
    switch.install({"gate": {"runtimes": ["lua"]}}, stock=stock, optimized=stock)


def wrong_policy(switch: Switch) -> None:
    switch.install({"gate": {"require": "whatever"}})


def no_manifest(switch: Switch) -> None:
    switch.manifest.unlink()


def damaged_manifest(switch: Switch) -> None:
    switch.manifest.write_text(switch.manifest.read_text().replace("optimized", "optimised"))


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (no_ledger, "There is no ledger at"),
        (truncated, "is not JSON"),
        (a_directory, "cannot be read"),
        (newer, "has schema 2, and this version of pytest-rtopt reads schema 1"),
        (conflict, "is not JSON"),
        (edited_speedup, "does not match its digest: it was edited, or merged line by line"),
        (edited_verdict, "lua: pending. The evidence is incomplete: no measurement of"),
        (rejected, "lua: reject."),
        (no_entry, "lua is pending: the ledger has no entry for it"),
        (another_cpu, "this CPU lacks avx4096"),
        (overlay_byte, "lua is stale: the overlay changed"),
        (profile_changed, "lua is stale: the profile changed"),
        (nixpkgs_changed, "lua is stale: nixpkgs changed"),
        (optimized_changed, "lua is stale: the derivation of optimized is not the one that was judged"),
        (
            threshold_raised,
            "the profile changed: it required a gain of 0.0% for lua/tables, and now requires 50.0%",
        ),
        (demands_a_gain, 'gate.require = "adopt" in the profile requires a proven gain'),
        (left_to_stock, "lua would be stock, although gate.runtimes in the profile lists it"),
        (wrong_policy, 'field `gate.require`: expected one of "adopt", "no-regression", "verified"'),
        (no_manifest, "there is no such manifest"),
        (damaged_manifest, "expected an object with a field `optimized`"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_is_wrong_with_ledger_or_switch_is_refused(
    switch: Switch, break_it: Callable[[Switch], None], words: str
) -> None:
    break_it(switch)
    assert_refused(gate(switch), words)


def test_a_key_refuses_what_is_unsigned_edited_or_a_stranger_s(switch: Switch) -> None:
    mine = key_file(switch.directory / "mine", secret("mine"))
    keyed = (*GATE_OPTIONS, f"--rtopt-ledger-key={mine}")
    assert_refused(gate(switch, *keyed), "the block of lua is not signed")
    switch.remember(entry(), keys=read_keys(mine))
    assert gate(switch, *keyed).status == 0
    switch.edit(verdict="adopt", reason="because I say so")
    assert_refused(gate(switch, *keyed), "does not match its signature")
    switch.remember(entry(), keys=read_keys(key_file(switch.directory / "theirs", secret("theirs"))))
    assert_refused(gate(switch, *keyed), "is signed with the key `theirs`")
    mine.chmod(0o644)
    assert_refused(gate(switch, *keyed), "other users may read this secret key")


def test_a_clock_that_was_set_back_changes_nothing(switch: Switch) -> None:
    """No answer depends on a date; a bypass of the past does not take the place of one that there is."""
    record_bypass(switch.ledger, BypassRequest("now"))
    os.utime(switch.ledger, (0, 0))
    assert gate(switch).status == 0
    overlay_byte(switch)
    assert_refused(gate(switch), "stale")
    assert [bypass.reason for bypass in read_ledger(switch.ledger).bypasses.values()] == ["now"]


def test_the_bypass_works_and_is_written_down(switch: Switch) -> None:
    rejected(switch)
    word = {"RTOPT_GATE": "skip", "RTOPT_GATE_REASON": "a hole to close"}
    for outcome in (gate(switch, **word), by_pytest(switch, *SUITES, **word)):
        assert outcome.status == 0, outcome.output
        assert "the gate was bypassed (a hole to close), which is written down in" in outcome.output
    assert [entry.reason for entry in read_ledger(switch.ledger).bypasses.values()] == ["a hole to close"] * 2
    assert_refused(gate(switch), "RTOPT_GATE=skip")


def test_a_bypass_that_cannot_be_written_down_does_not_pass(switch: Switch) -> None:
    """A full disk or a read-only home: nobody would ever see that the gate was open."""
    switch.ledger.write_text("{")
    outcome = gate(switch, RTOPT_GATE="skip", XDG_CACHE_HOME="/dev/full")
    assert_refused(outcome, "The bypass of the gate cannot be recorded")


def test_two_gates_at_once_lose_no_bypass(switch: Switch) -> None:
    threads = [
        threading.Thread(target=record_bypass, args=(switch.ledger, BypassRequest(f"{number}")))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_ledger(switch.ledger).bypasses) == 8
