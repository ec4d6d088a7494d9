"""Rebuild impact: what has to be built anew because of an overlay, told from derivations alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from pytest_rtopt.results.values import Impact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from pytest_rtopt.nix.derivation import Derivation


@dataclass(frozen=True)
class Evaluation:
    """The derivations of targets by the targets' names, and everything that these derivations need, by path.

    Of optimized targets that have stock's derivation, nothing needs to be among `closure`.
    """

    targets: Mapping[str, str]
    closure: Mapping[str, Derivation] = field(default_factory=dict)


def impact_of(stock: Evaluation, optimized: Evaluation) -> Impact:
    """Count what `optimized` needs and `stock` does not have.

    Fixed-output derivations, as sources are, are left out with what only they need: whatever fetches a source
    gives the same source.
    """
    known = {path for derivation in stock.closure.values() for path in derivation.outputs.values()}
    differing = {
        name: drv for name, drv in sorted(optimized.targets.items()) if stock.targets.get(name) != drv
    }
    rebuilt = _rebuilt(differing.values(), optimized.closure, known)
    order = TopologicalSorter(
        {drv: [path for path in rebuilt[drv].inputs if path in rebuilt] for drv in sorted(rebuilt)}
    )
    return Impact(
        targets=tuple(sorted({*stock.targets, *optimized.targets})),
        changed=tuple(name for name, drv in differing.items() if _is_new(optimized.closure[drv], known)),
        rebuilt=tuple(rebuilt[drv].name for drv in order.static_order()),
        outputs=len({path for drv in rebuilt.values() for path in drv.outputs.values()} - known),
    )


def _rebuilt(
    roots: Iterable[str], closure: Mapping[str, Derivation], known: AbstractSet[str]
) -> dict[str, Derivation]:
    """Return by path the derivations that are built for `roots` where the output paths `known` are there."""
    found: dict[str, Derivation] = {}
    # Derivations that differ only in how a source is fetched have the same outputs, and one of them is built.
    there = set(known)
    waiting = list(roots)
    while waiting:
        derivation = closure[waiting.pop()]
        if _is_new(derivation, there):
            found[derivation.path] = derivation
            there.update(derivation.outputs.values())
            waiting.extend(derivation.inputs)
    return found


def _is_new(derivation: Derivation, known: AbstractSet[str]) -> bool:
    return not derivation.fixed and not known >= set(derivation.outputs.values())
