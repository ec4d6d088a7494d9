"""Every module has a test where `docs/architecture.md` says, so that a name is enough to find it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PAGE: Final = ROOT / "docs" / "architecture.md"
MOST_ROWS: Final = 25


@dataclass(frozen=True)
class Row:
    """A row of the table: a module or a directory below the package, and the file that tests it."""

    subject: str
    test: str

    def covers(self, module: str) -> bool:
        """Return whether the row is about a module."""
        return module == self.subject or (self.subject.endswith("/") and module.startswith(self.subject))


def rows_of(text: str) -> list[Row]:
    """Return the rows of the table "Tested elsewhere"; a cell may name several modules."""
    found = re.findall(r"^\| (`.+`) \| `(tests/[\w/]+\.py)` \|$", text, re.MULTILINE)
    return [Row(subject, test) for cell, test in found for subject in re.findall(r"`([^`]+)`", cell)]


def modules_of(package: Path) -> list[str]:
    """Return the modules below a package. What is reached through a symbolic link lies elsewhere."""
    files = (path.relative_to(package) for path in package.rglob("*.py"))
    return sorted(
        str(file)
        for file in files
        if file.name != "__init__.py" and not any((package / part).is_symlink() for part in file.parents)
    )


def mirrored(module: str) -> str:
    """Return the file that tests a module, by the name of the module."""
    path = PurePosixPath(module)
    return str(PurePosixPath("tests") / path.parent / f"test_{path.name}")


def problems(root: Path, rows: list[Row]) -> Iterator[str]:
    """Yield a sentence for each module without a test, and for each row that is wrong."""
    modules = modules_of(root / "pytest_rtopt")
    alone = [module for module in modules if not (root / mirrored(module)).is_file()]
    for module in alone:
        count = sum(row.covers(module) for row in rows)
        if count == 0:
            yield f"{module} has no {mirrored(module)}; write one, or add a row to docs/architecture.md."
        elif count > 1:
            yield f"{module} is in {count} rows; keep one of them."
    for row in rows:
        if not (root / row.test).is_file():
            yield f"the row of {row.subject} names {row.test}, which does not exist; name the test."
        if not any(map(row.covers, modules)):
            yield f"the row of {row.subject} is about no module; remove it."
        elif not any(map(row.covers, alone)):
            yield f"the row of {row.subject} is not needed, as tests of that name exist; remove it."


def test_every_module_has_a_test_of_its_name_or_a_row() -> None:
    assert list(problems(ROOT, rows_of(PAGE.read_text()))) == []


def test_the_table_stays_short() -> None:
    assert 0 < len(rows_of(PAGE.read_text())) <= MOST_ROWS


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a repository with two modules that have a test of their name, and two that have none."""
    for name in (
        *("pytest_rtopt/__init__.py", "pytest_rtopt/top.py", "pytest_rtopt/a/__init__.py"),
        *("pytest_rtopt/a/one.py", "pytest_rtopt/a/two.py", "pytest_rtopt/b/three.py"),
        *("tests/test_top.py", "tests/a/test_one.py", "tests/b/test_topic.py", "suites/test_suite.py"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "pytest_rtopt" / "suites").symlink_to("../suites")
    return tmp_path


TOPIC: Final = "tests/b/test_topic.py"
RIGHT: Final = [Row("a/two.py", "tests/a/test_one.py"), Row("b/", TOPIC)]


def test_a_row_takes_the_place_of_a_test(tree: Path) -> None:
    assert list(problems(tree, RIGHT)) == []
    without = list(problems(tree, []))
    assert [sentence.partition(" ")[0] for sentence in without] == ["a/two.py", "b/three.py"]
    assert "has no tests/a/test_two.py; write one" in without[0]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (Row("a/one.py", TOPIC), "the row of a/one.py is not needed"),
        (Row("a/gone.py", TOPIC), "the row of a/gone.py is about no module"),
        (Row("c/", TOPIC), "the row of c/ is about no module"),
        (Row("b/three.py", TOPIC), "b/three.py is in 2 rows"),
        (Row("a/one.py", "tests/test_gone.py"), "names tests/test_gone.py, which does not exist"),
    ],
)
def test_a_row_that_is_wrong_is_named(tree: Path, row: Row, sentence: str) -> None:
    assert any(sentence in found for found in problems(tree, [*RIGHT, row]))


def test_a_directory_whose_modules_all_have_a_test_needs_no_row(tree: Path) -> None:
    (tree / "tests" / "b" / "test_three.py").touch()
    assert any("the row of b/ is not needed" in found for found in problems(tree, RIGHT))


def test_a_row_may_name_several_modules() -> None:
    text = "| tested | by |\n|---|---|\n| `a/one.py`, `b/` | `tests/test_x.py` |\n| word | meaning |\n"
    assert rows_of(text) == [Row("a/one.py", "tests/test_x.py"), Row("b/", "tests/test_x.py")]
