"""Both sides of a runtime as values, and reports of programs that were not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.evidence.observation import NotRun, NotRunError
from tests.support.observations import binary, census, derivation, observation, profile, side

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STOCK = side(derivation("stock"), {})


def test_the_code_of_a_side_is_that_of_all_its_files() -> None:
    program, library, compiled = (binary(census(tag=name)) for name in ("lua", "lib/a.so", "hello"))
    whole = side(
        derivation("stock"), {"lua": program}, libraries={"lib/a.so": library}, programs={"hello": compiled}
    )
    assert whole.code == {"lua": program, "lib/a.so": library, "hello": compiled}


def test_a_runtime_that_no_overlay_changed_is_one_derivation() -> None:
    assert observation(profile("skylake"), STOCK, side(derivation("stock"), {})).same_derivation
    assert not observation(profile("skylake"), STOCK, side(derivation("other"), {})).same_derivation


def test_the_settings_are_those_of_the_runtimes_attribute() -> None:
    requested = profile("skylake", "go_1_24", goamd64="v2")
    assert observation(requested, STOCK, STOCK, "go_1_24").settings.goamd64 == "v2"
    assert observation(requested, STOCK, STOCK, "lua5_4").settings.goamd64 is None


READS: list[Callable[[Mapping[str, str]], object]] = [
    lambda reports: reports["version"],
    lambda reports: reports.get("version"),
    lambda reports: "version" in reports,
    len,
    list,
    lambda reports: {**reports},
    bool,
]


@pytest.mark.parametrize("read", READS)
def test_no_report_of_a_program_that_was_not_run_is_taken_for_an_empty_one(
    read: Callable[[Mapping[str, str]], object],
) -> None:
    with pytest.raises(NotRunError, match="lua needs avx512f, which this CPU does not have"):
        read(NotRun("lua needs avx512f, which this CPU does not have"))
