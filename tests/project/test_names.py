"""Names of modules, and public names in them, are words of the field and no riddles."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = Path(__file__).resolve().parent.parent.parent / "pytest_rtopt"
RIDDLES: Final = frozenset({"says", "asked", "asking", "sayings", "unseen"})
"""Words that once named modules, classes and columns whose content nobody could guess."""


def words_of(name: str) -> set[str]:
    """Return the words of a name, whether it is written with underscores or with capitals."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def public_names(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements define for others, and those in their classes."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found = [name]
            case ast.AnnAssign(target=ast.Name(id=name)):
                found = [name]
            case ast.Assign(targets=targets):
                found = [target.id for target in targets if isinstance(target, ast.Name)]
            case _:
                found = []
        yield from (name for name in found if not name.startswith("_"))
        if isinstance(statement, ast.ClassDef) and not statement.name.startswith("_"):
            yield from public_names(statement.body)


def test_no_name_is_a_riddle() -> None:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        module = str(path.relative_to(PACKAGE))
        names = [module, *public_names(ast.parse(path.read_text()).body)]
        found += [f"{module}: {name}" for name in names if words_of(name) & RIDDLES]
    assert found == []


def test_words_of_every_kind_of_name_are_read() -> None:
    text = (
        "class WhatItSays:\n    asked: int\n    def unseen_by(self): ...\n"
        "SAYINGS = 1\n_ASKING = 2\nplain = 3\n"
    )
    names = list(public_names(ast.parse(text).body))
    assert names == ["WhatItSays", "asked", "unseen_by", "SAYINGS", "plain"]
    assert [bool(words_of(name) & RIDDLES) for name in names] == [True, True, True, True, False]
    assert words_of("evidence/log/build_log.py") == {"evidence", "log", "build", "py"}
    assert not words_of("UnaskedHTMLBasket") & RIDDLES
