"""Builds derivations: reports events, records costs, and ends errors with the last lines of the log."""

from __future__ import annotations

import json
import re
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pytest_rtopt.base import process
from pytest_rtopt.base.atomic_write import replace_file
from pytest_rtopt.base.errors import FailedBuildError
from pytest_rtopt.nix.derivation import name_of
from pytest_rtopt.nix.events import BuildStarted, BuildStopped, Event, EventParser, LogLine, Message, Tick
from pytest_rtopt.nix.explain import disk_is_full
from pytest_rtopt.nix.memory import PeakMemory
from pytest_rtopt.results.values import BuildRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pytest_rtopt.nix.client import Nix

_TAIL_LINES: Final = 40
# Errors quote the derivation: "builder for '/nix/store/….drv' failed with exit code 2", "Cannot build '…'" in
# later versions, "hash mismatch in fixed-output derivation '…'". The derivation that failed comes before
# those that depend on it.
_NAMED: Final = re.compile(r"'(/[^']+\.drv)'")
_BUILD_SECONDS: Final = 6 * 3600.0


@dataclass
class _Observation:
    """The state of a running build: when derivations started and ended, and the last lines of their logs."""

    memory: PeakMemory
    started: dict[str, float] = field(default_factory=dict)
    finished: dict[str, tuple[float, int | None]] = field(default_factory=dict)
    tails: dict[str, deque[str]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def failed(self) -> tuple[str, ...]:
        """The derivations that errors name. The first one is the cause."""
        return tuple(match[1] for text in self.errors for match in _NAMED.finditer(text))

    def note(self, event: Event | None) -> None:
        match event:
            case BuildStarted(drv):
                self.started[drv] = time.monotonic()
                self.memory.restart()
            case BuildStopped(drv) if drv in self.started:
                self.finished[drv] = (time.monotonic() - self.started.pop(drv), self.memory.peak_bytes)
            case LogLine(drv, text):
                self.tails.setdefault(drv, deque(maxlen=_TAIL_LINES)).append(text)
            case Message(text, is_error=True):
                self.errors.append(text)
            case _:
                pass


@dataclass(frozen=True)
class Builder:
    """Builds derivations. Records the cost of each build in `directory`, and the logs of failed builds.

    `labels` has a name for derivations, such as "lua 5.4.7 optimized". A later build with the same label is
    expected to take as long.
    """

    nix: Nix
    directory: Path
    on_event: Callable[[Event], None] = lambda _event: None
    labels: Mapping[str, str] = field(default_factory=dict)

    def build(self, drv: str) -> None:
        """Build the outputs of one derivation, unless they are in the store.

        Finished builds and their records are kept, even if a later build fails or is interrupted.
        Raises `FailedBuildError` with the last 40 lines of the failed derivation's log, the path of the whole
        log, and the derivation's path.
        """
        parser = EventParser()
        with PeakMemory() as memory:
            seen = _Observation(memory)

            def on_line(line: bytes) -> None:
                event = parser.feed(line)
                seen.note(event)
                if event is not None:
                    self.on_event(event)

            realise = (
                "--realise",
                drv,
                "--log-format",
                "internal-json",
                "-v",
                "--add-root",
                str(self.root(drv)),
            )
            try:
                completed = process.stream(
                    self.nix.command("nix-store", *realise),
                    process.Listener(on_line, memory.watch, lambda: self.on_event(Tick())),
                    timeout=_BUILD_SECONDS,
                    surroundings=self.nix.surroundings,
                )
            finally:
                for built, (seconds, peak) in seen.finished.items():
                    if built not in seen.failed:
                        self._write_record(built, seconds, peak)
        if completed.returncode != 0:
            raise self._failure(drv, seen)

    def record(self, drv: str, out: str, *, cached: bool) -> BuildRecord:
        """Return the recorded cost of building `drv` on this machine, and the size of its output."""
        record = _read_record(self._record_path(drv))
        return BuildRecord(record.get("seconds"), record.get("peak_rss_bytes"), self.nix.size(out), cached)

    def expected_seconds(self, label: str) -> float | None:
        """Return the seconds that the latest recorded build with this label took."""
        return self.latest(label).get("seconds")

    def latest(self, label: str) -> dict[str, Any]:
        """Return the latest record of a build with this label, or an empty one if there is none."""
        paths = self.directory.glob("builds/*.drv.json")
        latest_first = sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True)
        records = (_read_record(path) for path in latest_first)
        return next((record for record in records if record.get("label") == label), {})

    def _write_record(self, drv: str, seconds: float, peak: int | None) -> None:
        record = asdict(BuildRecord(round(seconds, 3), peak, None, cached=False))
        labelled = {**record, "label": self.labels.get(drv, name_of(drv))}
        replace_file(self._record_path(drv), f"{json.dumps(labelled, indent=2, sort_keys=True)}\n".encode())

    def _record_path(self, drv: str) -> Path:
        return self.directory / "builds" / f"{drv.rsplit('/', 1)[-1]}.json"

    def root(self, drv: str) -> Path:
        """Return the garbage collector root of the outputs of this derivation."""
        roots = self.directory / "roots"
        roots.mkdir(parents=True, exist_ok=True)
        return roots / drv.rsplit("/", 1)[-1].removesuffix(".drv")

    def _failure(self, drv: str, seen: _Observation) -> FailedBuildError:
        culprit = seen.failed[0] if seen.failed else drv
        tail = "\n".join(seen.tails.get(culprit, ()))
        errors = "\n".join(seen.errors[-_TAIL_LINES:])
        log = self.directory / "logs" / f"{culprit.rsplit('/', 1)[-1]}.log"
        whole = self.nix.log(culprit) or f"{tail}\n{errors}\n"
        replace_file(log, whole.encode())
        full = disk_is_full(tail + errors)
        remedy = (
            "the disk is full: free some space (`nix-collect-garbage`) and run again"
            if full
            else f"read the whole log at {log}, then run again; finished builds are kept"
        )
        message = f"Building {culprit} failed; {remedy}.\n{tail or errors}"
        return FailedBuildError(message, drv=drv, culprit=culprit, log=whole, by_machine=full)


def _read_record(path: Path) -> dict[str, Any]:
    """Return a record, or an empty one if its file is missing or incomplete."""
    try:
        record = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
