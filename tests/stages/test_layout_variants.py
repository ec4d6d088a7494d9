"""Further builds with another layout: what they vary, and which ones a run makes by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_rtopt.base.errors import BuildError, LayoutError, NixError
from pytest_rtopt.nix.package_set import RuntimeDerivations
from pytest_rtopt.results.values import StorePaths
from pytest_rtopt.runtimes import runtime
from pytest_rtopt.stages.layout_variants import (
    may_build_automatically,
    optional_build,
    seconds_of,
    with_layout_variant,
)
from pytest_rtopt.stages.settings import BuildPolicy


def derivations(name: str, layout: int, *, programs: bool = True) -> RuntimeDerivations:
    def paths(kind: str) -> StorePaths:
        return StorePaths(f"/nix/store/{layout}-{kind}.drv", f"/nix/store/{layout}-{kind}")

    return RuntimeDerivations(
        name, "1", paths("stock"), paths("optimized"),
        paths("stock-programs") if programs else None, paths("optimized-programs") if programs else None,
    )  # fmt: skip


def test_only_what_a_workload_runs_is_built_again() -> None:
    first, other = derivations("go", 0), derivations("go", 1)
    compiling, records = (
        next(work for work in runtime("go").workloads if work.name == name)
        for name in ("go/compile-std", "go/records")
    )
    again = with_layout_variant(records, first, other)
    assert (again.stock, again.stock_programs) == (first.stock, other.stock_programs)
    assert (again.optimized, again.optimized_programs) == (first.optimized, other.optimized_programs)
    again = with_layout_variant(compiling, first, other)
    assert (again.stock, again.stock_programs) == (other.stock, first.stock_programs)
    with pytest.raises(LayoutError, match="only one possible layout"):
        with_layout_variant(records, first, replace(other, stock_programs=first.stock_programs))
    assert may_build_automatically(BuildPolicy.AUTO, seconds_of(runtime("go"), records))
    assert not may_build_automatically(BuildPolicy.AUTO, seconds_of(runtime("go"), compiling))
    assert not may_build_automatically(BuildPolicy.NEVER, 0)


def test_a_failed_build_becomes_the_end_of_a_sentence() -> None:
    with (
        pytest.raises(LayoutError, match=r"^another one fails \(lua did not build: see the log\)$"),
        optional_build(),
    ):
        raise BuildError("lua did not build: see the log.\nlast lines")
    with pytest.raises(NixError), optional_build():
        raise NixError("Nix is absent.")
