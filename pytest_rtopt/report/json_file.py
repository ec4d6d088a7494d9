"""The results file of `--rtopt-json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt.base.atomic_write import replace_file
from pytest_rtopt.results.document import encode
from pytest_rtopt.results.schema import to_json

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.results.values import RunResults


def write_results(path: Path, results: RunResults) -> None:
    """Write the results to `path` atomically. Raises `ReportError` if that is not possible."""
    replace_file(path, encode(to_json(results), sort_keys=False))
