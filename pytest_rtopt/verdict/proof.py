"""What proves an answer of the gate: a line for hooks, and an answer for each runtime behind it.

A hook makes up a number that nobody can know beforehand (a nonce) and gives it to the gate. Then it compares
the line that the gate prints with the one that it expects:

    rtopt-gate/1 allowed NONCE ledger=sha256:HEX go=/nix/store/… lua=/nix/store/…
    rtopt-gate/1 bypassed NONCE

The first says that everything named may be installed: HEX is the SHA-256 of the ledger's bytes, and each
runtime, sorted by name, is followed by the store path that was judged. There is no line for a refusal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pytest_rtopt.results.phrases import listing
from pytest_rtopt.verdict.gate import BYPASS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_rtopt.results.values import GateAnswer

_FORMAT: Final = "rtopt-gate/1"
_NONCE: Final = re.compile(r"[0-9A-Za-z-]{16,128}")
_BYPASS: Final = f"to pass it all the same, this once: {BYPASS}, which the ledger remembers"


@dataclass(frozen=True)
class Judged:
    """What a run of the gate judged: the SHA-256 of the ledger, and a store path for each runtime."""

    ledger_sha256: str
    paths: Mapping[str, str]


def is_nonce(text: str) -> bool:
    """Say whether `text` is long enough not to be guessed, and cannot be taken for another part of a line."""
    return _NONCE.fullmatch(text) is not None


def proof_line(nonce: str, judged: Judged) -> str:
    """Return the line that says that everything in `judged` may be installed."""
    paths = (f"{name}={path}" for name, path in sorted(judged.paths.items()))
    return " ".join((_FORMAT, "allowed", nonce, f"ledger=sha256:{judged.ledger_sha256}", *paths))


def bypass_line(nonce: str) -> str:
    """Return the line that says that the gate was bypassed, and that this was written down."""
    return f"{_FORMAT} bypassed {nonce}"


def unproven(required: Iterable[str], answers: Mapping[str, GateAnswer]) -> tuple[str, ...]:
    """Return why the gate refuses, in sentences with the remedy; none if every required runtime may pass.

    A test that did not run is no answer, whatever kept it from running.
    """
    silent = [name for name in required if name not in answers]
    refused = [name for name, answer in answers.items() if not answer.allowed]
    objections = []
    if silent:
        objections.append(
            f"there is no answer for {listing(silent)}: run the gate whole, without -k, --deselect, skips "
            "and the like"
        )
    if refused:
        objections.append(f"{listing(refused)} may not be installed: the reason and the remedy are above")
    return (f"the gate refuses: {'; '.join(objections)}; {_BYPASS}.",) if objections else ()
