"""Further builds with another code layout: which ones are possible, and how long they take."""

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
_AUTOMATIC_SECONDS: Final = 120.0


def seconds_of(runtime: Runtime, workload: Workload) -> float:
    """Return the approximate seconds to build both sides once more for `workload`."""
    return 2 * (_PROGRAMS_SECONDS if workload.runs_programs else runtime.build_seconds)


def may_build_automatically(policy: BuildPolicy, seconds: float) -> bool:
    """Return whether a small difference may cause a second build that the user did not request."""
    return policy is not BuildPolicy.NEVER and seconds <= _AUTOMATIC_SECONDS


@contextmanager
def optional_build() -> Iterator[None]:
    """Turn a failed build into a `LayoutError`, so that earlier measurements are kept."""
    try:
        yield
    except BuildError as error:
        what = str(error).splitlines()[0].rstrip(".")
        raise LayoutError(f"another one fails ({what})") from error


def with_layout_variant(
    workload: Workload, first: RuntimeDerivations, other: RuntimeDerivations
) -> RuntimeDerivations:
    """Return the derivations of `first`, with those that `workload` runs taken from `other` on both sides.

    Raises `LayoutError` if that gives the same build again.
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
        raise LayoutError("its code has only one possible layout in this package set")
    return varied
