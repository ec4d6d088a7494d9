"""What a run selects, asked before there are tests; and the packaged suites where nobody named a path."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from _pytest.mark.expression import Expression

from pytest_rtopt.base.resources import directory
from pytest_rtopt.plugin.settings import given_on_command_line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

STAGES: Final = ("profile", "generate", "build", "verify", "benchmark", "gate")
"""The markers of the suites, in the order of the pipeline."""

FIXTURES: Final = "pytest_rtopt.plugin.fixtures.suites"
BENCH_FIXTURES: Final = "pytest_rtopt.plugin.fixtures.benchmark"
GATE_FIXTURES: Final = "pytest_rtopt.plugin.fixtures.gate"
"""The modules of our fixtures."""

_PACKAGE: Final = "pytest_rtopt.suites"

ALONE: Final = "benchmarks need the machine to themselves: run `-m benchmark` without -n."


def selects(config: pytest.Config, marker: str) -> bool:
    """Return whether the run names markers with `-m` and a test with only this marker would be among them.

    pytest offers no public way to ask; its own parser of the expression is the one that decides later.
    """
    text: str = config.option.markexpr
    return bool(text) and _holds(text, {marker})


def only_gates(config: pytest.Config) -> bool:
    """Return whether the run selects the gate, and no other stage of the suites."""
    return selects(config, "gate") and not any(selects(config, stage) for stage in STAGES if stage != "gate")


def is_gate_run(config: pytest.Config) -> bool:
    """Return whether a run is to be an answer of the gate: it asks for its marker, or names its file."""
    text: str = config.option.markexpr
    named = re.search(r"\bgate\b", text) and (_holds(text, {"gate"}) or _holds(text, None))
    gate = directory("suites") / "test_gate.py"
    return (bool(named) and concerns_suites(config)) or gate in _named(config)


def _holds(text: str, markers: Collection[str] | None) -> bool:
    """Evaluate a `-m` expression for a test that has these markers, or (`None`) every marker there is."""

    def has(name: str, /, **_: object) -> bool:
        return markers is None or name in markers

    try:
        return Expression.compile(text).evaluate(has)
    except SyntaxError:
        return False  # pytest itself says what is wrong with the expression


def concerns_suites(config: pytest.Config) -> bool:
    """Return whether a run is about the suites: one of our options is given, or a path of theirs."""
    suites = directory("suites")
    return (
        given_on_command_line(config)
        or any(arg.partition("::")[0].startswith(_PACKAGE) for arg in config.args)
        or any(path.is_relative_to(suites) for path in _named(config))
    )


def _named(config: pytest.Config) -> list[Path]:
    return [Path(config.invocation_params.dir, arg.partition("::")[0]).resolve() for arg in config.args]


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


def skip_bypassed_gate(items: Iterable[pytest.Item]) -> None:
    """Skip the gate of the suites where the environment bypasses it; the session writes that down."""
    if not os.environ.get("RTOPT_GATE"):
        return
    suites = directory("suites")
    for item in items:
        if item.get_closest_marker("gate") and _is_in(item.path.parent, suites):
            item.add_marker(pytest.mark.skip(reason="the gate is bypassed by RTOPT_GATE"))
