"""Parser for Nix's `--log-format internal-json`: lines of standard error to events.

The format is undocumented; the numbers are Nix's `ActivityType` and `ResultType` (`src/libutil/logging.hh`),
stable from 2.4 to 2.34. Unknown activities and results are skipped, because newer versions add some.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class _Activity(IntEnum):
    BUILD = 105


class _Result(IntEnum):
    BUILD_LOG_LINE = 101
    SET_PHASE = 104


_PREFIX: Final = b"@nix "
_LEVEL_ERROR: Final = 0
_ANSI: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class BuildStarted:
    """A builder was started for a derivation."""

    drv: str


@dataclass(frozen=True)
class BuildStopped:
    """The builder of a derivation ended, with success or with an error."""

    drv: str


@dataclass(frozen=True)
class PhaseChanged:
    """A builder entered a phase."""

    drv: str
    phase: str


@dataclass(frozen=True)
class LogLine:
    """A line that a builder printed."""

    drv: str
    text: str


@dataclass(frozen=True)
class Message:
    """A message of Nix itself. `is_error` marks errors."""

    text: str
    is_error: bool


@dataclass(frozen=True)
class Tick:
    """About a second has passed. This event comes from a clock, and not from Nix."""


Event = BuildStarted | BuildStopped | PhaseChanged | LogLine | Message | Tick


def without_colour(text: str) -> str:
    """Return `text` without terminal escapes."""
    return _ANSI.sub("", text)


class EventParser:
    """Turns lines into events. Its only state is the derivation of each running build."""

    def __init__(self) -> None:
        self._building: dict[int, str] = {}

    def feed(self, line: bytes) -> Event | None:
        """Return the event in a line, or `None` if there is none."""
        if not line.startswith(_PREFIX):
            text = without_colour(line.decode(errors="replace"))
            return Message(text, is_error=text.startswith("error:")) if text else None
        try:
            record = json.loads(line[len(_PREFIX) :])
        except (ValueError, RecursionError):
            return None
        if not isinstance(record, dict):
            return None
        return self._event(record)

    def _event(self, record: dict[str, object]) -> Event | None:
        match record:
            case {"action": "msg"}:
                texts = (record.get("raw_msg"), record.get("msg"))
                text = next((text for text in texts if text and isinstance(text, str)), "")
                return Message(without_colour(text), is_error=record.get("level") == _LEVEL_ERROR)
            case {
                "action": "start",
                "type": _Activity.BUILD,
                "id": int(identity),
                "fields": [str(drv), *_],
            }:
                self._building[identity] = drv
                return BuildStarted(drv)
            case {"action": "stop", "id": int(identity)} if identity in self._building:
                return BuildStopped(self._building.pop(identity))
            case {"action": "result", "id": int(identity), "fields": [str(first) | int(first), *_]} if (
                identity in self._building
            ):
                return _result(self._building[identity], record.get("type"), str(first))
        return None


def _result(drv: str, kind: object, text: str) -> Event | None:
    if kind == _Result.BUILD_LOG_LINE:
        return LogLine(drv, without_colour(text))
    if kind == _Result.SET_PHASE:
        return PhaseChanged(drv, text)
    return None
