"""What the compiler's wrapper may have added that neither the derivation nor the build log shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.derivation import scripts_naming

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observed import Observed

_VARIABLE: Final = "NIX_CFLAGS_COMPILE"


def unseen(observed: Observed) -> str | None:
    """Return why the wrapper may have added something else than the derivation says; `None` if it has not."""
    log = observed.optimized.log
    if log is None or log.is_complete:
        return None
    scripts = scripts_naming(observed.stock.derivation, observed.optimized.derivation, _VARIABLE)
    return f"{', '.join(scripts)} names {_VARIABLE} and may change it" if scripts else None
