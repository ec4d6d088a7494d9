"""Further builds of what a workload runs, laid out otherwise: which there can be, and at what cost."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pytest_rtopt.base.errors import BuildError, LayoutError
from pytest_rtopt.stages.settings import BuildPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_rtopt.bench.workload import Workload
    from pytest_rtopt.claims.model import Runtime
    from pytest_rtopt.nix.package_set import RuntimeDerivations

_PROGRAMS_SECONDS: Final = 30.0
_UNASKED_SECONDS: Final = 120.0


def seconds_of(runtime: Runtime, workload: Workload) -> float:
    """Return about how long both sides of another build of what `workload` runs take."""
    return 2 * (_PROGRAMS_SECONDS if workload.runs_programs else runtime.build_seconds)


def may_build_unasked(policy: BuildPolicy, seconds: float) -> bool:
    """Decide whether a second build may be made for a small difference, without being asked for."""
    return policy is not BuildPolicy.NEVER and seconds <= _UNASKED_SECONDS


@contextmanager
def optional_build() -> Iterator[None]:
    """Turn a build that fails into a `LayoutError`: what was measured already is not lost for it."""
    try:
        yield
    except BuildError as error:
        what = str(error).splitlines()[0].rstrip(".")
        raise LayoutError(f"another one fails ({what})") from error


def laid_out_anew(
    workload: Workload, first: RuntimeDerivations, other: RuntimeDerivations
) -> RuntimeDerivations:
    """Return the derivations of `first` with what `workload` runs taken from `other`, on both sides.

    Raises `LayoutError` where that would be the same build again.
    """
    if workload.runs_programs:
        varied = replace(
            first, stock_programs=other.stock_programs, optimized_programs=other.optimized_programs
        )
        same = first.stock_programs == other.stock_programs
    else:
        varied = replace(first, stock=other.stock, optimized=other.optimized)
        same = first.stock == other.stock
    if same:
        raise LayoutError("nothing here can lay out the code that it runs in another way")
    return varied
