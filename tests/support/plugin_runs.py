"""Runs pytest with the plugin in a user's repository."""

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
    """A user's repository with only the plugin installed."""

    pytester: pytest.Pytester

    @property
    def path(self) -> Path:
        """The directory of the repository."""
        return self.pytester.path

    def write(self, name: str, text: str) -> Path:
        """Write a file into the repository."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def pytest(self, *arguments: str | Path) -> RunResult:
        """Run pytest in the repository, in a new process."""
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=_SECONDS)

    def suites(self, *arguments: str | Path) -> RunResult:
        """Run the suites for Lua on the embedded package set."""
        return self.pytest("--rtopt-packages=embedded", "--rtopt-runtime=lua", *arguments)


def assert_refused(result: RunResult, *patterns: str) -> None:
    """Check that a run failed, showed each of the texts exactly once, and showed no traceback."""
    shown = result.stdout.str() + result.stderr.str()
    assert result.ret != 0, shown
    assert "Traceback" not in shown, shown
    assert "INTERNALERROR" not in shown, shown
    for pattern in patterns:
        assert shown.count(pattern) == 1, f"{pattern!r} occurs {shown.count(pattern)} times:\n{shown}"
