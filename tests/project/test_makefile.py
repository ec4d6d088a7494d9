"""The words of the Makefile: what its targets run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_rtopt.base import process

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("runtimes", "expected"),
    [
        (None, ["lua", "go", "rust", "nodejs"]),
        ("rust", ["rust"]),
        ("lua  nosuch", ["lua", "nosuch"]),
        ("all", []),
    ],
)
def test_the_gate_names_its_runtimes(runtimes: str | None, expected: list[str]) -> None:
    """Both runs of pytest, the one that judges and the one that gates, are about the same runtimes."""
    argv = [
        "make",
        "--dry-run",
        "-C",
        str(ROOT),
        "gate",
        *([] if runtimes is None else [f"RUNTIMES={runtimes}"]),
    ]
    runs = [part.split() for part in process.check(argv, timeout=30).text.split(".venv/bin/pytest")[1:]]
    assert len(runs) == len(("judge", "gate"))
    for words in runs:
        named = [words[index + 1] for index, word in enumerate(words) if word == "--rtopt-runtime"]
        assert named == expected
        assert "--rtopt-packages embedded" in " ".join(words)


def test_the_gate_refuses_no_runtimes() -> None:
    completed = process.run(["make", "--dry-run", "-C", str(ROOT), "gate", "RUNTIMES="], timeout=30)
    assert completed.returncode != 0
    assert "RUNTIMES is empty" in completed.error_text
