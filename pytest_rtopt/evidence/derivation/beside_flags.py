"""What differs between two derivations beside flags.

One is stock's, the other is made by the same overlay without its flags (`evidence/flagless_overlay.py`).
Taking flags out leaves empty variables, and lines of scripts that assign nothing.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from pytest_rtopt.evidence.derivation.exported import is_script

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_rtopt.nix.derivation import Derivation

# Variables that hold words for a compiler, a linker or the go command, and are exported to them.
_FLAG_VARIABLE: Final = re.compile(r"[A-Z0-9_]*FLAGS[A-Z0-9_]*")
# A flag of rustc may be a word of its own behind one of these.
_TAKES_NEXT: Final = ("-C", "--codegen", "-Z", "-Xlinker", "-mllvm", "-Xclang")
# `NAME+=" "`, `NAME="$NAME "` and `appendToVar NAME ""` change nothing. `NAME=` does.
_ASSIGNS_NOTHING: Final = re.compile(
    r"(?:export\s+|declare\s+(?:-x\s+)?)?(?P<name>\w+)"
    r"(?:\+=\(?[\"']?\s*[\"']?\)?|=[\"']?\s*\$\{?(?P=name)(?::?-)?\}?\s*[\"']?);?"
    r"|(?:append|prepend)ToVar\s+\w+(?:\s+(?:\"\s*\"|'\s*'))*;?|export\s+\w+;?"
)
# What a package is called decides about nothing in its build.
_NAMES: Final = ("name", "pname")
_ARGUMENTS: Final = "the builder's arguments"


def changes_beside_flags(stock: str, other: str, derivations: Mapping[str, Derivation]) -> tuple[str, ...]:
    """Return the attributes and variables of `other` that differ from `stock` beside flags and names, sorted.

    `derivations` has both by path, with all that they are made of. Inputs count as equal if they differ by
    nothing else either.
    """
    shared = closure(stock, derivations) & closure(other, derivations)
    comparing = _Comparing(derivations, shared)
    before, after = comparing.values(stock), comparing.values(other)
    return tuple(
        sorted(
            name
            for name in before.keys() | after.keys()
            if name not in _NAMES and not _is_same(name, before.get(name, ""), after.get(name, ""))
        )
    )


def closure(drv: str, derivations: Mapping[str, Derivation]) -> frozenset[str]:
    """Return a derivation with all that it is made of, by path."""
    found, remaining = set(), [drv]
    while remaining:
        path = remaining.pop()
        if path not in found and path in derivations:
            found.add(path)
            remaining += derivations[path].inputs
    return frozenset(found)


class _Comparing:
    """The values of derivations in a form in which those that only flags tell apart are equal."""

    def __init__(self, derivations: Mapping[str, Derivation], shared: Iterable[str]) -> None:
        self._derivations = derivations
        self._names = {path: path for path in shared}

    def values(self, drv: str) -> dict[str, str]:
        """Return the values that are not empty by name; paths of other inputs than shared ones are named."""
        derivation = self._derivations[drv]
        references = dict.fromkeys(derivation.outputs.values(), "OUT")
        for path in derivation.inputs:
            if path in self._derivations and (name := self._name(path)) != path:
                outputs = self._derivations[path].outputs
                references |= {out: f"{name}-{output}" for output, out in outputs.items()}
        named = {**derivation.attributes, **derivation.exported, _ARGUMENTS: derivation.arguments}
        values = {}
        for name, value in named.items():
            if name != "env" and name not in derivation.outputs:
                text = _plain(name, value)
                for path, reference in references.items():
                    text = text.replace(path, reference)
                if text:
                    values[name] = text
        return values

    def _name(self, drv: str) -> str:
        """Return a name that derivations with equal values have in common; of a shared one its path."""
        if drv not in self._names:
            derivation = self._derivations[drv]
            if derivation.fixed:
                # Whatever makes it, its outputs are the same.
                self._names[drv] = repr(sorted(derivation.outputs.items()))
            else:
                text = repr(sorted(self.values(drv).items()))
                self._names[drv] = hashlib.sha256(text.encode()).hexdigest()
        return self._names[drv]


def _plain(name: str, value: object) -> str:
    """Return a value as text; false, null and what is blank are empty."""
    if value is None or value is False:
        return ""
    if isinstance(value, list | tuple):
        value = " ".join(map(str, value))
    text = str(value)
    if is_script(name) or "\n" in text:
        lines = (" ".join(line.split()) for line in text.splitlines())
        return "\n".join(line for line in lines if line and _ASSIGNS_NOTHING.fullmatch(line) is None)
    return " ".join(text.split())


def _is_same(name: str, before: str, after: str) -> bool:
    if before == after:
        return True
    if _FLAG_VARIABLE.fullmatch(name) is None:
        return False
    return _without_added_flags(after.split(), before.split()) == before.split()


def _without_added_flags(words: list[str], known: list[str]) -> list[str]:
    """Return `words` without options that are not among `known`: another file may have added them."""
    kept: list[str] = []
    previous = ""
    for word in words:
        if word in known or not (word.startswith("-") or previous in _TAKES_NEXT):
            kept.append(word)
        previous = word
    return kept
