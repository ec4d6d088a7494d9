"""Data in plain dictionaries: joins, groups and pivots orders through a chain of generators."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Row = dict[str, Any]


def orders(count: int) -> Iterator[Row]:
    """Yield orders, the same ones every time."""
    chance = random.Random(5)  # noqa: S311
    for number in range(count):
        yield {
            "order": number,
            "customer": chance.randrange(300),
            "lines": [{"item": chance.randrange(80), "count": 1 + chance.randrange(4)} for _ in range(3)],
        }


def flat(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield a row for every line of every order."""
    for row in rows:
        for line in row["lines"]:
            yield {**line, "order": row["order"], "customer": row["customer"]}


def joined(rows: Iterable[Row], others: dict[int, Row], key: str) -> Iterator[Row]:
    """Yield rows with the fields of what `key` names."""
    return ({**row, **others[row[key]]} for row in rows if row[key] in others)


def grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    """Return the rows by what `key` says of them."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


items = {n: {"price": 100 + n * 7 % 93, "kind": f"kind {n % 9}"} for n in range(75)}
customers = {n: {"land": ("no", "se", "dk", "fi")[n % 4], "name": f"c{n}"} for n in range(280)}
sold = list(joined(joined(flat(orders(40_000)), items, "item"), customers, "customer"))
for (land, kind), group in sorted(grouped(sold, lambda row: (row["land"], row["kind"])).items())[:12]:
    turnover = sum(row["price"] * row["count"] for row in group)
    best = max(grouped(group, lambda row: row["name"]).items(), key=lambda pair: (len(pair[1]), pair[0]))
    print(land, kind, len(group), turnover, best[0], len(best[1]))
