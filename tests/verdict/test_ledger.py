"""The ledger: merging runs, refusing damaged files, surviving a kill, being read by Nix."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.results.values import FindingStatus, RunResults, RuntimeVerdict
from pytest_rtopt.verdict.decide import ExpectedWork
from pytest_rtopt.verdict.ledger import Ledger, merge, read_ledger, write_ledger
from tests.support.sample_results import benchmark, finding, go, lua, paths, run

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = Ledger(present=False)
EXPECTED = {
    "lua": ExpectedWork(frozenset({"lua/isa-level", "lua/pgo-used"}), frozenset({"lua/binary-trees"})),
    "go": ExpectedWork(frozenset({"go/goamd64-default"}), frozenset({"go/compile-std"})),
}
VERIFIED = replace(lua(), findings=(finding("lua/pgo-used"), finding("lua/isa-level")), benchmarks=())
MEASURED = replace(lua(), findings=(), benchmarks=(benchmark(),))


def after(*runs: RunResults) -> Ledger:
    ledger = EMPTY
    for results in runs:
        ledger = merge(ledger, results, EXPECTED)
    return ledger


def known(ledger: Ledger) -> tuple[list[str], list[str], RuntimeVerdict]:
    result = ledger.entries["lua"].result
    claims = [item.claim for item in result.findings]
    return claims, [item.workload for item in result.benchmarks], result.verdict


def test_a_missing_file_is_an_absent_ledger(tmp_path: Path) -> None:
    assert read_ledger(tmp_path / "rtopt.lock.json") == Ledger(present=False)


def test_an_empty_ledger_is_present_once_written(tmp_path: Path) -> None:
    write_ledger(tmp_path / "rtopt.lock.json", EMPTY)
    assert read_ledger(tmp_path / "rtopt.lock.json") == Ledger(present=True)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path, ledger = tmp_path / "rtopt.lock.json", after(run(lua(), go()))
    write_ledger(path, ledger)
    assert read_ledger(path) == ledger


def test_the_bytes_do_not_depend_on_the_order_of_a_run(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    turned = replace(lua(), findings=lua().findings[::-1], benchmarks=lua().benchmarks[::-1])
    write_ledger(one, after(run(lua(), go())))
    write_ledger(other, after(run(go(), turned)))
    assert one.read_bytes() == other.read_bytes()
    assert one.read_text().endswith("}\n")


def test_the_file_holds_what_the_gate_needs(tmp_path: Path) -> None:
    path = tmp_path / "rtopt.lock.json"
    write_ledger(path, after(run(lua())))
    block = json.loads(path.read_text())["runtimes"]["lua"]
    assert block["optimized"] == {"drv": lua().optimized.drv, "out": lua().optimized.out}
    assert block["cpu_features"] == ["avx", "avx2", "bmi1", "bmi2", "fma", "sse4_2"]
    assert "build" not in block


def test_verify_and_benchmark_in_two_runs_add_up() -> None:
    claims = ["lua/isa-level", "lua/pgo-used"]
    assert known(after(run(VERIFIED))) == (claims, [], RuntimeVerdict.PENDING)
    assert known(after(run(VERIFIED), run(MEASURED))) == (claims, ["lua/binary-trees"], RuntimeVerdict.ADOPT)
    assert after(run(VERIFIED), run(MEASURED)) == after(run(MEASURED), run(VERIFIED))


def test_a_run_replaces_what_it_measured_again() -> None:
    refuted = replace(VERIFIED, findings=(finding("lua/pgo-used", FindingStatus.REFUTED),))
    ledger = after(run(VERIFIED), run(MEASURED), run(refuted))
    statuses = {item.claim: item.status for item in ledger.entries["lua"].result.findings}
    assert statuses == {"lua/pgo-used": FindingStatus.REFUTED, "lua/isa-level": FindingStatus.PROVEN}
    assert ledger.entries["lua"].result.verdict is RuntimeVerdict.REJECT


@pytest.mark.parametrize("side", ["baseline", "optimized"])
def test_another_derivation_drops_what_was_known_of_the_old_one(side: str) -> None:
    changed = paths("lua-5.4.7", "0" * 32)
    moved = (
        replace(MEASURED, baseline=changed) if side == "baseline" else replace(MEASURED, optimized=changed)
    )
    assert known(after(run(VERIFIED), run(moved))) == ([], ["lua/binary-trees"], RuntimeVerdict.PENDING)


def test_another_cpu_drops_what_was_known_of_the_old_one() -> None:
    elsewhere = replace(run(MEASURED), host={"features": ["avx"]})
    assert known(after(run(VERIFIED), elsewhere)) == ([], ["lua/binary-trees"], RuntimeVerdict.PENDING)


def test_a_claim_that_is_not_made_any_more_is_forgotten() -> None:
    gone = replace(VERIFIED, findings=(*VERIFIED.findings, finding("lua/gone", FindingStatus.REFUTED)))
    assert known(after(run(gone)))[2] is RuntimeVerdict.REJECT
    assert known(after(run(gone), run(MEASURED)))[2] is RuntimeVerdict.ADOPT


def test_runtimes_that_a_run_did_not_touch_stay() -> None:
    before = after(run(lua(), go()))
    assert merge(before, run(VERIFIED), EXPECTED).entries["go"] == before.entries["go"]


def test_a_host_without_features_is_refused() -> None:
    with pytest.raises(ReportError, match="field `host`: expected an object with a field `features`"):
        merge(EMPTY, replace(run(lua()), host={}), EXPECTED)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"schema": 2, "runtimes": {}}', "has schema 2"),
        ('{"schema": 1, "runtimes": []}', "field `runtimes`: expected an object"),
        ('{"schema": 1, "runtimes": {"go": {}}}', "field `runtimes.go`: expected an object with a field"),
        ("<<<<<<< HEAD\n", "is not JSON .* restore it from version control, or delete it"),
    ],
)
def test_a_damaged_ledger_is_refused_with_the_remedy(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "rtopt.lock.json"
    path.write_text(content)
    with pytest.raises(ReportError, match=message) as caught:
        read_ledger(path)
    assert str(caught.value).startswith(str(path))


def test_a_killed_write_leaves_the_old_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, old = tmp_path / "rtopt.lock.json", after(run(lua()))
    write_ledger(path, old)

    def interrupt(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_ledger(path, after(run(lua(), go())))
    assert read_ledger(path) == old


def test_nix_reads_the_verdict(tmp_path: Path) -> None:
    path = tmp_path / "rtopt.lock.json"
    write_ledger(path, after(run(VERIFIED), run(MEASURED)))
    expression = f"(builtins.fromJSON (builtins.readFile {path})).runtimes.lua.verdict"
    answer = process.check(["nix-instantiate", "--eval", "--expr", expression], timeout=60)
    assert answer.text.strip() == '"adopt"'
