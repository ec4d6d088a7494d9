"""The bypass of the gate: a variable in the environment. Each use is recorded with time and reason."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.cache_directory import user_cache_directory
from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.verdict.ledger import Bypass, Ledger, locked, read_ledger, write_ledger

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VARIABLE: Final = "RTOPT_GATE"
REASON: Final = "RTOPT_GATE_REASON"
_WORD: Final = "skip"
_NO_REASON: Final = "no reason was given"


@dataclass(frozen=True)
class BypassRequest:
    """A request for the bypass, with its reason."""

    reason: str


def requested_bypass(environment: Mapping[str, str] = os.environ) -> BypassRequest | None:
    """Return the bypass that the environment requests, or `None`.

    Raises `ReportError` for any value other than `skip`, because `RTOPT_GATE=off` must not look as if it had
    worked.
    """
    word = environment.get(VARIABLE, "")
    if not word:
        return None
    if word != _WORD:
        raise ReportError(
            f"{VARIABLE}: {word!r} is not a known value; set it to `{_WORD}`, or unset the variable."
        )
    return BypassRequest(" ".join(environment.get(REASON, "").split()) or _NO_REASON)


def record_bypass(ledger: Path, bypass: BypassRequest, now: datetime | None = None) -> Path:
    """Record the bypass in the ledger, else in the user's cache, and return the file.

    A ledger in the Nix store is read-only, and a damaged ledger is not changed. Raises `ReportError` if
    neither file can be written, because a bypass without a record is not allowed.
    """
    errors = []
    for path in (ledger, user_cache_directory().root / "bypasses.json"):
        try:
            with locked(path):
                write_ledger(path, _with(read_ledger(path), bypass, now or datetime.now(UTC)))
        except ReportError as error:
            errors.append(str(error))
        else:
            return path
    raise ReportError(
        f"The bypass of the gate cannot be recorded, so the gate refuses it: {' '.join(errors)}"
    )


def _with(ledger: Ledger, bypass: BypassRequest, now: datetime) -> Ledger:
    time = now.isoformat(timespec="microseconds")
    return replace(ledger, present=True, bypasses={**ledger.bypasses, time: Bypass(bypass.reason)})
