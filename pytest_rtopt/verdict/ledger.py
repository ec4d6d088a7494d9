"""`rtopt.lock.json`: what was judged, on which derivations, on which CPU, and with which verdict.

The file is meant to be committed and to be read by Nix as well:
`(builtins.fromJSON (builtins.readFile ./rtopt.lock.json)).runtimes.go.verdict`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_rtopt.atomic import replace_file
from pytest_rtopt.report.document import Document, Field, check_schema, encode, read_document
from pytest_rtopt.report.schema import runtime_from_field, runtime_to_json
from pytest_rtopt.verdict.decide import ExpectedWork, decide

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_rtopt.results import RunResults, RuntimeResult

SCHEMA = 1


@dataclass(frozen=True)
class LedgerEntry:
    """One runtime as it was judged, and the features of the CPU that it was judged on.

    The result carries no build record: what a build cost says nothing about the verdict and would change the
    committed file with every run.
    """

    result: RuntimeResult
    cpu_features: frozenset[str]


@dataclass(frozen=True)
class Ledger:
    """The remembered entries by runtime; `present` is False when there was no file to read."""

    present: bool
    entries: Mapping[str, LedgerEntry] = field(default_factory=dict)


def read_ledger(path: Path) -> Ledger:
    """Return the ledger at `path`, and one that is not `present` if there is no such file.

    Raises `ReportError` if the file cannot be read, is not JSON, has a newer schema, or is wrong in a field.
    """
    remedy = "restore it from version control, or delete it and run the suites again"
    top = read_document(path, Document(str(path), remedy))
    if top is None:
        return Ledger(present=False)
    check_schema(top, SCHEMA)
    runtimes = top.member("runtimes").members()
    return Ledger(present=True, entries={name: _entry(name, runtime) for name, runtime in runtimes.items()})


def write_ledger(path: Path, ledger: Ledger) -> None:
    """Write the ledger to `path` in one step; raises `ReportError` if that is not possible.

    The same entries give the same bytes, whatever order they came in.
    """
    runtimes = {name: _entry_to_json(entry) for name, entry in ledger.entries.items()}
    replace_file(path, encode({"schema": SCHEMA, "runtimes": runtimes}, sort_keys=True))


def merge(ledger: Ledger, results: RunResults, expected: Mapping[str, ExpectedWork]) -> Ledger:
    """Return the ledger after a run; runtimes that the run did not touch stay as they are.

    Where both store paths and the CPU features are the remembered ones, the run replaces only the findings
    and benchmarks it has, and remembered ones stay as long as they are in `expected`; otherwise everything
    remembered of the runtime is dropped. The verdict is decided anew on what is then known. `expected` has
    an entry for every runtime of the run, and `results.host["features"]` is a list of CPU features as in
    `/proc/cpuinfo`.

    Raises `ReportError` if the host's features are missing.
    """
    host = Field(results.host, "host", Document("the results", "record the host's CPU features with them"))
    features = frozenset(feature.text() for feature in host.member("features").elements())
    entries = dict(ledger.entries)
    for name, measured in results.runtimes.items():
        known = entries.get(name)
        kept = known.result if known is not None and known.cpu_features == features else None
        entries[name] = LedgerEntry(_combine(kept, measured, expected[name]), features)
    return Ledger(present=True, entries=entries)


def _combine(known: RuntimeResult | None, measured: RuntimeResult, expected: ExpectedWork) -> RuntimeResult:
    findings, benchmarks = list(measured.findings), list(measured.benchmarks)
    if known is not None and (known.baseline, known.optimized) == (measured.baseline, measured.optimized):
        wanted_claims = (expected.claims | expected.sayings) - {finding.claim for finding in findings}
        findings += [finding for finding in known.findings if finding.claim in wanted_claims]
        wanted_workloads = expected.workloads - {benchmark.workload for benchmark in benchmarks}
        benchmarks += [benchmark for benchmark in known.benchmarks if benchmark.workload in wanted_workloads]
    combined = replace(
        measured,
        build=None,
        findings=tuple(sorted(findings, key=lambda finding: finding.claim)),
        benchmarks=tuple(sorted(benchmarks, key=lambda benchmark: benchmark.workload)),
    )
    return decide(combined, expected)


def _entry(name: str, runtime: Field) -> LedgerEntry:
    features = runtime.member("cpu_features").elements()
    return LedgerEntry(
        result=runtime_from_field(name, runtime),
        cpu_features=frozenset(feature.text() for feature in features),
    )


def _entry_to_json(entry: LedgerEntry) -> dict[str, object]:
    block = runtime_to_json(entry.result)
    del block["build"]
    return {**block, "cpu_features": sorted(entry.cpu_features)}
