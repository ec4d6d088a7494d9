"""The steps from settings to builds that need no Nix: what is judged, what may be built, what is compared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from pytest_rtopt.base.errors import BuildError
from pytest_rtopt.base.resources import directory
from pytest_rtopt.hardware.runtime_settings import RuntimeSettings
from pytest_rtopt.nix.overlay_source import Overlay
from pytest_rtopt.nix.package_set import Instantiation, RuntimeDerivations
from pytest_rtopt.results.values import BuildRecord, StorePaths
from pytest_rtopt.runtimes import runtime
from pytest_rtopt.stages.build import (
    RuntimeBuild,
    build_runtime,
    comparison_of,
    may_build,
    overlays_of,
    paths_to_build,
    result_of,
    threshold_of,
    touched_runtimes,
    untouched_by_overlays,
)
from pytest_rtopt.stages.settings import BuildPolicy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_rtopt.nix.build import Builder
    from pytest_rtopt.stages.packages import Packages
    from pytest_rtopt.stages.settings import Settings

LUA = runtime("lua")
GO = runtime("go")


def paths(name: str) -> StorePaths:
    return StorePaths(f"/nix/store/{name}.drv", f"/nix/store/{name}")


STOCK_ALONE = RuntimeDerivations("lua5_4", "5.4.7", paths("a"), paths("a"), None, None)
SIDES = replace(STOCK_ALONE, optimized=paths("b"))
WITH_PROGRAMS = replace(SIDES, stock_programs=paths("ap"), optimized_programs=paths("bp"))


@dataclass(frozen=True)
class Chosen:
    """The part of the settings that these steps read."""

    overlays: tuple[Overlay, ...] = ()
    runtimes: tuple[str, ...] = ("lua", "go")
    runtimes_given: bool = False

    @property
    def uses_shipped_overlays(self) -> bool:
        return not self.overlays


def chosen(*, overlays: tuple[Overlay, ...] = (), runtimes_given: bool = False) -> Settings:
    return cast("Settings", Chosen(overlays, runtimes_given=runtimes_given))


MINE = (Overlay.in_file(Path("/mine.nix")),)


def test_the_users_overlays_take_the_place_of_those_of_the_runtimes() -> None:
    assert overlays_of(chosen(overlays=MINE)) == MINE
    shipped = directory("overlays")
    assert overlays_of(chosen()) == tuple(
        Overlay.in_file(shipped / f"{name}-hardware-optimized.nix") for name in ("lua", "go")
    )


def test_a_runtime_that_no_longer_evaluates_is_touched() -> None:
    found = Instantiation(
        {"lua": SIDES, "nodejs": STOCK_ALONE}, overlaid=False, everything=None, failures={"go": "no go"}
    )
    assert touched_runtimes(found) == {"lua", "go"}


@pytest.mark.parametrize(
    ("settings", "overlaid", "left_out"),
    [
        pytest.param(chosen(overlays=MINE), False, True, id="the user's overlays"),
        pytest.param(chosen(), True, True, id="packages that are overlaid already"),
        pytest.param(chosen(), False, False, id="our overlays have to touch it"),
        pytest.param(chosen(overlays=MINE, runtimes_given=True), False, False, id="the user named it"),
    ],
)
def test_what_foreign_overlays_leave_alone_is_not_judged(
    settings: Settings, *, overlaid: bool, left_out: bool
) -> None:
    untouched = Instantiation({"lua": STOCK_ALONE}, overlaid=overlaid, everything=None)
    assert untouched_by_overlays(LUA, settings, untouched) is left_out
    touched = Instantiation({"lua": SIDES}, overlaid=overlaid, everything=None)
    assert not untouched_by_overlays(LUA, settings, touched)


@pytest.mark.parametrize(
    ("policy", "requested", "seconds", "allowed"),
    [
        (BuildPolicy.AUTO, False, 599, True),
        (BuildPolicy.AUTO, False, 600, False),
        (BuildPolicy.AUTO, True, 7200, True),
        (BuildPolicy.ALWAYS, False, 7200, True),
        (BuildPolicy.NEVER, True, 1, False),
    ],
)
def test_a_long_build_has_to_be_requested(
    policy: BuildPolicy, *, requested: bool, seconds: float, allowed: bool
) -> None:
    assert may_build(policy, requested=requested, seconds=seconds) is allowed


def test_a_threshold_is_found_by_the_full_name_first() -> None:
    work = LUA.workloads[0]
    short = work.name.removeprefix("lua/")
    for expect, threshold in (
        ({work.name: 0.05, short: 0.01}, 0.05),
        ({short: 0.01}, 0.01),
        ({"lua/another": 0.05}, work.threshold),
    ):
        assert threshold_of(work, RuntimeSettings(enable=True, expect=expect)) == threshold


def test_both_sides_of_a_comparison_differ_only_where_they_must(tmp_path: Path) -> None:
    settings = RuntimeSettings(enable=True, expect={"lua/tables": 0.05})
    made = comparison_of(LUA.workloads[0], settings, WITH_PROGRAMS, tmp_path)
    assert made.workload == replace(LUA.workloads[0], threshold=0.05)
    assert (made.stock.out, made.optimized.out) == (Path("/nix/store/a"), Path("/nix/store/b"))
    assert (made.stock.programs, made.optimized.programs) == (Path("/nix/store/ap"), Path("/nix/store/bp"))
    scratches = (made.stock.scratch, made.optimized.scratch)
    assert len({len(str(scratch)) for scratch in scratches}) == 1
    assert len(set(scratches)) == 2
    assert all(scratch.is_dir() for scratch in scratches)


def test_everything_of_a_runtime_is_built_stock_first() -> None:
    assert paths_to_build(SIDES) == [paths("a"), paths("b")]
    assert paths_to_build(WITH_PROGRAMS) == [paths("a"), paths("ap"), paths("b"), paths("bp")]


@dataclass
class Machine:
    """A store with what was built so far, and a builder that adds to it."""

    outputs: set[str] = field(default_factory=set)
    built: list[str] = field(default_factory=list)

    def missing(self, wanted: Sequence[str]) -> set[str]:
        return set(wanted) - self.outputs

    def root(self, drv: str) -> Path:
        return Path(f"/roots{drv}")

    def build(self, drv: str) -> None:
        self.built.append(drv)
        self.outputs.add(drv.removesuffix(".drv"))

    def record(self, drv: str, out: str, *, cached: bool) -> BuildRecord:
        assert (drv, out) == ("/nix/store/b.drv", "/nix/store/b")
        return BuildRecord(None, None, None, cached)


@dataclass(frozen=True)
class Set:
    """A package set of the user."""

    is_embedded: bool = False


@dataclass(frozen=True)
class Prepared:
    """The part of `Packages` that a build reads."""

    nix: Machine
    set: Set = Set()
    caches: tuple[object, ...] = ()


def build(machine: Machine, sources: Path | None) -> RuntimeBuild:
    return build_runtime(LUA, SIDES, cast("Packages", Prepared(machine)), cast("Builder", machine), sources)


def test_only_what_is_missing_is_built() -> None:
    machine = Machine({"/nix/store/a"})
    assert not build(machine, Path("/sources")).record.cached
    assert machine.built == ["/nix/store/b.drv"]
    assert build(machine, Path("/sources")).record.cached
    assert machine.built == ["/nix/store/b.drv"]


def test_a_run_that_may_not_build_says_how_long_it_would_take_and_what_to_do() -> None:
    machine = Machine({"/nix/store/a"})
    with pytest.raises(
        BuildError, match=r"^lua is not built, and building takes about .*; build it with"
    ) as caught:
        build(machine, None)
    assert "`-m build` or --rtopt-build always" in str(caught.value)
    assert machine.built == []
    machine.outputs.add("/nix/store/b")
    assert build(machine, None).record.cached


def test_a_result_begins_with_the_builds_alone() -> None:
    result = result_of(GO, RuntimeBuild(WITH_PROGRAMS, BuildRecord(3.0, None, None, cached=False)))
    assert (result.name, result.baseline, result.optimized) == ("go", paths("a"), paths("b"))
    assert result.programs == WITH_PROGRAMS.programs
    assert (result.findings, result.benchmarks) == ((), ())
