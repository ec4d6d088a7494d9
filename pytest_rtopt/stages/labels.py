"""Labels of derivations, for the display of progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.nix.package_set import RuntimeDerivations


@dataclass(frozen=True)
class Label:
    """The name of a build, for example "lua 5.4.7 optimized", and its usual seconds if known."""

    text: str
    usual_seconds: float | None = None


def labels_of(
    derivations: Mapping[str, RuntimeDerivations], usual_seconds: Mapping[str, float]
) -> dict[str, Label]:
    """Return the label of each derivation path; `usual_seconds` are those of an optimized build by runtime.

    If both sides are the same derivation, it gets the label of stock.
    """
    labels: dict[str, Label] = {}
    for name, sides in derivations.items():
        subject = f"{name} {sides.version}"
        for paths, label in (
            (sides.optimized_programs, Label(f"{subject} optimized programs")),
            (sides.optimized, Label(f"{subject} optimized", usual_seconds.get(name))),
            (sides.stock_programs, Label(f"{subject} stock programs")),
            (sides.stock, Label(f"{subject} stock")),
        ):
            if paths is not None:
                labels[paths.drv] = label
    return labels
