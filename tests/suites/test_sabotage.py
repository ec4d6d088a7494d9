"""Overlays that look optimized and are not, and honest ones: the whole plugin, on real builds.

Each overlay is judged as its author would judge it: `pytest -m verify --rtopt-overlays FILE`, with the
profile that is detected. What must be refuted, and in which words, stands in `sabotage_lua`,
`sabotage_others` and `honest_overlays`; nothing else may be. The builds are kept in the tests' own store, so
that only the first run takes minutes: most of them each build's own, on one core (`make test` runs as many
cases as there are cores).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from pytest_rtopt.base import process
from tests.support.child_environment import child_environment
from tests.support.cpu_here import is_shown, skip_where_it_would_crash
from tests.support.honest_overlays import HONEST, NEUTRAL, PARTIAL
from tests.support.overlay_case import STAGES, Case
from tests.support.sabotage_lua import LUA
from tests.support.sabotage_others import GO, NODEJS, PYTHON, RUST
from tests.support.upstream_archive import newest_release

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore

HERE: Final = Path(__file__).parent.parent
EVIDENCE: Final = HERE.parent / "docs" / "evidence.md"
V3: Final = "x86-64-v3"
_RUN_SECONDS: Final = 1800.0
# Python is compiled twice, with its training on one side.
_HEAVY_SECONDS: Final = 7200.0

SABOTAGE: Final = (*LUA, *GO, *RUST, *NODEJS, *PYTHON)
ALL: Final = (*SABOTAGE, *HONEST, *NEUTRAL, *PARTIAL)


class Judged(NamedTuple):
    """What became of an overlay: its findings by claim, and each runtime's verdict with its reason."""

    findings: dict[str, dict[str, str]]
    verdicts: dict[str, tuple[str, str]]


def verify(store: PrivateStore, scratch: Path, overlay: str, *arguments: str) -> Judged:
    """Judge an overlay in a run of its own; fails without a verdict."""
    results = scratch / "results.json"
    completed = process.run(
        [
            sys.executable, "-m", "pytest", "--pyargs", "pytest_rtopt.suites", "-m", "verify", "-q",
            "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(scratch),
            "--rtopt-packages", "embedded", "--rtopt-overlays", str(HERE / overlay),
            "--rtopt-json", str(results), *arguments,
        ],
        timeout=_HEAVY_SECONDS if "always" in arguments else _RUN_SECONDS,
        surroundings=process.Surroundings(env={**child_environment(), **store.environment}, cwd=scratch),
    )  # fmt: skip
    assert results.is_file(), completed.text + completed.error_text
    runtimes = json.loads(results.read_text())["runtimes"]
    findings = {finding["claim"]: finding for runtime in runtimes.values() for finding in runtime["findings"]}
    refuted = any(finding["status"] == "refuted" for finding in findings.values())
    assert completed.returncode == int(refuted), completed.text + completed.error_text
    verdicts = {name: (runtime["verdict"], runtime["reason"]) for name, runtime in runtimes.items()}
    return Judged(findings, verdicts)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case.file, marks=[pytest.mark.heavy] if case.heavy else []) for case in ALL],
)
def test_an_overlay_is_refuted_for_what_it_does_not_do_and_for_nothing_else(
    case: Case, private_store: PrivateStore, tmp_path: Path
) -> None:
    skip_where_it_would_crash(V3)
    if case.runs_v3 and not is_shown(V3):
        pytest.skip(f"the build runs code for {V3}, which this CPU is not")
    if case.rustup and newest_release() is None:
        pytest.skip("rustup has installed no release of Rust here (`rustup toolchain install 1.85.1`)")
    options = ("--rtopt-build", "always") if case.heavy else ()
    if case.profile is not None:
        options = (*options, "--rtopt-profile", str(HERE / case.profile))
    judged = verify(private_store, tmp_path, case.file, "--rtopt-runtime", case.runtime, *options)
    findings = judged.findings
    claims = {
        status: {claim for claim, finding in findings.items() if finding["status"] == status}
        for status in ("proven", "unproven", "refuted")
    }
    expected, refuted = set(case.refuted), claims["refuted"]
    # Code for an architecture that this CPU is not does not run here, whoever asks for it.
    if not is_shown(V3):
        refuted -= {f"{case.runtime}/isa-runs-here"} - expected
    wrong = (refuted - set(case.follows)) ^ expected
    assert not wrong, {claim: findings[claim]["evidence"] for claim in wrong}
    for claim, words in case.refuted.items():
        for word in words:
            assert word in findings[claim]["evidence"]
    assert set(case.proven) <= claims["proven"]
    assert set(case.unproven) <= claims["unproven"]
    verdict, reason = judged.verdicts[case.runtime]
    if case.verdict is not None:
        assert verdict == case.verdict, reason
        assert (claims["proven"] | claims["unproven"]) <= {
            f"{case.runtime}/{claim}" for claim in ("isa-runs-here", "same-source")
        }
    if case.verdict == "neutral":
        assert reason.startswith("The overlay asks for no optimization: it ")


