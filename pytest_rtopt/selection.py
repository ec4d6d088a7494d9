"""What a run selects, asked before there are tests; and the packaged suites where nobody named a path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from _pytest.mark.expression import Expression

from pytest_rtopt.resources import directory
from pytest_rtopt.settings import given_on_command_line

if TYPE_CHECKING:
    from collections.abc import Iterable

STAGES: Final = ("profile", "generate", "build", "verify", "benchmark", "gate")
"""The markers of the suites, in the order of the pipeline."""

FIXTURES: Final = "pytest_rtopt.fixtures"
"""The module of our fixtures."""

ALONE: Final = "benchmarks need the machine to themselves: run `-m benchmark` without -n."


def selects(config: pytest.Config, marker: str) -> bool:
    """Return whether the run names markers with `-m` and a test with only this marker would be among them.

    pytest offers no public way to ask; its own parser of the expression is the one that decides later.
    """
    text: str = config.option.markexpr
    if not text:
        return False

    def has(name: str, /, **_: object) -> bool:
        return name == marker

    try:
        return Expression.compile(text).evaluate(has)
    except SyntaxError:
        return False  # pytest itself says what is wrong with the expression


def concerns_suites(config: pytest.Config) -> bool:
    """Return whether a run is about the suites: one of our options is given, or a path of theirs."""
    suites = directory("suites")
    named = [Path(config.invocation_params.dir, arg.split("::")[0]).resolve() for arg in config.args]
    return given_on_command_line(config) or any(path.is_relative_to(suites) for path in named)


def add_packaged_suites(config: pytest.Config) -> None:
    """Let a run with one of our options, but without paths, collect the packaged suites.

    A rootdir with suites of its own, such as this project's, keeps to those.
    """
    paths_given = config.args_source is pytest.Config.ArgsSource.ARGS
    if paths_given or not given_on_command_line(config):
        return
    if not (config.rootpath / "suites" / "test_verify.py").exists():
        config.args.append(str(directory("suites")))


def leave_out_calibration(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect our calibration unless `-m` or a test's name asks for it: it judges no runtime."""
    if "calibration" in config.option.markexpr or any("test_calibration" in arg for arg in config.args):
        return
    suites = directory("suites")
    left_out = [
        item
        for item in items
        if _is_in(item.path.parent, suites) and item.get_closest_marker("calibration") is not None
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def in_pipeline_order(items: list[pytest.Item]) -> None:
    """Put the tests of the suites into the order of the stages: verified before measured.

    Other tests stay where they are.
    """

    def stage(item: pytest.Item) -> int:
        return max(
            (STAGES.index(mark.name) for mark in item.iter_markers() if mark.name in STAGES), default=-1
        )

    suites = directory("suites")
    places = [place for place, item in enumerate(items) if _is_in(item.path.parent, suites)]
    for place, item in zip(places, sorted((items[place] for place in places), key=stage), strict=True):
        items[place] = item


def _is_in(parent: Path, suites: Path) -> bool:
    # Resolved, because an editable installation reaches the suites through a symbolic link; but only where
    # the name is right, because this is asked of every test of every project.
    return parent.name == suites.name and parent.resolve() == suites


def skip_measurements(items: Iterable[pytest.Item]) -> None:
    """Skip what would measure; for the processes of xdist, which share the machine."""
    for item in items:
        if "paired_benchmark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason=ALONE))
