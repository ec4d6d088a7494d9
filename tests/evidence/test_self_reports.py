"""What programs report about themselves, run in an empty environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import EvidenceError, ProcessError
from pytest_rtopt.evidence.self_reports import report_of, reports_of

if TYPE_CHECKING:
    from pathlib import Path


def shell(text: str) -> tuple[str, ...]:
    return ("/bin/sh", "-c", text)


def test_a_report_is_what_is_printed_on_both_streams(tmp_path: Path) -> None:
    said = report_of(shell("echo out; echo err >&2; echo"), {}, str(tmp_path))
    assert said == "out\nerr"


def test_names_are_places_and_each_report_has_an_empty_directory(tmp_path: Path) -> None:
    argv = (*shell('ls -A "$1"; pwd; echo "$0"'), "{lua}/bin", "{scratch}")
    first, second = (report_of(argv, {"lua": tmp_path}, "").splitlines() for _ in range(2))
    assert first[-1] == f"{tmp_path}/bin"
    assert len(first) == 2
    assert first[0] != second[0]


def test_nothing_of_the_users_surroundings_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOAMD64", "v4")
    monkeypatch.setenv("HOME", str(tmp_path))
    said = report_of(shell('echo "$HOME" "$GOENV" "$XDG_CACHE_HOME" "[$GOAMD64]"'), {}, "/cache")
    assert said == "/dev/null off /cache []"


def test_a_program_that_fails_is_no_evidence_and_the_error_has_its_words() -> None:
    with pytest.raises(EvidenceError, match="ended with status 3, so its report cannot be used: broken"):
        report_of(shell("echo broken >&2; exit 3"), {}, "")


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProcessError):
        report_of(("{lua}/absent",), {"lua": tmp_path}, "")


def test_reports_on_programs_are_run_only_where_there_are_programs(tmp_path: Path) -> None:
    commands = {"version": ("/bin/echo", "1.24"), "built": ("/bin/echo", "{programs}/bin")}
    assert reports_of(commands, {}, "") == {"version": "1.24"}
    assert reports_of(commands, {"programs": tmp_path}, "") == {"version": "1.24", "built": f"{tmp_path}/bin"}
