"""Reads damaged inputs like a run does; the only exception that a reader may raise is `RtoptError`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_rtopt.claims.requested_profile import OverlayRequest, with_requests
from pytest_rtopt.evidence.census.cache import cached_evidence
from pytest_rtopt.evidence.census.census import census
from pytest_rtopt.evidence.census.differential import compare
from pytest_rtopt.evidence.derivation.exported import misplaced
from pytest_rtopt.evidence.elf.image import elf_files, linker_of, read_elf
from pytest_rtopt.evidence.elf.switches import parse_switches
from pytest_rtopt.evidence.elf.unwrap import real_binary
from pytest_rtopt.evidence.log.build_log import parse_log
from pytest_rtopt.evidence.overlay_changes import changes_of
from pytest_rtopt.evidence.requested import requested_by
from pytest_rtopt.nix.derivation import name_of, parse_derivations
from pytest_rtopt.nix.events import EventParser
from pytest_rtopt.nix.explain import explain_evaluation_error, explain_store_error
from pytest_rtopt.results.values import RunResults, RuntimeResult, StorePaths
from pytest_rtopt.runtimes import NAMES, runtime
from pytest_rtopt.verdict.decide import ExpectedWork
from pytest_rtopt.verdict.ledger import Ledger, merge, read_ledger, write_ledger
from tests.support.fuzz_elf import BOMB, delete, flip, mutated, repeat, truncate
from tests.support.fuzz_text import mutated_json, mutated_text
from tests.support.observations import binary, observation, profile, side
from tests.support.sample_results import finding

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from pytest_rtopt.evidence.census.census import Census
    from pytest_rtopt.evidence.observation import Observation, Side
    from pytest_rtopt.nix.derivation import Derivation

DATA: Final = Path(__file__).parent.parent / "data"
_STORE: Final = "/nix/store"
_SETTINGS: Final[dict[str, Any]] = {
    "enableLTO": True,
    "pgoLevel": "FULL",
    "goamd64": "v3",
    "staticTls": True,
    "staticInterpreter": True,
    "loopWithoutProfile": True,
    "linker": "mold",
}
_WORK: Final = ExpectedWork(frozenset({"lua/isa-level"}), frozenset({"lua/strings"}))


@dataclass(frozen=True)
class Target:
    """A kind of input: `damaged` makes an input, and `read` reads it."""

    damaged: Callable[[random.Random], bytes]
    read: Callable[[bytes], None]


def targets(corpus: Path, scratch: Path) -> dict[str, Target]:
    """Return the targets by name; they read ELF files from `corpus` and write files into `scratch`."""
    program = corpus / "plain"
    whole = {path.name: path.read_bytes() for path in corpus.iterdir() if path.name != BOMB}
    bomb = (corpus / BOMB).read_bytes()
    stock = census(read_elf(program))
    judged = replace(binary(stock, cold_functions=40), switches=parse_switches(read_elf(program).switches))
    derivations = _recorded("nix/*/derivation-*.json")
    first = next(iter(parse_derivations(derivations[0], _STORE).values()))
    logs, said = _recorded("logs/*.log"), _recorded("nix/*/error-*.txt") + _recorded("nix/*/build-*.jsonl")
    made = observation(profile("skylake", **_SETTINGS), _side(first, judged), _side(first, judged))
    written = scratch / "ledger"
    result = RuntimeResult("lua", "lua5_4", "5.4", StorePaths("/a", "/b"), StorePaths("/c", "/d"))
    results = RunResults({"features": ["avx"]}, {}, {}, {"lua": replace(result, findings=(finding(),))})
    write_ledger(written, merge(Ledger(present=False), results, {"lua": _WORK}))
    ledgers = [written.read_text()]
    cached_evidence(program, scratch / "cache")
    (entry,) = (scratch / "cache").glob("*.npz")
    stored = entry.read_bytes()
    scripts = [f'#!/bin/sh\nexec -a "$0" "{program}"\n', f"makeCWrapper '{program}'\n", "x"]

    def text(recorded: list[str]) -> Callable[[random.Random], bytes]:
        return lambda chance: mutated_text(chance, recorded).encode(errors="surrogatepass")

    def document(recorded: list[str]) -> Callable[[random.Random], bytes]:
        return lambda chance: mutated_json(chance, recorded).encode(errors="surrogatepass")

    return {
        "elf": Target(
            lambda chance: mutated(chance, whole, bomb), lambda data: _elf(_file(scratch, data), stock)
        ),
        "log": Target(text(logs), lambda data: _log(data.decode(errors="replace"), made)),
        "derivation": Target(
            document(derivations), lambda data: _derivation(data.decode(errors="replace"), made)
        ),
        "nix": Target(text(said), _nix),
        "ledger": Target(document(ledgers), lambda data: _ledger(_file(scratch, data), results)),
        "census": Target(
            lambda chance: _bent(chance, stored), lambda data: _stored(data, program, scratch / "cache")
        ),
        "wrapper": Target(
            text(scripts), lambda data: _ignored(real_binary(scratch, (_file(scratch, data).name,)))
        ),
    }


def _bent(chance: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        chance.choice((flip, truncate, repeat, delete))(chance, changed)
    return bytes(changed)


def _recorded(pattern: str) -> list[str]:
    return [path.read_text(errors="replace") for path in sorted(DATA.glob(pattern))]


def _file(scratch: Path, data: bytes) -> Path:
    path = scratch / "plain.mutant"
    path.write_bytes(data)
    return path


def _side(derivation: Derivation, judged: object) -> Side:
    known = [runtime(name) for name in NAMES]
    named = {binary: judged for one in known for binary in one.binaries}
    reports = {report: "" for one in known for report in one.reports}
    return side(derivation, named, reports=reports)  # type: ignore[arg-type]  # a Binary for each


def _elf(path: Path, stock: Census) -> None:
    elf_files(path)
    linker_of(path)
    image = read_elf(path)
    parse_switches(image.switches).march()
    for function in image.functions:
        assert 0 < function.size <= len(image.executable[function.section].data) - function.offset
    taken = census(image)
    assert 0 <= taken.coverage.share <= 1
    compare(stock, taken).in_words()


def _judge(seen: Observation) -> None:
    """Decide all claims of all runtimes on this observation."""
    for name in NAMES:
        known = runtime(name)
        for claim in known.claims:
            assert known.judge(claim, seen).evidence


def _log(text: str, made: Observation) -> None:
    log = parse_log(text)
    assert set(log.compilations) <= set(log.calls)
    said = {**made.optimized.reports, "compiled": text, "v8": text, "cgo-commands": text, "maps": text}
    derivation = replace(made.optimized.derivation, path="/another")
    optimized = replace(made.optimized, log=log, reports=said, derivation=derivation)
    optimized = replace(optimized, program_reports={"records": text})
    _judge(replace(made, optimized=optimized))


def _derivation(text: str, made: Observation) -> None:
    for path, found in parse_derivations(text, _STORE).items():
        assert path == found.path
        name_of(path)
        misplaced(found, "-march=")
        pair = (made.stock.derivation, found)
        request = OverlayRequest(requested_by(pair), changes_of(pair))
        word = with_requests(made.profile, "lua5_4", request)
        optimized = replace(made.optimized, derivation=found, program_derivation=found)
        for prebuilt in (False, True):
            _judge(replace(made, profile=word, optimized=optimized, prebuilt=prebuilt))


def _nix(data: bytes) -> None:
    parser = EventParser()
    for line in data.splitlines():
        parser.feed(line)
        parser.feed(b"@nix " + line)
    text = data.decode(errors="replace")
    assert explain_evaluation_error(text)
    explain_store_error(text, (_STORE, "/nix/var/nix"))


def _ledger(path: Path, results: RunResults) -> None:
    merge(read_ledger(path), results, {"lua": _WORK})


def _stored(data: bytes, program: Path, cache: Path) -> None:
    """Read a stored census; it must be comparable, whatever was stored."""
    cached_evidence(program, cache)
    (entry,) = cache.glob("*.npz")
    whole = entry.read_bytes()
    entry.write_bytes(data)
    try:
        taken = cached_evidence(program, cache).census
        compare(taken, taken).in_words()
        assert taken.coverage.share >= 0
    finally:
        entry.write_bytes(whole)


def _ignored(_value: object) -> None:
    pass
