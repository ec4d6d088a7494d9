"""What a run selects: its stages before collection, its tests after it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from _pytest.mark.expression import Expression

from pytest_rtopt.base.resources import directory
from pytest_rtopt.plugin.options import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

STAGES: Final = ("profile", "generate", "build", "verify", "benchmark", "gate")
"""The markers of the suites, in the order of the pipeline."""

FIXTURES: Final = "pytest_rtopt.plugin.fixtures.suites"
BENCH_FIXTURES: Final = "pytest_rtopt.plugin.fixtures.benchmark"
GATE_FIXTURES: Final = "pytest_rtopt.plugin.fixtures.gate"
"""The modules that define the plugin's fixtures."""

_PACKAGE: Final = "pytest_rtopt.suites"

NOT_IN_PARALLEL: Final = "benchmarks need the whole machine: run `-m benchmark` without -n."


def selects(config: pytest.Config, marker: str) -> bool:
    """Return whether `-m` is given and selects a test that has only this marker.

    pytest has no public way to ask this. Its own parser of the expression decides later, so it is used here.
    """
    text: str = config.option.markexpr
    return bool(text) and _marker_expression_matches(text, {marker})


def selects_only_gate(config: pytest.Config) -> bool:
    """Return whether the run selects the gate and no other stage of the suites."""
    return selects(config, "gate") and not any(selects(config, stage) for stage in STAGES if stage != "gate")


def is_gate_run(config: pytest.Config) -> bool:
    """Return whether the run asks for an answer of the gate, by its marker or by the path of its file."""
    text: str = config.option.markexpr
    named = re.search(r"\bgate\b", text) and (
        _marker_expression_matches(text, {"gate"}) or _marker_expression_matches(text, None)
    )
    gate = directory("suites") / "test_gate.py"
    return (bool(named) and concerns_suites(config)) or gate in _paths_on_command_line(config)


def _marker_expression_matches(text: str, markers: Collection[str] | None) -> bool:
    """Evaluate a `-m` expression for a test that has these markers, or every marker if they are `None`."""

    def has(name: str, /, **_: object) -> bool:
        return markers is None or name in markers

    try:
        return Expression.compile(text).evaluate(has)
    except SyntaxError:
        return False  # pytest reports the error itself


def given_on_command_line(config: pytest.Config) -> bool:
    """Return whether the command line has an option of the plugin."""
    return any(config.getoption(option.flag) for option in OPTIONS)


def is_configured(config: pytest.Config) -> bool:
    """Return whether an option of the plugin is given anywhere: here, in the environment or the ini file."""
    return given_on_command_line(config) or any(
        os.environ.get(option.variable) or config.getini(option.ini) for option in OPTIONS
    )


def concerns_suites(config: pytest.Config) -> bool:
    """Return whether a run uses the suites: an option of the plugin is given, or a path of the suites."""
    suites = directory("suites")
    return (
        given_on_command_line(config)
        or any(arg.partition("::")[0].startswith(_PACKAGE) for arg in config.args)
        or any(path.is_relative_to(suites) for path in _paths_on_command_line(config))
    )


def _paths_on_command_line(config: pytest.Config) -> list[Path]:
    return [Path(config.invocation_params.dir, arg.partition("::")[0]).resolve() for arg in config.args]


def add_packaged_suites(config: pytest.Config) -> None:
    """Collect the packaged suites in a run that has an option of the plugin and no paths.

    A rootdir that has the suites itself, such as this project's, uses its own.
    """
    paths_given = config.args_source is pytest.Config.ArgsSource.ARGS
    if paths_given or not given_on_command_line(config):
        return
    if not (config.rootpath / "suites" / "test_verify.py").exists():
        config.args.append(str(directory("suites")))


def tests_of_suites(items: Iterable[pytest.Item]) -> frozenset[pytest.Item]:
    """Return those of the tests that are in the suites."""
    suites = directory("suites")
    files = {
        path
        # Many tests share a file, and this runs in every project.
        for path in {item.path for item in items}
        # An editable installation reaches the suites through a symbolic link, so the path must be resolved.
        if path.parent.name == suites.name and path.parent.resolve() == suites
    }
    return frozenset(item for item in items if item.path in files) if files else frozenset()


def deselect_calibration(
    config: pytest.Config, items: list[pytest.Item], suites: Collection[pytest.Item]
) -> None:
    """Deselect the calibration unless `-m` or a path names it, because it judges no runtime."""
    if "calibration" in config.option.markexpr or any("test_calibration" in arg for arg in config.args):
        return
    left_out = [
        item for item in items if item in suites and item.get_closest_marker("calibration") is not None
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def sort_by_stage(items: list[pytest.Item], suites: Collection[pytest.Item]) -> None:
    """Sort the tests of the suites by stage, so that a runtime is verified before it is measured.

    Other tests keep their places.
    """

    def stage(item: pytest.Item) -> int:
        return max(
            (STAGES.index(mark.name) for mark in item.iter_markers() if mark.name in STAGES), default=-1
        )

    places = [place for place, item in enumerate(items) if item in suites]
    for place, item in zip(places, sorted((items[place] for place in places), key=stage), strict=True):
        items[place] = item


def skip_measurements(items: Iterable[pytest.Item]) -> None:
    """Skip tests that measure. For the workers of xdist, which share the machine."""
    for item in items:
        if "paired_benchmark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason=NOT_IN_PARALLEL))


def skip_bypassed_gate(suites: Iterable[pytest.Item]) -> None:
    """Skip the gate of the suites if the environment bypasses it. The session records the bypass."""
    if not os.environ.get("RTOPT_GATE"):
        return
    for item in suites:
        if item.get_closest_marker("gate"):
            item.add_marker(pytest.mark.skip(reason="the gate is bypassed by RTOPT_GATE"))
