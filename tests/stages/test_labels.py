"""The labels of builds on the screen."""

from __future__ import annotations

from pytest_rtopt.nix.package_set import RuntimeDerivations
from pytest_rtopt.results.values import StorePaths
from pytest_rtopt.stages.labels import Label, labels_of


def sides(stock: str, optimized: str, *, programs: bool) -> RuntimeDerivations:
    return RuntimeDerivations(
        attr="go_1_24",
        version="1.24.11",
        stock=StorePaths(stock, "/nix/store/s"),
        optimized=StorePaths(optimized, "/nix/store/o"),
        stock_programs=StorePaths(f"{stock}-programs", "/nix/store/sp") if programs else None,
        optimized_programs=StorePaths(f"{optimized}-programs", "/nix/store/op") if programs else None,
    )


def test_labels_say_which_side_is_built() -> None:
    """Bug: progress showed the derivation name, which is the same for both sides."""
    assert labels_of({"go": sides("a.drv", "b.drv", programs=True)}, {"go": 300.0}) == {
        "a.drv": Label("go 1.24.11 stock"),
        "a.drv-programs": Label("go 1.24.11 stock programs"),
        "b.drv": Label("go 1.24.11 optimized", 300.0),
        "b.drv-programs": Label("go 1.24.11 optimized programs"),
    }


def test_one_derivation_for_both_sides_is_stock() -> None:
    assert labels_of({"lua": sides("a.drv", "a.drv", programs=False)}, {}) == {
        "a.drv": Label("lua 1.24.11 stock")
    }
