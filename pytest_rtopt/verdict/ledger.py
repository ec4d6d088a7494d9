"""`rtopt.lock.json`: what was judged, on which derivations, on which CPU, and with which verdict.

The file is made to be committed, to be merged block by block, and to be read by Nix as well:
`(builtins.fromJSON (builtins.readFile ./rtopt.lock.json)).runtimes.go.verdict`. `bypasses` records each
bypass of the gate.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from pytest_rtopt.base.atomic_write import replace_file
from pytest_rtopt.base.cache_directory import user_cache_directory
from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.results.document import (
    Document,
    Field,
    check_schema,
    encode,
    parse_document,
    read_text,
)
from pytest_rtopt.results.schema import runtime_from_field, runtime_to_json
from pytest_rtopt.verdict.decide import ExpectedWork, decide
from pytest_rtopt.verdict.digest import digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pytest_rtopt.results.values import RunResults, RuntimeResult
    from pytest_rtopt.verdict.signature import Keys

SCHEMA = 1
_LOCK_SECONDS: Final = 60.0
_RESTORE: Final = "restore it from version control, or delete it and run the suites again"
_RESTORE_BLOCK: Final = "restore it from version control, or delete the block and judge the runtime again"


@dataclass(frozen=True)
class LedgerEntry:
    """One runtime as it was judged, and the CPU features of the machine that judged it.

    The result has no build record. The cost of a build does not matter to the verdict, and would change the
    committed file with every run. `kernel` and `microcode` are those of the judging machine, if known.
    `signature` is the one in the file that was read; a new entry has none yet.
    """

    result: RuntimeResult
    cpu_features: frozenset[str]
    kernel: str | None = None
    microcode: str | None = None
    signature: str | None = None


@dataclass(frozen=True)
class Bypass:
    """One bypass of the gate, with the given reason."""

    reason: str


@dataclass(frozen=True)
class Ledger:
    """The entries by runtime, and the bypasses by time (ISO 8601, UTC).

    `present` is False if there was no file. `sha256` is the hash of the file.
    """

    present: bool
    entries: Mapping[str, LedgerEntry] = field(default_factory=dict)
    bypasses: Mapping[str, Bypass] = field(default_factory=dict)
    sha256: str = field(default="", compare=False)


def read_ledger(path: Path, keys: Keys | None = None, remedy: str | None = None) -> Ledger:
    """Return the ledger at `path`. If there is no such file, it is empty and not `present`.

    `remedy` replaces the advice in errors, for a file that is not the user's own.

    Raises `ReportError` if the file cannot be read, is not JSON, or has a newer schema or a wrong field. With
    `keys`, it also raises if one of them did not sign each block.
    """
    document = Document(str(path), remedy or _RESTORE)
    text = read_text(path, document)
    if text is None:
        return Ledger(present=False)
    top = parse_document(text, document)
    check_schema(top, SCHEMA)
    runtimes, bypasses = top.member("runtimes").members(), top.optional("bypasses")
    for runtime in runtimes.values():
        _check_block(path, keys, runtime, remedy or _RESTORE_BLOCK)
    return Ledger(
        present=True,
        entries={name: _entry(name, runtime) for name, runtime in runtimes.items()},
        bypasses={}
        if bypasses is None
        else {time: Bypass(field.member("reason").text()) for time, field in bypasses.members().items()},
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def write_ledger(path: Path, ledger: Ledger, keys: Keys | None = None) -> None:
    """Write the ledger to `path` in one step. New entries are signed if there are keys.

    The same entries give the same bytes in any order. Entries that a run did not change keep their
    signatures, so that the entries of other machines do not change with every run. Raises `ReportError` if
    the ledger cannot be written or signed.
    """
    runtimes = {name: _signed_block(name, entry, keys) for name, entry in ledger.entries.items()}
    bypasses = {time: {"reason": bypass.reason} for time, bypass in ledger.bypasses.items()}
    content = {"schema": SCHEMA, "runtimes": runtimes, **({"bypasses": bypasses} if bypasses else {})}
    replace_file(path, encode(content, sort_keys=True))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let only one run at a time read and write the ledger. Raises `ReportError` if it cannot be locked."""
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()
    lock = user_cache_directory().root / "locks" / name
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=_LOCK_SECONDS):
            yield
    except Timeout as error:
        raise ReportError(
            f"{path}: another run has locked it ({lock}); wait until that run ends, and run again."
        ) from error
    except OSError as error:
        raise ReportError(
            f"{lock}: the lock file cannot be used ({error.strerror}); make it writable."
        ) from error


