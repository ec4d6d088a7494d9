"""What Go's declaration makes the linker read, for its report on garbage collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_rtopt.base import process
from pytest_rtopt.claims.go_collector import LINKER_REPORT, WITH_GOGC
from pytest_rtopt.runtimes import runtime

if TYPE_CHECKING:
    from pathlib import Path

FIRST_GOAL = 4 << 20


def test_the_linker_reads_less_than_the_goal_of_its_first_collection(tmp_path: Path) -> None:
    """Bug: with a short text the linker ended before its collection was traced; a long one moves the goal."""
    linker = tmp_path / "link"
    linker.write_text('#!/bin/sh\nwc -c <"${1#-importcfg=}"\nexit 2\n')
    linker.chmod(0o755)
    command = [word.format(out=tmp_path, scratch=tmp_path) for word in runtime("go").reports[LINKER_REPORT]]
    command[-2] = str(linker)
    first, with_gogc = process.check(command, timeout=60).text.split(WITH_GOGC)
    assert int(first) == int(with_gogc)
    assert 0.85 * FIRST_GOAL < int(first) < FIRST_GOAL
