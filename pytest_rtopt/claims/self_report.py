"""Claims on what a runtime reports about itself; this shows intent, but no effect on the code.

The commands are those that people run after a build. An unexpected answer means that something else was
installed. An expected answer only proves that the runtime gives it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.model import Claim
from pytest_rtopt.results.values import EvidenceKind, Rating

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Answer
    from pytest_rtopt.evidence.observation import Observation

_SHOWN: Final = 200
_BY: Final = (EvidenceKind.SELF_REPORT,)


def self_report(name: str, command: str, report: str, pattern: str) -> Claim:
    """Return the claim that the output of `command` matches the regular expression `pattern` somewhere.

    `report` is the name of the command's output among the reports.
    """
    expected = re.compile(pattern)

    def decide(observation: Observation) -> Answer:
        if report not in observation.optimized.reports:
            return unproven(f"`{command}` was not run")
        output = observation.optimized.reports[report]
        shown = output if len(output) <= _SHOWN else f"{output[:_SHOWN]}…"
        if expected.search(output) is None:
            return refuted(f"`{command}` prints {shown!r}, which does not match {pattern!r}")
        return proven(f"`{command}` prints {shown!r}")

    return Claim(f"says-{name}", f"`{command}` prints what is expected", _BY, decide, Rating.INTENT)


def _path(observation: Observation) -> Answer:
    if observation.same_derivation:
        return not_applicable("stock and optimized are the same store path")
    return proven(
        f"the program is in {observation.optimized.out}, which is not stock's {observation.stock.out}; a "
        "different hash or name is no evidence about the code"
    )


REPORTS_PATH: Final = Claim(
    "says-path", "`which` shows a different store path than stock's", _BY, _path, Rating.INTENT
)
