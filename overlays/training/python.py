# ruff: noqa: INP001, T201  # a script, run by its path, whose output is the build log
"""Training of pgoLevel "FULL": upstream's default task, which has to pass, then programs as people write.

Run by CPython's Makefile with the instrumented interpreter. Upstream's task is unit tests, which try every
error path of a few modules; what follows weighs in what programs do most: start, import, compile, walk data,
call methods, format and parse text. None of it is a workload that the project measures.

The build log names every part with `rtopt: trained on …`, where `-m verify` looks for it.
"""

from __future__ import annotations

import ast
import asyncio
import base64
import collections
import configparser
import contextlib
import csv
import dataclasses
import difflib
import enum
import fractions
import functools
import hashlib
import heapq
import html.parser
import io
import itertools
import json
import operator
import pathlib
import pickle
import re
import sqlite3
import string
import struct
import subprocess
import sys
import tempfile
import textwrap
import time
import tokenize
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterator  # noqa: TC003  # one import more costs a script nothing

LIBRARY = pathlib.Path(ast.__file__).parent
MODULES = ("argparse", "asyncio.events", "dataclasses", "datetime", "decimal", "difflib", "typing")
STARTS = (
    "pass",
    "import argparse, json, logging, pathlib; argparse.ArgumentParser().parse_args([])",
    "import asyncio, dataclasses, typing; asyncio.run(asyncio.sleep(0))",
    "import collections, datetime, email.message, http.client, urllib.parse",
    "import inspect, unittest, shutil, tempfile, subprocess",
)


def sources() -> list[str]:
    """Return the text of some modules of the standard library."""
    paths = [LIBRARY / f"{module.replace('.', '/')}.py" for module in MODULES]
    return [path.read_text(encoding="utf-8") for path in paths if path.is_file()]


def start_ups() -> None:
    """Start the interpreter as short commands do."""
    for _ in range(4):
        for program in STARTS:
            subprocess.run([sys.executable, "-c", program], check=True)


def compilation() -> None:
    """Tokenize, parse, print and compile source text."""
    for text in sources():
        collections.Counter(token.type for token in tokenize.generate_tokens(io.StringIO(text).readline))
        tree = ast.parse(text)
        ast.unparse(tree)
        compile(tree, "module", "exec")
        compile(text, "module", "exec", optimize=2)


def text_work() -> None:
    """Search, replace, split, wrap, fill in and compare text."""
    word = re.compile(r"\b[a-z_][a-z0-9_]*\b", re.IGNORECASE)
    for text in sources():
        lines = text.splitlines()
        collections.Counter(word.findall(text)).most_common(20)
        re.sub(r"(\w+)\.(\w+)", r"\2 of \1", text)
        "\n".join(f"{number:>5}: {line.strip().title()!r:<40}" for number, line in enumerate(lines))
        [line.partition("=")[0].rstrip().replace("self", "this") for line in lines if line.startswith("    ")]
        textwrap.fill(" ".join(lines[:200]), width=72)
        template = string.Template("$name has $count words")
        [template.substitute(name=line[:10].strip(), count=len(line.split())) for line in lines]
        list(difflib.unified_diff(lines[:150], lines[5:160]))


def documents() -> None:
    """Write and read the usual formats."""
    rows = [{"id": i, "name": f"item {i}", "tags": ["a", "b", str(i)], "price": i / 7} for i in range(1500)]
    for _ in range(4):
        json.loads(json.dumps({"rows": rows}, indent=1, sort_keys=True))
        pickle.loads(pickle.dumps(rows))  # noqa: S301  # our own bytes
        table = io.StringIO()
        writer = csv.DictWriter(table, ["id", "name", "price"], extrasaction="ignore")
        writer.writerows(rows)
        sum(float(row[2]) for row in csv.reader(io.StringIO(table.getvalue())))
        root = ET.Element("rows")
        for row in rows:
            ET.SubElement(root, "row", id=str(row["id"])).text = str(row["name"])
        ET.fromstring(ET.tostring(root)).findall("row")  # noqa: S314  # our own text
        html.parser.HTMLParser().feed("<p class='x'>a &amp; b<br>" * 400)
        settings = configparser.ConfigParser()
        settings.read_string("".join(f"[s{i}]\nkey = {i}\nother = %(key)s0\n" for i in range(150)))
        [settings.getint(section, "other") for section in settings.sections()]


class Colour(enum.Enum):
    """A few names."""

    RED = 1
    GREEN = 2


@dataclasses.dataclass(order=True)
class Item:
    """A record with a computed field."""

    weight: int
    name: str = dataclasses.field(compare=False)
    colour: Colour = dataclasses.field(default=Colour.RED, compare=False)

    @property
    def label(self) -> str:
        """A text made of the fields."""
        return f"{self.name}:{self.weight}"


