"""String building: renders pages from a small template language; prints a digest of them."""

from __future__ import annotations

import hashlib
import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Context = dict[str, object]
    Part = Callable[[Context], str]

PAGE = """<html><head><title>{{title}}</title></head><body><h1>{{title|upper}}</h1>
<table>{% for row %}<tr class="{{kind}}"><td>{{name|escape}}</td><td>{{price}}</td>
<td>{% if offer %}<b>{{offer|upper}}</b>{% end %}</td></tr>
{% end %}</table><p>{{footer|escape}}</p></body></html>"""
FILTERS: dict[str, Callable[[str], str]] = {"upper": str.upper, "escape": html.escape}


def variable(expression: str) -> Part:
    """Return what writes a variable through its filters."""
    name, *filters = expression.split("|")

    def write(context: Context) -> str:
        text = str(context.get(name, ""))
        for wanted in filters:
            text = FILTERS[wanted](text)
        return text

    return write


def condition(name: str, body: list[Part]) -> Part:
    """Return what writes `body` if a variable is set."""
    return lambda context: "".join([part(context) for part in body]) if context.get(name) else ""


def loop(name: str, body: list[Part]) -> Part:
    """Return what writes `body` for every element of a list of sets of variables."""

    def write(context: Context) -> str:
        rows = context[name]
        assert isinstance(rows, list)  # noqa: S101
        return "".join(part({**context, **row}) for row in rows for part in body)

    return write


def parse(text: str) -> tuple[list[Part], str]:
    """Return the parts up to the end of a block, and the text behind it."""
    parts: list[Part] = []
    while text:
        start = text.find("{")
        if start < 0 or text[start + 1] not in "{%":
            parts.append(lambda _context, rest=text: rest)  # type: ignore[misc]
            return parts, ""
        literal, mark = text[:start], text[start + 1]
        end = text.index("}}" if mark == "{" else "%}", start)
        inside, text = text[start + 2 : end].strip(), text[end + 2 :]
        parts.append(lambda _context, literal=literal: literal)  # type: ignore[misc]
        if mark == "{":
            parts.append(variable(inside))
        elif inside == "end":
            return parts, text
        else:
            word, _, name = inside.partition(" ")
            body, text = parse(text)
            parts.append((loop if word == "for" else condition)(name, body))
    return parts, ""


def rows(count: int) -> list[Context]:
    """Return the goods of a page."""
    return [
        {
            "name": f"<item {n}> & more",
            "kind": "odd" if n % 2 else "even",
            "price": f"{n * 1.19:8.2f}",
            "offer": "now!" if n % 5 == 0 else "",
        }
        for n in range(count)
    ]


digest = hashlib.sha256()
template, _ = parse(PAGE)
for number in range(180):
    context: Context = {"title": f"Page {number}", "footer": "a < b & c", "row": rows(250)}
    digest.update("".join(part(context) for part in template).encode())
print(digest.hexdigest())
