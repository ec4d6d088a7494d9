"""The line that proves to a hook that the gate allowed a switch.

A hook gives the gate a nonce: a random number that nobody can know in advance. Then it compares the line that
the gate prints with the one that it expects:

    rtopt-gate/1 allowed NONCE ledger=sha256:HEX go=/nix/store/… lua=/nix/store/…
    rtopt-gate/1 bypassed NONCE

The first line says that everything named may be installed. HEX is the SHA-256 of the ledger. The runtimes are
sorted by name, each with the store path that was judged. The gate prints no line if it refuses.
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
_BYPASS: Final = f"to bypass the gate once, set {BYPASS}, which the ledger records"


@dataclass(frozen=True)
class Judged:
    """What a run of the gate judged: the SHA-256 of the ledger, and a store path for each runtime."""

    ledger_sha256: str
    paths: Mapping[str, str]


def is_nonce(text: str) -> bool:
    """Return whether `text` is too long to be guessed, and cannot be taken for another part of a line."""
    return _NONCE.fullmatch(text) is not None


def proof_line(nonce: str, judged: Judged) -> str:
    """Return the line that says that everything in `judged` may be installed."""
    paths = (f"{name}={path}" for name, path in sorted(judged.paths.items()))
    return " ".join((_FORMAT, "allowed", nonce, f"ledger=sha256:{judged.ledger_sha256}", *paths))


def bypass_line(nonce: str) -> str:
    """Return the line that says that the gate was bypassed, and that the bypass was recorded."""
    return f"{_FORMAT} bypassed {nonce}"


def unproven(required: Iterable[str], answers: Mapping[str, GateAnswer]) -> tuple[str, ...]:
    """Return why the gate refuses, as sentences with the remedy, or nothing if every runtime may pass.

    A runtime whose test did not run has no answer, whatever the reason was.
    """
    silent = [name for name in required if name not in answers]
    refused = [name for name, answer in answers.items() if not answer.allowed]
    objections = []
    if silent:
        objections.append(
            f"there is no answer for {listing(silent)}: run the whole gate, without -k, --deselect, skips "
            "and the like"
        )
    if refused:
        objections.append(f"{listing(refused)} may not be installed: the reason and the remedy are above")
    return (f"the gate refuses: {'; '.join(objections)}; {_BYPASS}.",) if objections else ()
