"""The declarations of the runtimes. To add one, follow docs/adding-a-runtime.md."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pytest_rtopt.base.registry import NAMES

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Runtime

__all__ = ["NAMES", "runtime"]


def runtime(name: str) -> Runtime:
    """Return the runtime called `name`; `KeyError` for any other name.

    Its module has its name, and holds it by that name in capitals: `lua.LUA`.
    """
    if name not in NAMES:
        raise KeyError(name)
    # Imported when one is asked for: the plugin's start must not pay for it.
    declared: Runtime = getattr(import_module(f"{__name__}.{name}"), name.upper())
    return declared
