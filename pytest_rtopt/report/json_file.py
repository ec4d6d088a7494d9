"""The results file of `--rtopt-json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt.atomic import replace_file
from pytest_rtopt.errors import ReportError
from pytest_rtopt.report.document import Document, encode, read_document
from pytest_rtopt.report.schema import from_field, to_json

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.results import RunResults


def write_results(path: Path, results: RunResults) -> None:
    """Write the results to `path` in one step; raises `ReportError` if that is not possible."""
    replace_file(path, encode(to_json(results), sort_keys=False))


def read_results(path: Path) -> RunResults:
    """Return the results in the file at `path`.

    Raises `ReportError` if it is missing, not JSON, of a newer schema, or wrong in a field.
    """
    document = Document(str(path), f"write it anew with `--rtopt-json {path}`")
    top = read_document(path, document)
    if top is None:
        raise ReportError(f"{path} does not exist; {document.remedy}.")
    return from_field(top)
