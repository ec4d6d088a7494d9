"""Rebuild impact: what has to be built anew, counted on made-up derivations and on the shapes of nixpkgs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.nix.rebuild_impact import Evaluation, impact_of
from pytest_rtopt.results.values import Impact
from tests.support.nixpkgs_sets import (
    OF_2026,
    RUNTIMES,
    UNTIL_25_11,
    Evaluated,
    PackageSet,
    full_profile,
    ours,
)
from tests.support.observations import derivation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_rtopt.nix.derivation import Derivation
    from tests.support.private_store import PrivateStore


def built(
    name: str, *inputs: Derivation, version: str = "1", outputs: Sequence[str] = ("out",)
) -> Derivation:
    """Return a derivation whose paths follow from its version and its inputs, as Nix computes them."""
    key = _digest(name, version, *(path for used in inputs for path in used.outputs.values()))
    return replace(
        derivation(name),
        path=f"/{_digest(key, *(used.path for used in inputs))}-{name}.drv",
        outputs={output: f"/{key}-{name}-{output}" for output in outputs},
        inputs=tuple(used.path for used in inputs),
    )


def fetched(name: str, *inputs: Derivation, content: str = "1") -> Derivation:
    """Return a fixed-output derivation: its output follows from its content, whatever fetches it."""
    made = built(name, *inputs, version=content)
    return replace(made, outputs={"out": f"/{_digest(name, content)}-{name}"}, fixed=True)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def evaluation(targets: Mapping[str, Derivation], *needed: Derivation) -> Evaluation:
    """Return targets and a closure that has `needed`, too."""
    closure = {drv.path: drv for drv in (*targets.values(), *needed)}
    return Evaluation({name: drv.path for name, drv in targets.items()}, closure)


COMPILER = built("gcc")
SOURCE = fetched("source", built("curl", COMPILER))
GO = built("go", COMPILER, SOURCE)
TUNED = built("go", COMPILER, SOURCE, version="tuned", outputs=("out", "dev"))
THERE = (COMPILER, SOURCE, built("curl", COMPILER))


def test_one_evaluation_against_itself_is_nothing() -> None:
    side = evaluation({"go": GO}, *THERE)
    assert impact_of(side, side) == Impact(targets=("go",), changed=(), rebuilt=(), outputs=0)
    assert impact_of(side, Evaluation(side.targets)) == impact_of(side, side)


def test_what_is_built_with_a_runtime_follows_it() -> None:
    """Derivations are counted once, and their outputs each; the order is that of building."""
    hugo, tuned_hugo = built("hugo", GO), built("hugo", TUNED)
    site, tuned_site = built("a-site", hugo, GO), built("a-site", tuned_hugo, TUNED)
    stock = evaluation({"go": GO, "site": site, "gcc": COMPILER}, hugo, *THERE)
    optimized = evaluation({"go": TUNED, "site": tuned_site, "gcc": COMPILER}, tuned_hugo, *THERE)
    assert impact_of(stock, optimized) == Impact(
        targets=("gcc", "go", "site"),
        changed=("go", "site"),
        rebuilt=("go", "hugo", "a-site"),
        outputs=4,
    )


def test_a_source_is_the_same_whatever_fetches_it() -> None:
    """The tools that only fetch are built where somebody fetches, and not because of the overlay."""
    git, tuned_git = built("git", GO), built("git", TUNED)
    source, again = fetched("src", git), fetched("src", tuned_git)
    program, same = built("program", source), built("program", again)
    assert program.path != same.path
    stock = evaluation({"program": program, "source": source}, git, GO, *THERE)
    optimized = evaluation({"program": same, "source": again}, tuned_git, TUNED, *THERE)
    assert impact_of(stock, optimized) == Impact(("program", "source"), (), (), 0)


def test_a_source_that_is_new_is_fetched_and_not_built() -> None:
    patched = built("go", COMPILER, fetched("patch"))
    found = impact_of(evaluation({"go": GO}, *THERE), evaluation({"go": patched}, COMPILER, fetched("patch")))
    assert found.rebuilt == ("go",)


def test_one_build_reached_by_two_derivations_is_counted_once() -> None:
    tuned = [built("tool", TUNED, fetched("src", fetcher)) for fetcher in (COMPILER, GO)]
    assert tuned[0].path != tuned[1].path
    assert tuned[0].outputs == tuned[1].outputs
    fetchers = [fetched("src", fetcher) for fetcher in (COMPILER, GO)]
    stock = evaluation({"go": GO}, *fetchers, *THERE)
    optimized = evaluation({"a": tuned[0], "b": tuned[1]}, TUNED, *fetchers, GO, *THERE)
    found = impact_of(stock, optimized)
    assert found.changed == ("a", "b")
    assert found.rebuilt == ("go", "tool")
    assert found.outputs == 3


def test_a_target_that_only_the_overlay_has_is_new() -> None:
    stock = evaluation({"go": GO}, *THERE)
    found = impact_of(stock, evaluation({"go": GO, "go-optimized": TUNED}, *THERE))
    assert (found.targets, found.changed) == (("go", "go-optimized"), ("go-optimized",))
    assert found.rebuilt == ("go",)


@dataclass(frozen=True)
class Node:
    """One package of a made-up set: what it needs, and whether the overlay changes it."""

    needs: tuple[int, ...]
    is_source: bool
    changes: bool


@st.composite
def package_sets(draw: st.DrawFn) -> tuple[Node, ...]:
    size = draw(st.integers(1, 9))
    return tuple(
        Node(
            tuple(draw(st.sets(st.integers(0, number - 1), max_size=3))) if number else (),
            draw(st.booleans()),
            draw(st.booleans()),
        )
        for number in range(size)
    )


def packages_of(nodes: Sequence[Node], *, overlaid: bool) -> list[Derivation]:
    """Return the derivations of a set, without the overlay or with it."""
    made: list[Derivation] = []
    for number, node in enumerate(nodes):
        version = "2" if overlaid and node.changes else "1"
        used = [made[index] for index in node.needs]
        make = fetched(f"p{number}", *used, content=version) if node.is_source else None
        made.append(make or built(f"p{number}", *used, version=version))
    return made


def needed(roots: set[str], closure: Mapping[str, Derivation], *, sources: bool) -> set[str]:
    """Return what `roots` need, themselves included; without `sources`, these and what only they need."""
    kept = {path for path in roots if sources or not closure[path].fixed}
    inputs = {path for root in kept for path in closure[root].inputs}
    return kept | needed(inputs, closure, sources=sources) if inputs else kept


@given(package_sets(), st.sets(st.integers(0, 8), min_size=1))
def test_the_count_is_that_of_changed_outputs_in_the_closures(
    nodes: tuple[Node, ...], wanted: set[int]
) -> None:
    """The definition, word for word: output paths of the optimized closure that stock's does not have."""
    targets = [index for index in wanted if index < len(nodes)]
    sides = []
    for overlaid in (False, True):
        packages = packages_of(nodes, overlaid=overlaid)
        everything = {drv.path: drv for drv in packages}
        roots = {f"p{index}": packages[index].path for index in targets}
        reached = needed(set(roots.values()), everything, sources=True)
        sides.append(Evaluation(roots, {path: everything[path] for path in reached}))
    stock, optimized = sides
    found = impact_of(stock, optimized)

    there = {path for drv in stock.closure.values() for path in drv.outputs.values()}
    anew = {
        optimized.closure[path].name: optimized.closure[path]
        for path in needed(set(optimized.targets.values()), optimized.closure, sources=False)
        if not there.issuperset(optimized.closure[path].outputs.values())
    }
    assert set(found.rebuilt) == set(anew)
    assert len(found.rebuilt) == found.outputs == len(anew)
    assert set(found.changed) == set(anew) & set(optimized.targets)
    place = {name: index for index, name in enumerate(found.rebuilt)}
    for name, drv in anew.items():
        before = [optimized.closure[path].name for path in drv.inputs if not optimized.closure[path].fixed]
        assert all(place[other] < place[name] for other in before if other in place)


def standing(evaluated: Evaluated) -> Evaluation:
    """Return everything in a shape that an overlay can reach."""
    closure = evaluated.nix.derivations(sorted(set(evaluated.standing.values())), recursive=True)
    return Evaluation(evaluated.standing, closure)


@pytest.mark.parametrize("shape", [UNTIL_25_11, OF_2026])
def test_each_overlay_rebuilds_its_own_runtime_and_what_is_built_with_it(
    private_store: PrivateStore, shape: str
) -> None:
    packages = PackageSet(shape, private_store.nix)
    plain = packages.under()
    stock = standing(plain)
    for runtime in RUNTIMES:
        found = impact_of(stock, standing(packages.under(*ours(full_profile(plain), runtime))))
        # The join of Node.js follows what it joins.
        assert {name.partition("/")[0] for name in found.changed} == {runtime}, runtime
        assert set(found.changed) == {name for name in stock.targets if name.partition("/")[0] == runtime}
        assert len(found.rebuilt) >= len({stock.targets[name] for name in found.changed})
        beside = impact_of(stock, standing(packages.under(*ours(full_profile(plain, "add"), runtime))))
        assert beside == Impact(found.targets, changed=(), rebuilt=(), outputs=0)
