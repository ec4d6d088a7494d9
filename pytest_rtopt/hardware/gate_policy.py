"""The gate settings of a profile: `gate.require`, `gate.stale` and `gate.runtimes`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pytest_rtopt.base.registry import NAMES

if TYPE_CHECKING:
    from pytest_rtopt.hardware.fields import Fields


class Require(StrEnum):
    """What a runtime needs to pass: `verified` needs no benchmark, `adopt` needs a proven gain."""

    ADOPT = "adopt"
    NO_REGRESSION = "no-regression"
    VERIFIED = "verified"


class Stale(StrEnum):
    """What the gate does with a runtime that differs from the one that was judged."""

    FAIL = "fail"
    WARN = "warn"


@dataclass(frozen=True)
class GatePolicy:
    """The settings; `runtimes` are the runtimes that must be optimized and may not stay stock."""

    require: Require = Require.NO_REGRESSION
    stale: Stale = Stale.FAIL
    runtimes: tuple[str, ...] = ()


def parse_gate_policy(fields: Fields) -> GatePolicy:
    """Parse the fields of `gate`; raises `ProfileError` for an invalid value."""
    require, stale = fields.choice("require", Require), fields.choice("stale", Stale)
    return GatePolicy(
        require=GatePolicy.require if require is None else Require(require),
        stale=GatePolicy.stale if stale is None else Stale(stale),
        runtimes=fields.choices("runtimes", NAMES),
    )
