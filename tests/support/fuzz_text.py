"""Ways to damage build logs, Nix's own output, and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tests.support.fuzz_elf import delete, flip, repeat, truncate

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

# Text that is slow to match or to split if it is repeated; that of JSON nests.
_PARTS: Final = (
    *(
        "a",
        " ",
        "\n",
        "\t",
        "'",
        '"',
        "\\",
        "$'",
        "\0",
        "\x1b[",
        "\x1b[1",
        "\N{REPLACEMENT CHARACTER}",
        "\x85",
    ),
    *("/", "a-", "a/", "gcc-", "-c ", " a.c", "-march=", "-march=x86-64-v3 ", "-flto", "  'a", "'/a'", ": "),
    *(
        "error: ",
        "at /a:1:1:",
        ":1",
        "/lib",
        "/lib/a.nix",
        "build\tGOAMD64=",
        " -c x.c",
        "NODE",
        "NODECOMPIL",
    ),
    *("unrecognized option ", "extra flags after to gcc:\n", "extra flags before to a/gcc:\n", "@nix "),
    *('{"a":', "[", "-fuse-ld=", "--v8-options=", "GOAMD64=", "preBuild", "_COMPILE_CACHE", "9", "1e9"),
)
_DENIED: Final = ": Permission denied"
_LINES: Final = (
    *(
        "extra flags before to /bin/gcc:",
        "original flags to gcc:",
        "extra flags after to gcc:",
        "  -c",
        "  a.c",
    ),
    *("gcc -c a.c", "gcc 'a", "error:", "error: x", "       at /a.nix:1:2:", "… while", "Version: 1"),
    *(
        "error: opening '/nix/store': Permission denied",
        "Total test files: run=400",
        "rtopt: trained on a in ",
    ),
)
_LONGEST: Final = 400_000
# If lines were repeated a hundred times twice, one input would have fifty megabytes.
_MOST_BYTES: Final = 4 << 20
_NUMBERS: Final = (0, -1, 1, 105, 101, 1 << 63, -(1 << 64), 10**400, 1e308, 0.5)


def mutated_text(chance: random.Random, recorded: Sequence[str]) -> str:
    """Return one of the `recorded` texts, damaged as lines, as characters, and as bytes."""
    lines = chance.choice(recorded).split("\n")
    for _ in range(chance.randint(0, 4)):
        at = chance.randint(0, len(lines))
        kind = chance.randrange(5)
        if kind == 0:
            lines.insert(at, chance.choice(_LINES))
        elif kind == 1:
            lines.insert(at, _long(chance))
        elif kind == 2:
            lines[at : at + chance.randint(1, 30)] = []
        elif kind == 3:
            lines[at:at] = lines[at : at + 20] * chance.choice((1, 3, 100))
        else:
            chance.shuffle(lines)
    return _as_bytes(chance, "\n".join(lines))


def mutated_json(chance: random.Random, recorded: Sequence[str]) -> str:
    """Return one of the `recorded` documents with unexpected values, sometimes damaged as text, too."""
    value = json.loads(chance.choice(recorded))
    for _ in range(chance.randint(0, 4)):
        value = _replaced(chance, value)
    text = json.dumps(value)
    if chance.random() < 0.2:
        depth = chance.choice((10, 200, 300, 490, 900, 990, 100_000))
        opening, closing = chance.choice((("[", "]"), ('{"a":', "}")))
        text = (
            text.replace('"', f'{opening * depth}1{closing * depth},"', 1) if chance.random() < 0.3 else text
        )
        text = text.replace(': "', f': {opening * depth}1{closing * depth}, "again": "', 1)
    return text if chance.random() < 0.6 else _as_bytes(chance, text)


def _replaced(chance: random.Random, value: object) -> object:
    """Return `value` with one part replaced, usually a deep one."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(sorted(value))
        changed = dict(value)
        fate = chance.random()
        if fate < 0.1:
            del changed[key]
        elif fate < 0.2:
            changed[_word(chance)] = changed.pop(key)
        else:
            changed[key] = _replaced(chance, value[key])
        return changed
    if isinstance(value, list) and value and chance.random() < 0.9:
        at = chance.randrange(len(value))
        return [*value[:at], _replaced(chance, value[at]), *value[at + 1 :]]
    return _value(chance)


def _value(chance: random.Random) -> object:
    word = _word(chance)
    nested: object = word
    for _ in range(chance.choice((1, 10, 150))):
        nested = [nested] if chance.random() < 0.5 else {word[:20]: nested}
    encoded = json.dumps({"env": nested, "outputs": ["out"], word[:20]: nested})
    choices: tuple[object, ...] = (
        None,
        True,
        chance.choice(_NUMBERS),
        word,
        [],
        {},
        [word, 1],
        nested,
        encoded,
        "\ud800",
    )
    return chance.choice(choices)


def _word(chance: random.Random) -> str:
    return _long(chance) if chance.random() < 0.1 else chance.choice((*_LINES, *_PARTS))


def _long(chance: random.Random) -> str:
    """Return one or two parts, repeated many times."""
    part = "".join(chance.choices(_PARTS, k=chance.choice((1, 1, 2))))
    size = chance.choice((100, 9_000, 100_000, _LONGEST))
    start, end = chance.choice(("", "gcc ", "  ", "error: ")), chance.choice(("", "x", _DENIED, "'"))
    return start + part * (size // len(part)) + end


def _as_bytes(chance: random.Random, text: str) -> str:
    content = bytearray(text.encode(errors="surrogatepass"))
    for damage in chance.choices((flip, truncate, repeat, delete), k=chance.choice((0, 0, 1, 3))):
        damage(chance, content)
    return content[:_MOST_BYTES].decode(errors="replace")