def test_every_overlay_file_is_judged() -> None:
    files = {
        f"{path.parent.name}/{path.name}"
        for place in ("sabotage", "honest", "neutral", "partial")
        for path in (HERE / place).iterdir()
    }
    assert files == {case.file for case in ALL}
    assert len(files) == len(ALL)


def test_sabotage_is_of_every_runtime_and_every_stage() -> None:
    assert len(SABOTAGE) >= 30
    assert {case.runtime for case in SABOTAGE} == {"lua", "go", "rust", "nodejs", "python"}
    assert {case.stage for case in SABOTAGE} == set(STAGES)
    assert all(case.refuted for case in SABOTAGE)


def test_honest_overlays_are_refuted_in_nothing() -> None:
    assert len(HONEST) >= 10
    assert not [case.file for case in (*HONEST, *NEUTRAL) if case.refuted or case.follows]


def test_what_asks_for_no_optimization_is_of_every_runtime() -> None:
    assert {case.runtime for case in NEUTRAL} == {"lua", "go", "rust", "nodejs", "python"}
    assert all(case.verdict for case in NEUTRAL)


def documented(place: str) -> dict[str, tuple[str, ...]]:
    """Return the rows of the table of `tests/<place>/` in the documentation: the other cells, by overlay."""
    lines = EVIDENCE.read_text().splitlines()
    start = next(
        number for number, line in enumerate(lines) if line.startswith(f"| overlay in `tests/{place}/`")
    )
    rows: dict[str, tuple[str, ...]] = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        rows[name.replace("`", "")] = tuple(cells)
    return rows


@pytest.mark.parametrize(
    ("place", "cases"),
    [("sabotage", SABOTAGE), ("honest", HONEST), ("neutral", NEUTRAL), ("partial", PARTIAL)],
)
def test_the_documentation_lists_every_overlay_and_what_is_refuted(
    place: str, cases: tuple[Case, ...]
) -> None:
    rows = documented(place)
    assert list(rows) == [case.name + (" (heavy)" if case.heavy else "") for case in cases]
    for case, cells in zip(cases, rows.values(), strict=True):
        said = ", ".join(claim.partition("/")[2] for claim in case.refuted) or "nothing"
        assert cells[-1] == said, case.file
        if case.stage is not None:
            assert cells[0] == case.stage, case.file


@pytest.mark.parametrize(
    ("overlay", "proven"),
    [
        ("honest/lua-flags.nix", "lua/isa-level"),
        # It changes programs and no toolchain, and was taken for one that touches nothing.
        ("honest/rust-platform-flags.nix", "rust/programs-target-cpu"),
    ],
)
def test_a_runtime_that_the_overlay_leaves_alone_is_not_judged(
    private_store: PrivateStore, tmp_path: Path, overlay: str, proven: str
) -> None:
    findings = verify(private_store, tmp_path, overlay).findings
    assert not [claim for claim in findings if claim.startswith("go/")]
    assert findings[proven]["status"] == "proven"


def test_a_runtime_that_was_named_must_be_touched(private_store: PrivateStore, tmp_path: Path) -> None:
    findings = verify(private_store, tmp_path, "partial/go-env-file.nix", "--rtopt-runtime", "lua").findings
    assert findings["lua/isa-level"]["status"] == "refuted"
    assert "the derivation is the same as stock's" in findings["lua/isa-level"]["evidence"]


def test_an_overlay_that_touches_nothing_and_asks_for_nothing_is_neutral(
    private_store: PrivateStore, tmp_path: Path
) -> None:
    overlay = tmp_path / "other.nix"
    overlay.write_text("final: prev: { unrelated = 1; }\n")
    judged = verify(private_store, tmp_path, str(overlay), "--rtopt-runtime", "lua")
    assert judged.verdicts["lua"][0] == "neutral"
    assert "asks for no optimization: it leaves this runtime as it is" in judged.verdicts["lua"][1]


def test_a_chosen_profile_is_what_the_overlay_is_held_to(private_store: PrivateStore, tmp_path: Path) -> None:
    overlay = "honest/lua-make-flags.nix"
    judged = verify(private_store, tmp_path, overlay, "--rtopt-runtime", "lua", "--rtopt-profile", "shoshin")
    findings = judged.findings
    flags = findings["lua/flags-reach-compiler"]
    assert flags["status"] == "refuted"
    assert "compilations got -march=skylake" in flags["evidence"]
    assert findings["lua/lto-used"]["status"] == "refuted"
    assert findings["lua/pgo-used"]["status"] == "refuted"
