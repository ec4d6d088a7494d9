"""Changes to flags that neither the derivation nor the log shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.claims.hidden_changes import hidden_changes, rewritten
from pytest_rtopt.evidence.log.build_log import BuildLog, parse_log
from tests.support.observations import derivation, observation, printed, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

ECHOED = parse_log("gcc -O2 -c a.c\n")
NAMING = {"preBuild": "export NIX_CFLAGS_COMPILE+=' -O3'"}
REWRITING = {"preBuild": "export PATH=$PWD/bin:$PATH"}


def built(scripts: dict[str, str], log: BuildLog | None = ECHOED) -> Observation:
    """Return an observation of an overlay that added `scripts`."""
    optimized = side(derivation("optimized", scripts), {}, log=log)
    return observation(profile("skylake"), side(derivation("stock"), {}), optimized)


def test_a_script_that_names_the_variable_may_change_it() -> None:
    assert hidden_changes(built(NAMING)) == "preBuild names NIX_CFLAGS_COMPILE and may change it"
    assert rewritten(built(NAMING)) is None


def test_a_script_can_change_variables_and_compilers_without_naming_them() -> None:
    found = rewritten(built(REWRITING))
    assert found is not None
    assert found.startswith("preBuild can change variables, or the program that is found as the compiler")
    assert hidden_changes(built(REWRITING)) == found


@pytest.mark.parametrize("scripts", [{}, {"postInstall": "rm -r $out/share"}, {"CFLAGS": "-O3"}])
def test_other_changes_hide_nothing(scripts: dict[str, str]) -> None:
    assert hidden_changes(built(scripts)) is None
    assert rewritten(built(scripts)) is None


def test_a_script_that_stock_has_as_well_is_not_a_change() -> None:
    stock = derivation("stock", {**NAMING, **REWRITING})
    both = observation(profile("skylake"), side(stock, {}, log=ECHOED), side(stock, {}, log=ECHOED))
    assert hidden_changes(both) is None
    assert rewritten(both) is None


@pytest.mark.parametrize("scripts", [NAMING, REWRITING])
@pytest.mark.parametrize("log", [None, printed("-O3")], ids=["no log", "a log with every flag"])
def test_a_log_with_every_flag_hides_nothing_and_without_one_nothing_is_compared(
    scripts: dict[str, str], log: BuildLog | None
) -> None:
    assert hidden_changes(built(scripts, log)) is None
    assert rewritten(built(scripts, log)) is None
