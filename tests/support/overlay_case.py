"""The expected findings for an overlay that is judged in the way that its author would judge it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SAME_CODE: Final = "the machine code is the same as stock's, instruction for instruction"
UNTOUCHED: Final = "no overlay changed this runtime"
NOTHING_NAMED: Final = "the exported flags name no architecture"

STAGES: Final = ("evaluation", "derivation", "compile", "link", "training", "install", "consumers", "start")
"""The stages at which an optimization can get lost, in order; `start` is the start of a process."""


@dataclass(frozen=True)
class Case:
    """An overlay and its expected findings.

    - `file`: its path below `tests/`.
    - `refuted`: claims that must be refuted, with words that their evidence must contain.
    - `follows`: claims that may be refuted as a consequence; no other claim may be refuted.
    - `proven`: claims that must be proven.
    - `unproven`: claims that must not be proven.
    - `stage`: the stage at which the optimization gets lost.
    - `verdict`: the verdict on an overlay that requests no optimization.
    - `profile`: the file below `tests/` with the profile to judge it by, instead of the detected one.
    - `runs_v3`: whether the build runs code for x86-64-v3, as training does.
    - `rustup`: whether it takes a release of Rust that rustup has installed.
    - `heavy`: whether the test takes many minutes.
    """

    file: str
    refuted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    follows: tuple[str, ...] = ()
    proven: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    stage: str | None = None
    verdict: str | None = None
    profile: str | None = None
    runs_v3: bool = False
    rustup: bool = False
    heavy: bool = False

    @property
    def name(self) -> str:
        """The name of the file."""
        return Path(self.file).stem

    @property
    def runtime(self) -> str:
        """The runtime of the overlay, which is the first part of its name."""
        return self.name.partition("-")[0]
