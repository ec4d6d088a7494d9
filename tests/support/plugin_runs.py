"""Runs of pytest with the plugin in a directory of a stranger's, as tests see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from _pytest.pytester import RunResult  # not public under the same name in every version

_SECONDS = 300.0


@dataclass(frozen=True)
class Stranger:
    """A repository that has nothing but the installed plugin."""

    pytester: pytest.Pytester

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.pytester.path

    def write(self, name: str, text: str) -> Path:
        """Write a file into it."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def pytest(self, *arguments: str | Path) -> RunResult:
        """Run pytest there, in a process of its own."""
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=_SECONDS)

    def suites(self, *arguments: str | Path) -> RunResult:
        """Run the suites on the embedded package set, for Lua."""
        return self.pytest("--rtopt-packages=embedded", "--rtopt-runtime=lua", *arguments)


def assert_refused(result: RunResult, *patterns: str) -> None:
    """Check that a run failed with the sentences that match, each shown once, and with no traceback."""
    shown = result.stdout.str() + result.stderr.str()
    assert result.ret != 0, shown
    assert "Traceback" not in shown, shown
    assert "INTERNALERROR" not in shown, shown
    for pattern in patterns:
        assert shown.count(pattern) == 1, f"{pattern!r} is there {shown.count(pattern)} times:\n{shown}"
