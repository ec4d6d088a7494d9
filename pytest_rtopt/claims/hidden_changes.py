"""Changes to flags and compilers that neither the derivation nor the build log shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.derivation.exported import scripts_naming, scripts_rewriting

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

_VARIABLE: Final = "NIX_CFLAGS_COMPILE"


def hidden_changes(observation: Observation) -> str | None:
    """Return why the wrapper may have added other flags than the derivation exports; `None` if it has not."""
    if _is_logged(observation):
        return None
    scripts = scripts_naming(observation.stock.derivation, observation.optimized.derivation, _VARIABLE)
    return f"{', '.join(scripts)} names {_VARIABLE} and may change it" if scripts else rewritten(observation)


def rewritten(observation: Observation) -> str | None:
    """Return why other command lines than those in the log may have compiled; `None` if none did."""
    if _is_logged(observation):
        return None
    scripts = scripts_rewriting(observation.stock.derivation, observation.optimized.derivation)
    if not scripts:
        return None
    return (
        f"{', '.join(scripts)} can change variables, or the program that is found as the compiler, without "
        "naming them"
    )


def _is_logged(observation: Observation) -> bool:
    log = observation.optimized.log
    return log is None or log.is_complete
