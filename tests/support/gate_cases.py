"""A directory in which the gate passes for Lua, based on a manifest; without Nix, so that tests are fast."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.plugin.session import expected_work
from pytest_rtopt.results.values import (
    BenchmarkResult,
    BenchmarkVerdict,
    Finding,
    FindingStatus,
    Inputs,
    RuntimeResult,
    Speedup,
    StorePaths,
)
from pytest_rtopt.verdict.decide import decide
from pytest_rtopt.verdict.digest import digest
from pytest_rtopt.verdict.ledger import Ledger, LedgerEntry, write_ledger

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.verdict.signature import Keys

STOCK = StorePaths("/nix/store/s-lua-5.4.7.drv", "/nix/store/s-lua-5.4.7")
OPTIMIZED = StorePaths("/nix/store/o-lua-5.4.7.drv", "/nix/store/o-lua-5.4.7")
INPUTS = Inputs(overlay="a" * 64, profile="b" * 64)


def adopted(name: str = "lua") -> RuntimeResult:
    """Return a runtime with all claims proven and all workloads faster."""
    work = expected_work(name)
    faster = Speedup(1.1, (1.08, 1.12), 0.01)
    result = RuntimeResult(
        name=name,
        attr=name,
        version="5.4.7",
        baseline=STOCK,
        optimized=OPTIMIZED,
        findings=tuple(Finding(claim, FindingStatus.PROVEN, "seen") for claim in sorted(work.claims)),
        benchmarks=tuple(
            BenchmarkResult(workload, 20, faster, 0.0, None, None, BenchmarkVerdict.PASS, "")
            for workload in sorted(work.workloads)
        ),
        inputs=INPUTS,
    )
    return decide(result, work)


def entry(result: RuntimeResult | None = None) -> LedgerEntry:
    """Return the ledger entry of a runtime on this machine."""
    host = read_host()
    return LedgerEntry(result or adopted(), host.features, host.kernel, host.microcode)


def recompute_digests(ledger: Path) -> None:
    """Recompute the digests of the blocks in an edited ledger, as an attacker could do."""
    content = json.loads(ledger.read_text())
    for name, block in content["runtimes"].items():
        block["digest"] = digest(name, block)
    ledger.write_text(json.dumps(content))


@dataclass(frozen=True)
class Switch:
    """A directory with a ledger, and a manifest of the runtimes that would be installed."""

    directory: Path

    @property
    def ledger(self) -> Path:
        """The path of the ledger."""
        return self.directory / "rtopt.lock.json"

    @property
    def manifest(self) -> Path:
        """The path of the manifest."""
        return self.directory / "manifest.json"

    def remember(self, *entries: LedgerEntry, keys: Keys | None = None) -> None:
        """Write the ledger with these entries."""
        known = {remembered.result.name: remembered for remembered in entries}
        write_ledger(self.ledger, Ledger(present=True, entries=known), keys)

    def install(self, profile: dict[str, Any] | None = None, **changes: Any) -> None:  # noqa: ANN401  # JSON
        """Write the manifest, with `changes` to the fields of Lua."""
        values = {
            "packages": {"lua5_4": {"enable": True}},
            **(profile or {}),
        }
        block = {
            "attr": "lua5_4",
            "stock": {"drv": STOCK.drv, "out": STOCK.out},
            "optimized": {"drv": OPTIMIZED.drv, "out": OPTIMIZED.out},
            "inputs": {"overlay": INPUTS.overlay, "profile": INPUTS.profile},
            **changes,
        }
        content = {"schema": 1, "profile": values, "runtimes": {"lua": block}}
        self.manifest.write_text(json.dumps(content))

    def edit(self, **changes: Any) -> None:  # noqa: ANN401  # JSON
        """Change fields of Lua's block in the ledger, and recompute its digest."""
        content = json.loads(self.ledger.read_text())
        content["runtimes"]["lua"].update(changes)
        self.ledger.write_text(json.dumps(content))
        recompute_digests(self.ledger)


def allowed_switch(directory: Path) -> Switch:
    """Write a ledger and a manifest that match, so that the gate allows the switch."""
    switch = Switch(directory)
    switch.remember(entry())
    switch.install()
    return switch


def measured(result: RuntimeResult, ci95: tuple[float, float]) -> RuntimeResult:
    """Return the runtime with this interval for every workload."""
    speedup = Speedup(sum(ci95) / 2, ci95, 0.01)
    benchmarks = tuple(replace(benchmark, speedup=speedup) for benchmark in result.benchmarks)
    return replace(result, benchmarks=benchmarks)
