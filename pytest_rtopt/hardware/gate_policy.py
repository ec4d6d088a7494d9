"""What a profile demands of the gate: `gate.require`, `gate.stale` and `gate.runtimes`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pytest_rtopt.base.registry import NAMES

if TYPE_CHECKING:
    from pytest_rtopt.hardware.fields import Fields


class Require(StrEnum):
    """What a runtime must be to pass: `verified` asks for no benchmark, `adopt` for a proven gain."""

    ADOPT = "adopt"
    NO_REGRESSION = "no-regression"
    VERIFIED = "verified"


class Stale(StrEnum):
    """What becomes of a runtime that is not the one that was judged."""

    FAIL = "fail"
    WARN = "warn"


@dataclass(frozen=True)
class GatePolicy:
    """The demands; `runtimes` are those that must be optimized, and not left to stock."""

    require: Require = Require.NO_REGRESSION
    stale: Stale = Stale.FAIL
    runtimes: tuple[str, ...] = ()


def parse_gate_policy(fields: Fields) -> GatePolicy:
    """Parse the fields of `gate`; raises `ProfileError` for one with an impossible value."""
    require, stale = fields.choice("require", Require), fields.choice("stale", Stale)
    return GatePolicy(
        require=GatePolicy.require if require is None else Require(require),
        stale=GatePolicy.stale if stale is None else Stale(stale),
        runtimes=fields.choices("runtimes", NAMES),
    )
