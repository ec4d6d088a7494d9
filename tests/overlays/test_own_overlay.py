"""`pytest -m verify --rtopt-overlays ./my-overlay.nix`, as a stranger runs it where nothing else is."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_store import PrivateStore

_RUN_SECONDS = 1800.0
_MERGED = "env = (old.env or { }) // { %s };"


def judged(store: PrivateStore, directory: Path, attributes: str) -> dict[str, tuple[str, str]]:
    """Return status and evidence by claim of an overlay that gives Lua these attributes."""
    overlay = directory / "my-overlay.nix"
    overlay.write_text(f"final: prev: {{ lua5_4 = prev.lua5_4.overrideAttrs (old: {{ {attributes} }}); }}\n")
    completed = process.run(
        [
            sys.executable, "-m", "pytest", "-m", "verify", "-q", "-p", "no:cacheprovider",
            "--rtopt-packages", "embedded", "--rtopt-overlays", "./my-overlay.nix",
            "--rtopt-json", "results.json",
        ],
        timeout=_RUN_SECONDS,
        surroundings=process.Surroundings(env={**os.environ, **store.environment}, cwd=directory),
    )  # fmt: skip
    results = directory / "results.json"
    assert results.is_file(), completed.text + completed.error_text
    runtimes = json.loads(results.read_text())["runtimes"]
    # The overlay touches one runtime, and nobody named another.
    assert list(runtimes) == ["lua"]
    return {
        finding["claim"]: (finding["status"], finding["evidence"]) for finding in runtimes["lua"]["findings"]
    }


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param(
            _MERGED % 'NIX_CFLAGS_COMPILE = "-O3";',
            {
                "lua/optimization-level": ("proven", "-O3 wins in"),
                "lua/flags-where-they-are-read": ("proven", "-O3 in NIX_CFLAGS_COMPILE"),
                # It promised no architecture, and was refuted for the detected one.
                "lua/flags-reach-compiler": ("not-applicable", "nothing asks for compiler flags"),
                "lua/isa-level": ("not-applicable", "nothing asks for an architecture"),
                "lua/tuning": ("not-applicable", "nothing asks for tuning"),
            },
            id="a level and nothing else",
        ),
        pytest.param(
            'makeFlags = (old.makeFlags or [ ]) ++ [ "MYCFLAGS=-mtune=skylake" ];',
            {
                "lua/tuning": ("proven", "-mtune=skylake wins in"),
                "lua/optimization-level": ("not-applicable", "nothing asks for an optimization level"),
                "lua/flags-where-they-are-read": ("not-applicable", "in scripts and arguments alone"),
                "lua/isa-level": ("not-applicable", "nothing asks for an architecture"),
            },
            id="by the Makefile's own variable",
        ),
        pytest.param(
            _MERGED % 'CFLAGS = "-O3 -mtune=skylake";',
            {
                "lua/optimization-level": ("refuted", "CFLAGS, which is read by no compiler wrapper"),
                "lua/tuning": ("refuted", "-mtune=skylake wins in 0 of"),
                "lua/flags-where-they-are-read": ("refuted", "-O3, -mtune=skylake stand in CFLAGS"),
            },
            id="a variable that this Makefile does not take from the environment",
        ),
    ],
)
def test_a_strangers_overlay_is_held_to_its_own_word(
    private_store: PrivateStore, tmp_path: Path, attributes: str, expected: dict[str, tuple[str, str]]
) -> None:
    findings = judged(private_store, tmp_path, attributes)
    for claim, (status, words) in expected.items():
        assert findings[claim][0] == status, (claim, findings[claim])
        assert words in findings[claim][1]
    refuted = {claim for claim, (status, _) in findings.items() if status == "refuted"}
    assert refuted == {claim for claim, (status, _) in expected.items() if status == "refuted"}
