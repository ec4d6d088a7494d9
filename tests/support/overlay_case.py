"""What is expected of an overlay that is judged as its author would judge it."""

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
"""Where an optimization gets lost, in the order of a build; `start` is that of a process."""


@dataclass(frozen=True)
class Case:
    """An overlay: its file below tests/, the words of each refuted claim, and claims that must be proven.

    The claims of `refuted` and `follows` are all that may be refuted: the second fall with the first where
    they are judged, and are not what the overlay is about. `unproven` are those that nothing must prove.
    `stage` is where a sabotage goes wrong. `verdict` is that of an overlay which asks for no optimization.
    `runs_v3` says that the build runs code for x86-64-v3, as training does, and `heavy` that it takes long.
    """

    file: str
    refuted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    follows: tuple[str, ...] = ()
    proven: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    stage: str | None = None
    verdict: str | None = None
    runs_v3: bool = False
    heavy: bool = False

    @property
    def name(self) -> str:
        """The name of the file."""
        return Path(self.file).stem

    @property
    def runtime(self) -> str:
        """The runtime that the overlay is about, by which its file is named."""
        return self.name.partition("-")[0]
