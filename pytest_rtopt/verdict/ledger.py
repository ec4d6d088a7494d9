"""`rtopt.lock.json`: what was judged, on which derivations, on which CPU, and with which verdict.

The file is meant to be committed, to be merged block by block, and to be read by Nix as well:
`(builtins.fromJSON (builtins.readFile ./rtopt.lock.json)).runtimes.go.verdict`. `bypasses` beside the
runtimes holds each time that somebody passed the gate without being asked.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from pytest_rtopt.base.atomic_write import replace_file
from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.base.state import user_state
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
    """One runtime as it was judged, and the features of the CPU that it was judged on.

    The result carries no build record: what a build cost says nothing about the verdict and would change the
    committed file with every run. Kernel and microcode are those of the machine then, where it told.
    `signature` is what the block was read with; a new one has none yet.
    """

    result: RuntimeResult
    cpu_features: frozenset[str]
    kernel: str | None = None
    microcode: str | None = None
    signature: str | None = None


@dataclass(frozen=True)
class Bypass:
    """That the gate was passed by its bypass, with the reason that was given."""

    reason: str


@dataclass(frozen=True)
class Ledger:
    """The remembered entries by runtime, and bypasses by time (ISO 8601, UTC).

    `present` is False when there was no file to read. `sha256` is the hash of the file that was read.
    """

    present: bool
    entries: Mapping[str, LedgerEntry] = field(default_factory=dict)
    bypasses: Mapping[str, Bypass] = field(default_factory=dict)
    sha256: str = field(default="", compare=False)


def read_ledger(path: Path, keys: Keys | None = None, remedy: str | None = None) -> Ledger:
    """Return the ledger at `path`, and one that is not `present` if there is no such file.

    `remedy` is what errors advise where the file is not one that the user keeps.

    Raises `ReportError` if the file cannot be read, is not JSON, has a newer schema, or is wrong in a field,
    and where a block is not signed by one of `keys`, if there are any.
    """
    document = Document(str(path), remedy or _RESTORE)
    text = read_text(path, document)
    if text is None:
        return Ledger(present=False)
    top = parse_document(text, document)
    check_schema(top, SCHEMA)
    runtimes, bypasses = top.member("runtimes").members(), top.optional("bypasses")
    for runtime in runtimes.values():
        _check_seals(path, keys, runtime, remedy or _RESTORE_BLOCK)
    return Ledger(
        present=True,
        entries={name: _entry(name, runtime) for name, runtime in runtimes.items()},
        bypasses={}
        if bypasses is None
        else {time: Bypass(field.member("reason").text()) for time, field in bypasses.members().items()},
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def write_ledger(path: Path, ledger: Ledger, keys: Keys | None = None) -> None:
    """Write the ledger to `path` in one step; what is new in it is signed if there are keys.

    The same entries give the same bytes, whatever order they came in, and blocks that a run did not touch
    keep their signatures: those of other machines of a fleet do not change with every run. Raises
    `ReportError` if it cannot be written, or not signed.
    """
    runtimes = {name: _sealed(name, entry, keys) for name, entry in ledger.entries.items()}
    bypasses = {time: {"reason": bypass.reason} for time, bypass in ledger.bypasses.items()}
    content = {"schema": SCHEMA, "runtimes": runtimes, **({"bypasses": bypasses} if bypasses else {})}
    replace_file(path, encode(content, sort_keys=True))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one run at a time read and write the ledger; raises `ReportError` where nothing can be locked."""
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()
    lock = user_state().root / "locks" / name
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=_LOCK_SECONDS):
            yield
    except Timeout as error:
        raise ReportError(
            f"{path}: another run keeps it locked ({lock}); let that end and run again."
        ) from error
    except OSError as error:
        raise ReportError(
            f"{lock}: nothing can be locked there ({error.strerror}); make it writable."
        ) from error


def _check_seals(path: Path, keys: Keys | None, runtime: Field, remedy: str) -> None:
    name = runtime.place.removeprefix("runtimes.")
    signature = _text(runtime.optional("signature"))
    objection = None
    if runtime.member("digest").text() != digest(name, runtime.mapping()):
        objection = "does not match its digest: it was edited, or merged line by line"
    elif keys is not None:
        objection = keys.objection(name, runtime.mapping(), signature)
    if objection is not None:
        raise ReportError(f"{path}: the block of {name} {objection}; {remedy}.")


def _sealed(name: str, entry: LedgerEntry, keys: Keys | None) -> dict[str, object]:
    block = _entry_to_json(entry)
    block["digest"] = digest(name, block)
    if entry.signature is not None:
        return {**block, "signature": entry.signature}
    return block if keys is None else {**block, "signature": keys.sign(name, block)}


def merge(ledger: Ledger, results: RunResults, expected: Mapping[str, ExpectedWork]) -> Ledger:
    """Return the ledger after a run; runtimes that the run did not touch stay as they are.

    Where both store paths and the CPU features are the remembered ones, the run replaces only the findings
    and benchmarks it has, and remembered ones stay as long as they are in `expected`; otherwise everything
    remembered of the runtime is dropped. The verdict is decided anew on what is then known; an entry that
    does not change by that stays as it is, signed by whom it was. `expected` has an entry for every runtime
    of the run.

    Raises `ReportError` if the host's features are missing.
    """
    host, features = _host(results), features_of(results)
    kernel, microcode = (_text(host.optional(name)) for name in ("kernel", "microcode"))
    entries = dict(ledger.entries)
    for name, measured in results.runtimes.items():
        known = entries.get(name)
        kept = known.result if known is not None and known.cpu_features == features else None
        judged = combine(kept, measured, expected[name])
        if known is None or kept is None or not _says_the_same(known, replace(known, result=judged)):
            entries[name] = LedgerEntry(judged, features, kernel, microcode)
    return replace(ledger, present=True, entries=entries)


def features_of(results: RunResults) -> frozenset[str]:
    """Return the CPU features of the machine that a run was on, as in `/proc/cpuinfo`.

    Raises `ReportError` if they are missing.
    """
    return frozenset(feature.text() for feature in _host(results).member("features").elements())


def _host(results: RunResults) -> Field:
    return Field(results.host, "host", Document("the results", "record the host's CPU features with them"))


def _says_the_same(known: LedgerEntry, other: LedgerEntry) -> bool:
    name = known.result.name
    return digest(name, _entry_to_json(known)) == digest(name, _entry_to_json(other))


def combine(known: RuntimeResult | None, measured: RuntimeResult, expected: ExpectedWork) -> RuntimeResult:
    """Return what is measured with what was known of the same builds, as far as it is `expected`, decided."""
    findings, benchmarks = list(measured.findings), list(measured.benchmarks)
    no_request = measured.no_request
    if known is not None and known.builds == measured.builds:
        if not findings:
            # Whether anything is asked for is found out with the findings.
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
