"""The runtimes by name. To add a runtime, follow docs/adding-a-runtime.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Runtime

NAMES: Final = ("lua", "rust", "nodejs", "go", "python")
"""The names of all runtimes, the cheapest to build first."""


def runtime(name: str) -> Runtime:
    """Return the runtime called `name`; `KeyError` for any other name."""
    # Imported when one is asked for: the plugin's start must not pay for it.
    from pytest_rtopt.runtimes.go import GO  # noqa: PLC0415
    from pytest_rtopt.runtimes.lua import LUA  # noqa: PLC0415
    from pytest_rtopt.runtimes.nodejs import NODEJS  # noqa: PLC0415
    from pytest_rtopt.runtimes.python import PYTHON  # noqa: PLC0415
    from pytest_rtopt.runtimes.rust import RUST  # noqa: PLC0415

    return {known.name: known for known in (LUA, RUST, NODEJS, GO, PYTHON)}[name]
