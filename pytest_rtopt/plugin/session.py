"""The start and the end of a run: what cannot work is refused; records become verdicts, files and tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import ReportError, RtoptError
from pytest_rtopt.plugin.records import Book, Repeats
from pytest_rtopt.plugin.selection import ALONE, STAGES, concerns_suites, is_gate_run, selects

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from rich.console import RenderableType

    from pytest_rtopt.results.values import GateAnswer, RunResults, RuntimeResult
    from pytest_rtopt.stages.settings import Settings
    from pytest_rtopt.verdict.decide import ExpectedWork
    from pytest_rtopt.verdict.ledger import LedgerEntry
    from pytest_rtopt.verdict.signature import Keys

_ENDED: Final = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


class RtoptSession:
    """Opens a run and closes it, in the process where all reports come together."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._book = Book()
        self._repeats = Repeats()
        self._shown: RunResults | None = None
        self._problems: list[str] = []
        self._refusals: tuple[str, ...] = ()
        self._bypassed: str | None = None
        self._running: pytest.Item | None = None
        self._written: Mapping[str, LedgerEntry] = {}
        self._pushed: list[str] = []

    @property
    def answers(self) -> Mapping[str, GateAnswer]:
        """What the gate answered, by runtime."""
        return {} if self._shown is None else self._shown.gate

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Refuse what is known to fail in the end, before anything is built."""
        config = session.config
        if getattr(config.option, "tx", None) and selects(config, "benchmark") and concerns_suites(config):
            raise pytest.UsageError(ALONE)
        if self._settings.fleet.push and not self._settings.remembers:
            raise pytest.UsageError(
                "--rtopt-push: a ledger entry is pushed with the builds, and verdicts on --rtopt-overlays "
                "have one only if --rtopt-ledger names a file."
            )
        self._prepare_ledger(asks=is_gate_run(config))
        if self._settings.outputs:
            from pytest_rtopt.base.atomic_write import check_replaceable  # noqa: PLC0415  # only where files were asked for

            for flag, path in self._settings.outputs.items():
                try:
                    check_replaceable(path)
                except ReportError as error:
                    raise pytest.UsageError(f"{flag}: {error}") from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Remember which test runs: one that is interrupted has no report."""
        self._running = item

    def pytest_keyboard_interrupt(self) -> None:
        """Keep what the interrupted test had recorded."""
        if self._running is not None:
            self._book.take_properties(self._running.user_properties)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the records of a test, and let nobody read the same error twice."""
        self._book.take(report)
        self._repeats.shorten(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Decide, and write what was asked for; a file that cannot be written fails the run.

        As the outermost of all, because the gate has the last word on the status, whatever else ran or did
        not.
        """
        try:
            if not self._book.is_empty:
                self._shown = self._results(session.config)
        except RtoptError as error:
            self._problems.append(str(error))
        else:
            if self._shown is not None:
                self._write(self._shown)
            self._push(session)
        if is_gate_run(session.config) and self._bypassed is None:
            from pytest_rtopt.verdict.proof import unproven  # noqa: PLC0415  # only where the gate is asked

            self._refusals = unproven(self._settings.runtimes, self.answers)
        self._fail(session)
        yield
        self._fail(session)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """Show the verdicts, what stands in their way, and what went wrong with the run itself."""
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and _is_ours(terminalreporter.config):
            terminalreporter.write_line(
                "rtopt: nothing was selected, so nothing was judged; `pytest --markers` lists what -m takes, "
                "and `--pyargs pytest_rtopt.suites` names the suites from anywhere.",
                red=True,
            )
        if self.answers:
            from pytest_rtopt.report.terminal import gate_table  # noqa: PLC0415  # rich, only for a table

            _show(terminalreporter, "gate", gate_table(self.answers.values()))
        if self._shown is not None and self._shown.impact:
            from pytest_rtopt.report.terminal import impact_table  # noqa: PLC0415  # rich, only for a table

            _show(terminalreporter, "rebuild impact", impact_table(self._shown.impact))
        if self._shown is not None and self._shown.runtimes:
            from pytest_rtopt.report.checklist import checklist  # noqa: PLC0415  # only for a table
            from pytest_rtopt.report.terminal import verdict_table  # noqa: PLC0415  # as above

            rows = checklist(self._shown, remembered=self._settings.remembers)
            _show(terminalreporter, "runtimes", verdict_table(self._shown, rows))
            if not self._settings.remembers:
                terminalreporter.write_line(
                    "rtopt: verdicts on --rtopt-overlays are remembered only if --rtopt-ledger names a file."
                )
        if self._bypassed is not None:
            terminalreporter.write_line(f"rtopt: {self._bypassed}", yellow=True)
        for line in (*self._book.notes, *self._pushed):
            terminalreporter.write_line(f"rtopt: {line}")
        for problem in (*self._problems, *self._refusals):
            terminalreporter.write_line(f"rtopt: {problem}", red=True)

    def _results(self, config: pytest.Config) -> RunResults:
        """Return everything that was recorded; answers of the gate only where the run asked for them.

        `-m generate` reads the ledger as well. Before a runtime is judged, its answer reads as a failure.
        """
        results = self._book.results(_decided)
        return results if is_gate_run(config) else replace(results, gate={})

    def _prepare_ledger(self, *, asks: bool) -> None:
        """Refuse a key that cannot be used, and take note of a bypass."""
        if not asks and self._settings.ledger_key is None:
            return
        from pytest_rtopt.verdict.bypass import record_bypass, requested_bypass  # noqa: PLC0415  # as below

        try:
            self._settings.keys()
            requested = requested_bypass() if asks else None
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
        """Write each file that was asked for; one that cannot be written keeps none of the others from it."""
        for write in (self._write_json, self._write_html, self._write_markdown, self._write_ledger):
            try:
                write(results)
            except RtoptError as error:
                self._problems.append(str(error))

    def _write_json(self, results: RunResults) -> None:
        if self._settings.json is not None:
            from pytest_rtopt.report.json_file import write_results  # noqa: PLC0415  # only where one is written

            write_results(self._settings.json, results)

    def _write_html(self, results: RunResults) -> None:
        if self._settings.html is not None:
            from pytest_rtopt.report.html import write_html  # noqa: PLC0415  # Jinja, only for a report

            write_html(self._settings.html, results)

    def _write_markdown(self, results: RunResults) -> None:
        if self._settings.markdown is not None:
            from pytest_rtopt.report.markdown import write_markdown  # noqa: PLC0415  # only where one is written

            write_markdown(self._settings.markdown, results)

    def _write_ledger(self, results: RunResults) -> None:
        # What the gate only read is not written: this may be another CPU than the one that was judged on.
        found = {name: part for name, part in results.runtimes.items() if name in self._book.judged}
        if self._settings.remembers and found:
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
            # The table shows what is known of these builds by now, as the gate will see it.
            shown = {
                name: replace(ledger.entries[name].result, build=part.build) for name, part in found.items()
            }
            self._shown = replace(results, runtimes={**results.runtimes, **shown})
            self._written = {name: written.entries[name] for name in found}

    def _imported(self, keys: Keys | None) -> dict[str, LedgerEntry]:
        """Return what the ledgers of other machines say of builds that came from there."""
        if not self._book.parcels:
            return {}
        from pytest_rtopt.stages.fleet import Parcel  # noqa: PLC0415  # as above

        return {name: Parcel(path).entry(name, keys) for name, path in self._book.parcels.items()}

    def _push(self, session: pytest.Session) -> None:
        """Copy what is adopted to the cache; nothing after an interruption, and nothing unremembered."""
        if not self._settings.fleet.push or session.exitstatus not in _ENDED:
            return
        from pytest_rtopt.stages.push import push_adopted  # noqa: PLC0415  # only where something is pushed

        try:
            self._pushed.extend(push_adopted(self._settings, self._written))
        except RtoptError as error:
            self._problems.append(str(error))


def _show(reporter: pytest.TerminalReporter, title: str, table: RenderableType) -> None:
    from pytest_rtopt.report.terminal import render  # noqa: PLC0415  # rich, only for a table

    writer = reporter._tw  # noqa: SLF001  # width and colour have no public name
    reporter.section(title)
    reporter.write_line(render(table, writer.fullwidth, colour=writer.hasmarkup))


def _is_ours(config: pytest.Config) -> bool:
    return concerns_suites(config) or any(selects(config, stage) for stage in STAGES)


def expected_work(name: str) -> ExpectedWork:
    """Return what has to be known of a runtime before it is judged: all its claims and workloads."""
    from pytest_rtopt import runtimes  # noqa: PLC0415  # declarations are imported when one is needed
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


def _decided(result: RuntimeResult) -> RuntimeResult:
    from pytest_rtopt.verdict.decide import decide  # noqa: PLC0415  # only where there is something to decide

    return decide(result, expected_work(result.name))
