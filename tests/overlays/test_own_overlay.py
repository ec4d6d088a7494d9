"""`pytest -m verify --rtopt-overlays ./my-overlay.nix`, as a stranger runs it where nothing else is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process
from tests.support.child_environment import child_environment

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore

_RUN_SECONDS = 1800.0
_MERGED = "env = (old.env or { }) // { %s };"


FORMS = Path(__file__).parent.parent / "data" / "overlays" / "forms"


def run(store: PrivateStore, directory: Path, *arguments: str | Path) -> tuple[int, str]:
    """Return the status of a run as a stranger starts it, and what it shows."""
    completed = process.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
            "--rtopt-packages", "embedded", "--rtopt-json=results.json", *map(str, arguments),
        ],
        timeout=_RUN_SECONDS,
        surroundings=process.Surroundings(env={**child_environment(), **store.environment}, cwd=directory),
    )  # fmt: skip
    return completed.returncode, completed.text + completed.error_text


def judged(store: PrivateStore, directory: Path, attributes: str) -> dict[str, tuple[str, str]]:
    """Return status and evidence by claim of an overlay that gives Lua these attributes."""
    overlay = directory / "my-overlay.nix"
    overlay.write_text(f"final: prev: {{ lua5_4 = prev.lua5_4.overrideAttrs (old: {{ {attributes} }}); }}\n")
    _, shown = run(store, directory, "-m", "verify", "--rtopt-overlays=my-overlay.nix")
    results = directory / "results.json"
    assert results.is_file(), shown
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
                "lua/flags-where-they-are-read": ("not-applicable", "only in scripts and arguments"),
                "lua/isa-level": ("not-applicable", "nothing asks for an architecture"),
            },
            id="by the Makefile's own variable",
        ),
        pytest.param(
            _MERGED % 'CFLAGS = "-O3 -mtune=skylake";',
            {
                "lua/optimization-level": ("refuted", "CFLAGS, which is read by no compiler wrapper"),
                "lua/tuning": ("refuted", "-mtune=skylake wins in 0 of"),
                "lua/flags-where-they-are-read": ("refuted", "-O3, -mtune=skylake are in CFLAGS"),
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


def test_an_overlay_for_one_program_rejects_no_runtime(private_store: PrivateStore, tmp_path: Path) -> None:
    """Five runtimes were rejected, because no overlay touched them."""
    overlay = FORMS / "program" / "overlay.nix"
    status, shown = run(private_store, tmp_path, "-m", "generate or verify", f"--rtopt-overlays={overlay}")
    assert status == 0, shown
    assert "reject" not in shown
    assert shown.count("the overlays touch none of the runtimes that are judged") == 1
    assert "they define hello-rs." in shown


def test_an_overlay_that_only_skips_tests_rejects_no_runtime(
    private_store: PrivateStore, tmp_path: Path
) -> None:
    """Lua was rejected, held to the detected profile: nixpkgs runs no tests of it, so not a byte changes."""
    overlay = FORMS / "skips-tests.nix"
    named = ("--rtopt-runtime", "lua", "--rtopt-runtime", "nodejs")
    status, shown = run(private_store, tmp_path, "-m", "verify", f"--rtopt-overlays={overlay}", *named)
    assert status == 0, shown
    runtimes = json.loads((tmp_path / "results.json").read_text())["runtimes"]
    for name in ("lua", "nodejs"):
        assert runtimes[name]["verdict"] == "neutral", shown
        assert runtimes[name]["reason"].startswith("The overlay asks for no optimization: ")


def test_arguments_of_an_interpreter_among_its_packages_reach_no_interpreter(
    private_store: PrivateStore, tmp_path: Path
) -> None:
    """`packageOverrides` was an unexpected argument; it takes packages, so Python is stock's own."""
    (tmp_path / "my.nix").write_text(
        "final: prev: { python313 = prev.python313.override { packageOverrides = new: old: {\n"
        "  enableLTO = true; enableOptimizations = true;\n"
        "  packaging = old.packaging.overridePythonAttrs (before: { doCheck = false; });\n"
        "}; }; }\n"
    )
    status, shown = run(private_store, tmp_path, "-m", "verify", "--rtopt-overlays=my.nix")
    assert status == 0, shown
    assert "the overlays touch none of the runtimes that are judged" in shown
    assert "they define python313." in shown


def test_one_runtime_that_throws_leaves_the_rest_judged(private_store: PrivateStore, tmp_path: Path) -> None:
    (tmp_path / "my.nix").write_text(
        "final: prev: {\n  go_1_24 = prev.go_1_24.override { nothing = 1; };\n"
        '  lua5_4 = prev.lua5_4.overrideAttrs { env.NIX_CFLAGS_COMPILE = "-O3"; };\n}\n'
    )
    status, shown = run(private_store, tmp_path, "-m", "verify", "--rtopt-overlays=my.nix")
    assert status == 1, shown
    assert shown.count("go cannot be judged: ") == 1, shown
    assert "unexpected argument 'nothing'" in shown
    assert f"{tmp_path}/my.nix:2" in shown
    assert shown.count("(-O3) the overlay fails in the same way, so the flags are not at fault;") == 1
    results = json.loads((tmp_path / "results.json").read_text())
    assert list(results["runtimes"]) == ["lua"]
    assert {finding["status"] for finding in results["runtimes"]["lua"]["findings"]} >= {"proven"}


def test_a_failed_build_says_once_what_is_at_fault(private_store: PrivateStore, tmp_path: Path) -> None:
    (tmp_path / "my.nix").write_text(
        "final: prev: {\n  lua5_4 = prev.lua5_4.overrideAttrs (old: {\n"
        '    env = old.env or { } // { NIX_CFLAGS_COMPILE = "-march=nonsense"; };\n  });\n}\n'
    )
    status, shown = run(private_store, tmp_path, "-m", "build", "--rtopt-overlays=my.nix")
    assert status == 1, shown
    sentence = (
        "(-march=nonsense) the overlay makes the same build of lua5_4 as stock, which works, so the flags"
    )
    assert shown.count(sentence) == 1, shown


def test_a_standard_environment_with_flags_is_told_with_what_it_reaches(
    private_store: PrivateStore, tmp_path: Path
) -> None:
    (tmp_path / "my.nix").write_text('final: prev: { stdenv = prev.withCFlags [ "-O3" ] prev.stdenv; }\n')
    arguments = ("-m", "verify", "--rtopt-runtime=lua", "--rtopt-overlays=my.nix")
    status, shown = run(private_store, tmp_path, *arguments)
    assert status == 0, shown
    assert shown.count("have a standard environment that gives every C compilation -O3. It reaches") == 1
    lua = json.loads((tmp_path / "results.json").read_text())["runtimes"]["lua"]
    assert lua["platform"] == {"settings": {"flags": "-O3"}, "reached": True, "instead": None}
    findings = {finding["claim"]: finding["status"] for finding in lua["findings"]}
    assert findings["lua/optimization-level"] == "proven"
    assert "refuted" not in findings.values()
