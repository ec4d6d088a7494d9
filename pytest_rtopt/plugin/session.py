"""The start and the end of a run: checks before the first test, verdicts and files after the last."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import ReportError, RtoptError
from pytest_rtopt.plugin.records import RecordCollector, RepeatedErrors
from pytest_rtopt.plugin.selection import (
    NOT_IN_PARALLEL,
    STAGES,
    concerns_suites,
    is_configured,
    is_gate_run,
    selects,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from rich.console import RenderableType

    from pytest_rtopt.results.values import GateAnswer, RunResults, RuntimeResult
    from pytest_rtopt.stages.settings import Settings
    from pytest_rtopt.verdict.decide import ExpectedWork
    from pytest_rtopt.verdict.ledger import LedgerEntry
    from pytest_rtopt.verdict.signature import Keys

_COMPLETED: Final = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


class RtoptSession:
    """Starts and ends a run, in the process that gets all reports."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._records = RecordCollector()
        self._repeated_errors = RepeatedErrors()
        self._shown_results: RunResults | None = None
        self._problems: list[str] = []
        self._refusals: tuple[str, ...] = ()
        self._bypassed: str | None = None
        self._running: pytest.Item | None = None
        self._gate_begun = False
        self._written_entries: Mapping[str, LedgerEntry] = {}
        self._push_messages: list[str] = []

    @cached_property
    def _settings(self) -> Settings:
        """The settings of the run. A run that has nothing to do with the suites never needs them."""
        from pytest_rtopt.plugin.settings import settings_of  # noqa: PLC0415  # see above

        return settings_of(self._config)

    @property
    def answers(self) -> Mapping[str, GateAnswer]:
        """The answers of the gate by runtime."""
        return {} if self._shown_results is None else self._shown_results.gate

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Refuse a run that would fail at its end, before anything is built."""
        config = session.config
        if getattr(config.option, "tx", None) and selects(config, "benchmark") and concerns_suites(config):
            raise pytest.UsageError(NOT_IN_PARALLEL)
        gate_requested = is_gate_run(config)
        if not (gate_requested or is_configured(config)):
            return
        if self._settings.fleet.push and not self._settings.writes_ledger:
            raise pytest.UsageError(
                "--rtopt-push: builds are pushed with their ledger entry, and verdicts on --rtopt-overlays "
                "have one only if --rtopt-ledger names a file."
            )
        self._prepare_ledger(gate_requested=gate_requested)
        if self._settings.outputs:
            from pytest_rtopt.base.atomic_write import check_replaceable  # noqa: PLC0415  # only if needed

            for flag, path in self._settings.outputs.items():
                try:
                    check_replaceable(path)
                except ReportError as error:
                    raise pytest.UsageError(f"{flag}: {error}") from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Remember which test runs, because an interrupted test has no report."""
        self._running = item

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Write the ledger before the first test of the gate, so that one run can judge and ask the gate.

        Workers of xdist have no results of other tests, so that there the gate reads the ledger as it was.
        """
        if self._gate_begun or "gate_question" not in getattr(item, "fixturenames", ()):
            return
        self._gate_begun = True
        if not self._records.is_empty:
            self._write_ledger(self._collect_results(item.config))

    def pytest_keyboard_interrupt(self) -> None:
        """Keep the records of the interrupted test."""
        if self._running is not None:
            self._records.take_properties(self._running.user_properties)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the records of a test, and shorten an error that was shown before."""
        self._records.take(report)
        self._repeated_errors.shorten(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Decide the verdicts and write the files; a file that cannot be written fails the run.

        This is the outermost wrapper, because the gate decides the exit status whatever else ran.
        """
        try:
            if not self._records.is_empty:
                self._shown_results = self._collect_results(session.config)
        except RtoptError as error:
            self._problems.append(str(error))
        else:
            if self._shown_results is not None:
                self._write(self._shown_results)
                self._push(session)
        if is_gate_run(session.config) and self._bypassed is None:
            from pytest_rtopt.verdict.proof import unproven  # noqa: PLC0415  # only if the gate was asked

            self._refusals = unproven(self._settings.runtimes, self.answers)
        self._fail(session)
        yield
        self._fail(session)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """Show the tables of the run and its problems."""
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and _selects_stages(terminalreporter.config):
            terminalreporter.write_line(
                "rtopt: no test was selected, so nothing was judged; `pytest --markers` lists what -m takes, "
                "and `--pyargs pytest_rtopt.suites` selects the suites from any directory.",
                red=True,
            )
        if self.answers:
            from pytest_rtopt.report.terminal import gate_table  # noqa: PLC0415  # rich, only for a table

            _show(terminalreporter, "gate", gate_table(self.answers.values()))
        if self._shown_results is not None and self._shown_results.impact:
            from pytest_rtopt.report.terminal import impact_table  # noqa: PLC0415  # rich, only for a table

            _show(terminalreporter, "rebuild impact", impact_table(self._shown_results.impact))
        if self._shown_results is not None and self._shown_results.runtimes:
            from pytest_rtopt.report.checklist import checklist  # noqa: PLC0415  # only for a table
            from pytest_rtopt.report.terminal import verdict_table  # noqa: PLC0415  # as above

            rows = checklist(self._shown_results, remembered=self._settings.writes_ledger)
            _show(terminalreporter, "runtimes", verdict_table(self._shown_results, rows))
            if not self._settings.writes_ledger:
                terminalreporter.write_line(
                    "rtopt: verdicts on --rtopt-overlays are remembered only if --rtopt-ledger names a file."
                )
        if self._bypassed is not None:
            terminalreporter.write_line(f"rtopt: {self._bypassed}", yellow=True)
        for line in (*self._records.notes, *self._push_messages):
            terminalreporter.write_line(f"rtopt: {line}")
        for problem in (*self._problems, *self._refusals):
            terminalreporter.write_line(f"rtopt: {problem}", red=True)

    def _collect_results(self, config: pytest.Config) -> RunResults:
        """Return everything that was recorded; answers of the gate only where the run asked for them.

        `-m generate` reads the ledger as well. Before a runtime is judged, its answer reads as a failure.
        """
        results = self._records.results(_with_verdict)
        return results if is_gate_run(config) else replace(results, gate={})

    def _prepare_ledger(self, *, gate_requested: bool) -> None:
        """Refuse a key that cannot be used, and record a bypass."""
        if not gate_requested and self._settings.ledger_key is None:
            return
        from pytest_rtopt.verdict.bypass import record_bypass, requested_bypass  # noqa: PLC0415  # as below

        try:
            self._settings.keys()
            requested = requested_bypass() if gate_requested else None
            if requested is not None:
                place = record_bypass(self._settings.ledger, requested)
                self._bypassed = (
                    f"the gate was bypassed ({requested.reason}), which is written down in {place}."
                )
        except ReportError as error:
            raise pytest.UsageError(str(error)) from None

    def _fail(self, session: pytest.Session) -> None:
        if (self._problems or self._refusals) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _write(self, results: RunResults) -> None:
        """Write each requested file. If one cannot be written, the others are written nevertheless."""
        for write in (self._write_json, self._write_html, self._write_markdown, self._write_ledger):
            try:
                write(results)
            except RtoptError as error:
                self._problems.append(str(error))

    def _write_json(self, results: RunResults) -> None:
        if self._settings.json is not None:
            from pytest_rtopt.report.json_file import write_results  # noqa: PLC0415  # only if one is written

            write_results(self._settings.json, results)

    def _write_html(self, results: RunResults) -> None:
        if self._settings.html is not None:
            from pytest_rtopt.report.html import write_html  # noqa: PLC0415  # Jinja, only for a report

            write_html(self._settings.html, results)

    def _write_markdown(self, results: RunResults) -> None:
        if self._settings.markdown is not None:
            from pytest_rtopt.report.markdown import write_markdown  # noqa: PLC0415  # only if one is written

            write_markdown(self._settings.markdown, results)

    def _write_ledger(self, results: RunResults) -> None:
        # Results that the gate read are not written back: this may not be the CPU that they were judged on.
        found = {name: part for name, part in results.runtimes.items() if name in self._records.judged}
        if self._settings.writes_ledger and found:
            from pytest_rtopt.verdict.imported_entries import with_imported  # noqa: PLC0415  # as above
            from pytest_rtopt.verdict.ledger import (  # noqa: PLC0415  # as above
                features_of,
                locked,
                merge,
                read_ledger,
                write_ledger,
            )

            path, keys = self._settings.ledger, self._settings.keys()
            expected = {name: expected_work(name) for name in found}
            imported, features = self._imported(keys), features_of(results)
            with locked(path):
                known = with_imported(read_ledger(path, keys), imported, features, expected)
                ledger = merge(known, replace(results, runtimes=found), expected)
                write_ledger(path, ledger, keys)
                written = read_ledger(path, keys)
            # The table shows everything that the ledger knows about these builds, as the gate reads it.
            shown = {
                name: replace(ledger.entries[name].result, build=part.build) for name, part in found.items()
            }
            self._shown_results = replace(results, runtimes={**results.runtimes, **shown})
            self._written_entries = {name: written.entries[name] for name in found}

    def _imported(self, keys: Keys | None) -> dict[str, LedgerEntry]:
        """Return the ledger entries that came with builds from a cache."""
        if not self._records.parcels:
            return {}
        from pytest_rtopt.stages.fleet import Parcel  # noqa: PLC0415  # as above

        return {name: Parcel(path).entry(name, keys) for name, path in self._records.parcels.items()}

    def _push(self, session: pytest.Session) -> None:
        """Copy adopted builds to the cache, unless the run was interrupted."""
        if not self._settings.fleet.push or session.exitstatus not in _COMPLETED:
            return
        from pytest_rtopt.stages.push import push_adopted  # noqa: PLC0415  # only if something is pushed

        try:
            self._push_messages.extend(push_adopted(self._settings, self._written_entries))
        except RtoptError as error:
            self._problems.append(str(error))


def _show(reporter: pytest.TerminalReporter, title: str, table: RenderableType) -> None:
    from pytest_rtopt.report.terminal import render  # noqa: PLC0415  # rich, only for a table

    writer = reporter._tw  # noqa: SLF001  # width and colour have no public name
    reporter.section(title)
    reporter.write_line(render(table, writer.fullwidth, colour=writer.hasmarkup))


def _selects_stages(config: pytest.Config) -> bool:
    return concerns_suites(config) or any(selects(config, stage) for stage in STAGES)


def expected_work(name: str) -> ExpectedWork:
    """Return what a verdict on a runtime needs: all its claims and workloads."""
    from pytest_rtopt import runtimes  # noqa: PLC0415  # imports the declarations of runtimes
    from pytest_rtopt.results.values import Rating  # noqa: PLC0415  # as above
    from pytest_rtopt.verdict.decide import ExpectedWork  # noqa: PLC0415  # as above

    runtime = runtimes.runtime(name)
    claims = {
        rating: frozenset(runtime.claim_id(claim) for claim in runtime.claims if claim.rating is rating)
        for rating in Rating
    }
    return ExpectedWork(
        claims=claims[Rating.EFFECT],
        workloads=frozenset(workload.name for workload in runtime.workloads),
        self_reported=claims[Rating.INTENT],
    )


def _with_verdict(result: RuntimeResult) -> RuntimeResult:
    from pytest_rtopt.verdict.decide import decide  # noqa: PLC0415  # only if there is a result

    return decide(result, expected_work(result.name))
