"""Draw `docs/screenshot.svg`: what two runs end with, from their recorded results.

    python docs/make_screenshot.py                       # draw what is recorded
    python docs/make_screenshot.py adopted rtopt.json    # record other results first

`docs/recorded/` holds what `--rtopt-json` wrote: `adopted.json` for the shipped overlay of Lua,
`refuted.json` for `tests/sabotage/lua-cxxflags.nix`, both on the embedded package set.
"""

from __future__ import annotations

import argparse
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from pytest_rtopt.report.json_file import write_results
from pytest_rtopt.report.terminal import verdict_table
from pytest_rtopt.results.document import Document, check_schema, parse_document
from pytest_rtopt.results.schema import SCHEMA, runtime_from_field
from pytest_rtopt.results.values import RunResults

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE: Final = Path(__file__).resolve().parent
RECORDED: Final = HERE / "recorded"
PICTURE: Final = HERE / "screenshot.svg"

WIDTH: Final = 92
TITLE: Final = "pytest-rtopt"
COMMANDS: Final = {
    "adopted": 'pytest --pyargs pytest_rtopt.suites -m "build or verify or benchmark" --rtopt-runtime lua',
    "refuted": "pytest --pyargs pytest_rtopt.suites -m verify --rtopt-overlays ./my-overlay.nix",
}
"""The command that each recorded run was started with, without the choice of the package set."""

# Without the addresses of fonts: a page that shows the picture loads nothing from elsewhere.
_FORMAT: Final = re.sub(r"@font-face {{.*?}}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def read_results(path: Path) -> RunResults:
    """Return the results in a file of `--rtopt-json`; raises `ReportError` if it is none."""
    document = Document(str(path), "give a file that --rtopt-json wrote")
    top = parse_document(path.read_text(encoding="utf-8"), document)
    check_schema(top, SCHEMA)
    runtimes = top.member("runtimes").members()
    host, profile, packages = (top.member(name).mapping() for name in ("host", "profile", "packages"))
    return RunResults(
        host,
        profile,
        packages,
        runtimes={name: runtime_from_field(name, field) for name, field in runtimes.items()},
    )


def picture() -> str:
    """Return the recorded runs as SVG: for each its command, and the tables that it ends with."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=WIDTH,
        force_terminal=True,
        color_system="standard",
        highlight=False,
    )
    for name, command in COMMANDS.items():
        console.print(Text.assemble(("$ ", "bold cyan"), (command, "bold")), soft_wrap=True)
        console.print(verdict_table(read_results(RECORDED / f"{name}.json")))
        console.print()
    # rich would make the names of CSS classes from the text, and so from everything that changes in it.
    return console.export_svg(title=TITLE, code_format=_FORMAT, unique_id="rtopt")


def main(arguments: Sequence[str] | None = None) -> None:
    """Record other results if a file is named, and draw what is recorded."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", nargs="?", choices=tuple(COMMANDS), help="the run to record again")
    parser.add_argument("results", nargs="?", type=Path, help="the file that --rtopt-json wrote in it")
    given = parser.parse_args(arguments)
    if given.run is not None:
        if given.results is None:
            parser.error(f"give the file of results to record as {given.run}")
        write_results(RECORDED / f"{given.run}.json", read_results(given.results))
    PICTURE.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