def records() -> None:
    """Make, sort, group and count records."""
    point = collections.namedtuple("point", "x y")  # noqa: PYI024  # what older programs use
    for start in range(8):
        items = [Item((i * 7919 + start) % 1009, f"n{i % 37}", Colour(i % 2 + 1)) for i in range(2500)]
        items.sort()
        ordered = sorted(items, key=operator.attrgetter("name"))
        {name: max(group).label for name, group in itertools.groupby(ordered, key=lambda item: item.name)}
        seen = collections.defaultdict(list)
        for item in items:
            seen[item.colour].append(item.weight)
        heapq.nsmallest(50, items)
        points = [point(i, -i) for i in range(3000)]
        sum(p.x * p.y for p in points if p.x % 3)


class Shape:
    """A base class whose methods are overridden and wrapped."""

    def __init__(self, size: float) -> None:
        """Keep the size."""
        self.size = size

    def area(self) -> float:
        """Return nothing much."""
        return 0.0

    def __eq__(self, other: object) -> bool:
        """Compare by area."""
        return isinstance(other, Shape) and self.area() == other.area()

    def __hash__(self) -> int:
        """Hash by area."""
        return hash(self.area())


class Square(Shape):
    """One that is used."""

    def area(self) -> float:
        """Return its area."""
        return self.size * self.size

    def scaled(self, factor: float) -> Square:
        """Return another of `factor` times the size; refuses to vanish."""
        if factor == 0:
            raise ValueError(factor)
        return Square(self.size * factor)


def objects() -> None:
    """Call methods, look attributes up, raise and catch."""

    @functools.lru_cache(maxsize=64)
    def step(n: int) -> int:
        return n if n < 2 else step(n - 1) + step(n - 2)  # noqa: PLR2004

    @contextlib.contextmanager
    def entered(sink: list[int]) -> Iterator[list[int]]:
        sink.append(1)
        yield sink

    for _ in range(20):
        step.cache_clear()
        step(60)
        shapes: set[Shape] = set()
        for number in range(1500):
            shape = Square(number % 17)
            with contextlib.suppress(ValueError):
                shape = shape.scaled(number % 5)
            shapes.add(shape)
            setattr(shape, f"mark{number % 3}", number)
            getattr(shape, "mark0", None)
            with entered([]) as sink:
                sink.extend((number, number + 1))


def arithmetic() -> None:
    """Count with whole, broken and floating numbers."""
    for _ in range(3):
        total = 0
        for number in range(120_000):
            total = (total * 31 + number) & 0xFFFFFFFF
            if number % 7 == 3:  # noqa: PLR2004
                total ^= number << 3
        grid = [[(x * y) % 10 / 3.0 for x in range(60)] for y in range(60)]
        [
            [sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*grid, strict=True)]
            for row in grid
        ]
        sum((fractions.Fraction(1, n) for n in range(1, 200)), start=fractions.Fraction(0))


async def exchange() -> int:
    """Pass numbers through a queue between tasks."""
    queue: asyncio.Queue[int] = asyncio.Queue(maxsize=10)

    async def produce() -> None:
        for number in range(1500):
            await queue.put(number)

    async def consume() -> int:
        return sum([await queue.get() for _ in range(3000)])

    async with asyncio.TaskGroup() as group:
        consumer = group.create_task(consume())
        for _ in range(2):
            group.create_task(produce())
    return consumer.result()


def iteration() -> None:
    """Run generators, comprehensions and tasks."""

    def walk(depth: int) -> Iterator[int]:
        if depth:
            yield from walk(depth - 1)
            yield depth
            yield from walk(depth - 1)

    for _ in range(5):
        sum(walk(12))
        sorted({k: v for k, v in ((i % 97, str(i)) for i in range(5000)) if k}.items())
        list(itertools.islice(itertools.permutations(range(8)), 4000))
        asyncio.run(exchange())


def storage() -> None:
    """Keep, pack, hash and find data."""
    with tempfile.TemporaryDirectory() as directory:
        for number in range(150):
            pathlib.Path(directory, f"{number}.txt").write_text(f"{number}\n" * 50)
        for path in pathlib.Path(directory).iterdir():
            with path.open() as file:
                sum(int(line) for line in file)
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("create table t (id integer primary key, name text)")
        connection.executemany("insert into t (name) values (?)", ((f"n{i % 50}",) for i in range(4000)))
        connection.execute("select name, count(*) from t group by name order by 2").fetchall()
    data = b"".join(struct.pack("<IdH", i, i / 3, i % 65536) for i in range(8000))
    zlib.decompress(zlib.compress(base64.b64encode(data)))
    hashlib.sha256(data).hexdigest()


PARTS = (
    (start_ups, 4),
    (compilation, 15),
    (text_work, 40),
    (documents, 30),
    (records, 40),
    (objects, 40),
    (arithmetic, 30),
    (iteration, 60),
    (storage, 60),
)

if __name__ == "__main__":
    subprocess.run([sys.executable, "-m", "test", "--pgo"], check=True)
    for part, rounds in PARTS:
        started = time.monotonic()
        for _ in range(rounds):
            part()
        print(f"rtopt: trained on {part.__name__} in {time.monotonic() - started:.1f} s", flush=True)
