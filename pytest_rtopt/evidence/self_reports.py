"""Runs the programs of a runtime that report on themselves, and returns what they print."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import EvidenceError

if TYPE_CHECKING:
    from collections.abc import Mapping

_REPORT_SECONDS: Final = 60.0
_REPORT_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "HOME": "/dev/null", "GOENV": "off"}


def reports_of(
    commands: Mapping[str, tuple[str, ...]], places: Mapping[str, Path], cache: str
) -> dict[str, str]:
    """Run the commands; commands with `{programs}` run only if there are programs."""
    return {
        name: report_of(argv, places, cache)
        for name, argv in commands.items()
        if "programs" in places or not any("{programs}" in word for word in argv)
    }


def report_of(argv: tuple[str, ...], located: Mapping[str, Path], cache: str) -> str:
    """Run a program of the runtime, not its wrapper, in an empty environment, and return its output.

    Raises `EvidenceError` if it fails, because such a runtime is broken.
    """
    # The environment hides the user's configuration, so that the report shows the built-in values. HOME is
    # /dev/null, below which not even root can create a directory. In any other HOME, Go's commands start a
    # background process that stores telemetry there.
    with tempfile.TemporaryDirectory(prefix="rtopt-report-") as scratch:
        names = {"scratch": scratch, **{name: str(path) for name, path in located.items()}}
        filled = [word.format(**names) for word in argv]
        completed = process.run(
            filled,
            timeout=_REPORT_SECONDS,
            surroundings=process.Surroundings(
                env={**_REPORT_ENVIRONMENT, "XDG_CACHE_HOME": cache}, cwd=Path(scratch)
            ),
        )
    if completed.returncode != 0:
        raise EvidenceError(
            f"`{' '.join(filled)}` ended with status {completed.returncode}, so its report cannot be used: "
            f"{completed.error_text.strip()[-300:]}"
        )
    return "\n".join(filter(None, (completed.text.strip(), completed.error_text.strip())))
