"""README and `docs/`: the options, floors, files and links that they name are those that there are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from pytest_rtopt.plugin.options import OPTIONS

ROOT: Final = Path(__file__).resolve().parent.parent.parent
DOCS: Final = ROOT / "docs"
PAGES: Final = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))
NAMES: Final = [page.name for page in PAGES]

MOST_WORDS: Final = 20
# What a runtime may take: docs/adding-a-runtime.md shows the example that is counted.
MOST_FILES: Final = 10
MOST_LINES: Final = 250


def section(page: Path, heading: str) -> str:
    """Return the text below a heading of the second level."""
    found = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", page.read_text(), re.MULTILINE | re.DOTALL
    )
    assert found is not None, f"{page.name} has no section {heading!r}"
    return found[1]


def first_cells(table: str) -> list[str]:
    """Return the first cell of every row of a Markdown table, its head and rule left out."""
    cells = re.findall(r"^\| *((?:[^|\\]|\\.)*?) *\|", table, re.MULTILINE)
    return [cell.replace("\\|", "|") for cell in cells[2:]]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as Markdown hosts make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_table_of_options_names_each_option_with_its_value() -> None:
    table = re.search(
        r"^\| option \|.*?(?=\n\n)", section(DOCS / "options.md", "Options"), re.MULTILINE | re.DOTALL
    )
    assert table is not None
    written = {cell.strip("`") for cell in first_cells(table[0])}
    assert written == {f"{option.flag} {option.metavar}".strip() for option in OPTIONS}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_pages_name_only_options_that_there_are(page: Path) -> None:
    named = set(re.findall(r"--rtopt-[a-z]+(?:-[a-z]+)*", page.read_text()))
    assert named <= {option.flag for option in OPTIONS}


def test_the_table_of_floors_is_the_contract() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    layers = contract["layers"]
    expected = {
        (str(len(layers) - index), name) for index, layer in enumerate(layers) for name in layer.split(" | ")
    }
    rows = re.findall(
        r"^\| (\d+) \| `(\w+)(?:/|\.py)` \|", section(DOCS / "architecture.md", "Floors"), re.MULTILINE
    )
    assert set(rows) == expected


def test_the_glossary_stays_short() -> None:
    words = first_cells(section(DOCS / "architecture.md", "Glossary"))
    assert 0 < len(words) <= MOST_WORDS


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith(("http://", "https://")):
            continue
        name, _, anchor = target.partition("#")
        linked = page.parent / name if name else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_files_that_pages_name_are_there(page: Path) -> None:
    """Written from the top of the repository or of the package; other paths are another project's."""
    tops = (ROOT, ROOT / "pytest_rtopt")
    for name in re.findall(r"`([\w./-]+/[\w.-]+\.(?:py|nix|json|sh|js|lua|c|toml|csv))`", page.read_text()):
        first = name.partition("/")[0]
        if first != "." and any((top / first).is_dir() for top in tops):
            assert any((top / name).exists() for top in tops), name


def test_every_page_is_in_the_table_of_the_readme() -> None:
    linked = re.findall(r"^\| \[docs/([\w-]+\.md)\]", section(PAGES[0], "Documentation"), re.MULTILINE)
    assert sorted(linked) == sorted(page.name for page in PAGES[1:])


def test_excerpts_are_what_the_files_hold() -> None:
    """An excerpt is a block of code below the name of its file."""
    page = DOCS / "adding-a-runtime.md"
    excerpts = re.findall(r"^`([^`]+)`:\n\n```\w+\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    assert len(excerpts) == page.read_text().count("```") // 2 > 0
    for name, excerpt in excerpts:
        assert excerpt in (ROOT / name).read_text(), name


def test_the_files_of_the_example_are_all_that_it_has() -> None:
    """Those with its name, and those that every runtime has a part of."""
    shared = {"docs/overlays.md", "overlays/runtimes.json", "pytest_rtopt/embedded/sources.json"}
    listed = re.findall(r"^\| `([^`]+)` \|", (DOCS / "adding-a-runtime.md").read_text(), re.MULTILINE)
    named = {name for name in listed if "/" in name}
    own = {
        str(file.relative_to(ROOT))
        for top in ("overlays", "pytest_rtopt")
        for file in (ROOT / top).rglob("*mujs*")
        if file.is_file()
        and file.suffix != ".pyc"
        and not file.relative_to(ROOT / top).is_relative_to("overlays")
    } | {str(file.relative_to(ROOT)) for file in (ROOT / "pytest_rtopt" / "workloads" / "mujs").iterdir()}
    assert named == own | shared
    assert len(named) <= MOST_FILES
    lines = sum(len((ROOT / name).read_text().splitlines()) for name in own)
    assert lines <= MOST_LINES
