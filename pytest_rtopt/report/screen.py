"""Shows lines on the user's terminal while tests run, outside of pytest's capture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


class Screen:
    """Shows progress: one rewritten line on a terminal, separate lines elsewhere.

    An xdist worker shows nothing, because it has no terminal reporter.
    """

    def __init__(self, config: pytest.Config) -> None:
        # The public interface of the terminal plugin has only a part of what is used here.
        self._reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        self._capture: Any = config.pluginmanager.get_plugin("capturemanager")
        self._is_worker = hasattr(config, "workerinput")
        self._open = False

    @property
    def rewrites(self) -> bool:
        """Whether each line replaces the one before."""
        return self._reporter is not None and bool(self._reporter.isatty)

    def show(self, text: str, *, last: bool) -> None:
        """Show one line; `last` keeps it and starts a new one."""
        if self._is_worker or self._reporter is None:
            return
        if self._capture is None:
            self._show(text, last=last)
            return
        with self._capture.global_and_fixture_disabled():
            self._show(text, last=last)

    def close(self) -> None:
        """End the rewritten line, if there is one."""
        if self._open:
            self.show("", last=True)

    def _show(self, text: str, *, last: bool) -> None:
        if not self.rewrites:
            self._reporter.ensure_newline()
            self._reporter.write_line(text)
            self._reporter.flush()
            return
        if not self._open:
            self._reporter.ensure_newline()
        # A line that wraps could not be rewritten.
        width = self._reporter._tw.fullwidth - 1  # noqa: SLF001  # the width has no public name
        if text:
            self._reporter.rewrite(text if len(text) <= width else f"{text[: width - 1]}…", erase=True)
        self._open = not last
        if last:
            self._reporter.write_line("")
        self._reporter.flush()