def _check_block(path: Path, keys: Keys | None, runtime: Field, remedy: str) -> None:
    name = runtime.place.removeprefix("runtimes.")
    signature = _text(runtime.optional("signature"))
    objection = None
    if runtime.member("digest").text() != digest(name, runtime.mapping()):
        objection = "does not match its digest: it was edited, or merged line by line"
    elif keys is not None:
        objection = keys.objection(name, runtime.mapping(), signature)
    if objection is not None:
        raise ReportError(f"{path}: the block of {name} {objection}; {remedy}.")


def _signed_block(name: str, entry: LedgerEntry, keys: Keys | None) -> dict[str, object]:
    block = _entry_to_json(entry)
    block["digest"] = digest(name, block)
    if entry.signature is not None:
        return {**block, "signature": entry.signature}
    return block if keys is None else {**block, "signature": keys.sign(name, block)}


def merge(ledger: Ledger, results: RunResults, expected: Mapping[str, ExpectedWork]) -> Ledger:
    """Return the ledger after a run. Runtimes that the run did not judge stay as they are.

    If both builds and the CPU features are those in the ledger, the run replaces only the findings and
    benchmarks that it has. Older ones stay if they are in `expected`. Otherwise the run replaces the whole
    entry. The verdict is then decided again. An entry that does not change keeps its signature. `expected`
    has an entry for every runtime of the run.

    Raises `ReportError` if the host's features are missing.
    """
    host, features = _host(results), features_of(results)
    kernel, microcode = (_text(host.optional(name)) for name in ("kernel", "microcode"))
    entries = dict(ledger.entries)
    for name, measured in results.runtimes.items():
        known = entries.get(name)
        kept = known.result if known is not None and known.cpu_features == features else None
        judged = combine(kept, measured, expected[name])
        if known is None or kept is None or not _is_unchanged(known, replace(known, result=judged)):
            entries[name] = LedgerEntry(judged, features, kernel, microcode)
    return replace(ledger, present=True, entries=entries)


def features_of(results: RunResults) -> frozenset[str]:
    """Return the CPU features of the machine that a run was on, as in `/proc/cpuinfo`.

    Raises `ReportError` if they are missing.
    """
    return frozenset(feature.text() for feature in _host(results).member("features").elements())


def _host(results: RunResults) -> Field:
    return Field(results.host, "host", Document("the results", "record the host's CPU features with them"))


def _is_unchanged(known: LedgerEntry, other: LedgerEntry) -> bool:
    name = known.result.name
    return digest(name, _entry_to_json(known)) == digest(name, _entry_to_json(other))


def combine(known: RuntimeResult | None, measured: RuntimeResult, expected: ExpectedWork) -> RuntimeResult:
    """Return new results with older ones of the same builds, as far as `expected`, and with a verdict."""
    findings, benchmarks = list(measured.findings), list(measured.benchmarks)
    no_request = measured.no_request
    if known is not None and known.builds == measured.builds:
        if not findings:
            # A run with findings also finds out whether anything is requested.
            no_request = known.no_request
        wanted_claims = (expected.claims | expected.self_reported) - {finding.claim for finding in findings}
        findings += [finding for finding in known.findings if finding.claim in wanted_claims]
        wanted_workloads = expected.workloads - {benchmark.workload for benchmark in benchmarks}
        benchmarks += [benchmark for benchmark in known.benchmarks if benchmark.workload in wanted_workloads]
    combined = replace(
        measured,
        build=None,
        findings=tuple(sorted(findings, key=lambda finding: finding.claim)),
        benchmarks=tuple(sorted(benchmarks, key=lambda benchmark: benchmark.workload)),
        no_request=no_request,
    )
    return decide(combined, expected)


def _text(field: Field | None) -> str | None:
    return None if field is None else field.text()


def _entry(name: str, runtime: Field) -> LedgerEntry:
    features = runtime.member("cpu_features").elements()
    return LedgerEntry(
        result=runtime_from_field(name, runtime),
        cpu_features=frozenset(feature.text() for feature in features),
        kernel=_text(runtime.optional("kernel")),
        microcode=_text(runtime.optional("microcode")),
        signature=_text(runtime.optional("signature")),
    )


def _entry_to_json(entry: LedgerEntry) -> dict[str, object]:
    block = runtime_to_json(entry.result)
    # What a build cost and whose packages these were say nothing about the verdict.
    del block["build"], block["platform"]
    return {
        **block,
        "cpu_features": sorted(entry.cpu_features),
        "kernel": entry.kernel,
        "microcode": entry.microcode,
    }
