"""Claims about what a runtime says of itself: intent, and no evidence of any effect.

The commands are those that people run after a build. They are worth knowing, since an answer other than the
promised one means that something else was installed; an answer as promised proves that it is given.
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
    """Return the claim that `command`, whose output is the report of that name, says what `pattern` matches.

    `pattern` is a regular expression that has to match somewhere in the output.
    """
    expected = re.compile(pattern)

    def decide(observation: Observation) -> Answer:
        if report not in observation.optimized.reports:
            return unproven(f"`{command}` was not run")
        said = observation.optimized.reports[report]
        shown = said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
        if expected.search(said) is None:
            return refuted(f"`{command}` says {shown!r}, which is not what was promised")
        return proven(f"`{command}` says {shown!r}")

    return Claim(f"says-{name}", f"`{command}` answers as promised", _BY, decide, Rating.INTENT)


def _path(observation: Observation) -> Answer:
    if observation.same_derivation:
        return not_applicable("stock and optimized are one store path")
    return proven(
        f"the program is found in {observation.optimized.out}, which is not stock's {observation.stock.out}; "
        "that the hash differs, or what the name promises, is no evidence of any code"
    )


REPORTS_PATH: Final = Claim(
    "says-path", "`which` shows another store path than stock's", _BY, _path, Rating.INTENT
)
