"""The bypass of the gate: one word in the environment, written down with time and reason."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.errors import ReportError
from pytest_rtopt.base.state import user_state
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
    """That the bypass was asked for, and why."""

    reason: str


def requested_bypass(environment: Mapping[str, str] = os.environ) -> BypassRequest | None:
    """Return the bypass that the environment asks for, if it does.

    Raises `ReportError` for any other word than the one that there is: `RTOPT_GATE=off` must not look like a
    switch.
    """
    word = environment.get(VARIABLE, "")
    if not word:
        return None
    if word != _WORD:
        raise ReportError(
            f"{VARIABLE}: {word!r} means nothing; the one word is `{_WORD}`, or unset the variable."
        )
    return BypassRequest(" ".join(environment.get(REASON, "").split()) or _NO_REASON)


def record_bypass(ledger: Path, bypass: BypassRequest, now: datetime | None = None) -> Path:
    """Write the bypass into the ledger, or where that cannot be done into the user's cache, and return which.

    A ledger in the Nix store is read-only, and one that is damaged is left as it is. Raises `ReportError`
    where neither takes it: what nobody can see later does not pass.
    """
    errors = []
    for path in (ledger, user_state().root / "bypasses.json"):
        try:
            with locked(path):
                write_ledger(path, _with(read_ledger(path), bypass, now or datetime.now(UTC)))
        except ReportError as error:
            errors.append(str(error))
        else:
            return path
    raise ReportError(
        f"The bypass of the gate cannot be written down, and does not pass without: {' '.join(errors)}"
    )


def _with(ledger: Ledger, bypass: BypassRequest, now: datetime) -> Ledger:
    time = now.isoformat(timespec="microseconds")
    return replace(ledger, present=True, bypasses={**ledger.bypasses, time: Bypass(bypass.reason)})
