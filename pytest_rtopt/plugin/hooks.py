"""Registers options, markers, fixtures and hooks.

Every project in the environment loads this plugin, so it must not import what only a run of the suites needs.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal

import pytest

from pytest_rtopt.base.errors import RtoptError
from pytest_rtopt.plugin.options import OPTIONS
from pytest_rtopt.plugin.rootdir import check_rootdir
from pytest_rtopt.plugin.selection import (
    BENCH_FIXTURES,
    FIXTURES,
    GATE_FIXTURES,
    add_packaged_suites,
    concerns_suites,
    deselect_calibration,
    is_configured,
    skip_bypassed_gate,
    skip_measurements,
    sort_by_stage,
    tests_of_suites,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from xdist.remote import Producer

    from pytest_rtopt.plugin.xdist import ByRuntime

# Given by name, because pytest rewrites the assertions only of modules that it imports itself.
pytest_plugins = [FIXTURES, BENCH_FIXTURES, GATE_FIXTURES]

_MARKERS = (
    "profile: the hardware profile fits the machine",
    "generate: overlays change the derivations that they are meant to change, and nothing else",
    "build: stock and optimized runtimes build",
    "verify: each claimed optimization is in what was built",
    "gate: the remembered verdicts allow a switch",
    "calibration: how often this machine reports a difference where there is none; runs only if -m names it",
    "heavy: takes more than ten minutes",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options. Each one is also an ini key."""
    group = parser.getgroup("rtopt", "hardware-optimized runtimes")
    for option in OPTIONS:
        group.addoption(
            option.flag,
            action=option.action,
            **({} if option.switch else {"metavar": option.metavar}),
            help=f"{option.help} (ini: {option.ini}, environment: {option.variable})",
        )
        parser.addini(option.ini, f"default of {option.flag}", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register markers, parse the settings, and collect records in the process that gets all reports."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    # Advice about the machine is not an error, even if a project turns warnings into errors.
    config.addinivalue_line("filterwarnings", "default::pytest_rtopt.hardware.advice.RtoptAdvice")
    # pytest-benchmark, a dependency of this plugin, warns before the first test. Turned into an error, that
    # would end every run under xdist. The suites report the same themselves.
    action: Literal["ignore", "default"] = "ignore" if concerns_suites(config) else "default"
    message = "Benchmarks are automatically disabled because xdist"
    config.addinivalue_line("filterwarnings", f"{action}:{message}")  # read after this by pytest before 9.2
    warnings.filterwarnings(action, message=message)
    if is_configured(config):
        from pytest_rtopt.plugin.settings import settings_of  # noqa: PLC0415  # other projects set nothing

        settings_of(config)  # refuses wrong values before anything is collected
    add_packaged_suites(config)
    if not hasattr(config, "workerinput"):
        check_rootdir(config)
        from pytest_rtopt.plugin.session import RtoptSession  # noqa: PLC0415  # not needed in workers

        config.pluginmanager.register(RtoptSession(config), "rtopt-session")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize tests with runtimes, claims and workloads."""
    if "runtime" in metafunc.fixturenames:
        from pytest_rtopt.plugin.parametrize import parametrize  # noqa: PLC0415  # see the module

        parametrize(metafunc)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the suites by stage, and deselect or skip what must not run."""
    own = tests_of_suites(items)
    if own:
        deselect_calibration(config, items, own)
        sort_by_stage(items, own)
        skip_bypassed_gate(own)
    if hasattr(config, "workerinput"):
        skip_measurements(items)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """End the run if a session fixture of the plugin fails, because every further test would fail alike."""
    __tracebackhide__ = True  # errors of fixtures in other projects pass through here
    try:
        return (yield)
    except RtoptError:
        if fixturedef.scope == "session" and fixturedef.func.__module__ in pytest_plugins:
            request.session.shouldfail = f"rtopt: nothing can be judged without `{fixturedef.argname}`"
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show an error of this plugin as one sentence, without a traceback."""
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, RtoptError):
        report.longrepr = str(call.excinfo.value)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByRuntime | None:
    """Run all tests of a runtime on one worker, which then reads its builds once."""
    from pytest_rtopt.plugin.xdist import by_runtime  # noqa: PLC0415  # xdist, only for a run that uses it

    return by_runtime(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(machine_info: dict[str, object]) -> None:
    """Remove the momentary clock rate, which would make two runs on one machine look different."""
    from pytest_rtopt.bench.adapter import remove_momentary_values  # noqa: PLC0415  # see the module

    remove_momentary_values(machine_info)
