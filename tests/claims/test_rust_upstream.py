"""The claim that rustc is upstream's release: by its own words, its files, and what built the programs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.claims.rust_upstream import upstream_release
from pytest_rtopt.evidence.elf.release_marks import ReleaseMarks
from pytest_rtopt.results.values import FindingStatus
from tests.support.observations import derivation, observation, profile, side

if TYPE_CHECKING:
    from pytest_rtopt.evidence.observation import Observation

COMMIT = "commit-hash: 4eb161250e340c8f48f66e2b929ef4a5bed7c181"
OF_UPSTREAM = f"rustc 1.85.1 (4eb161250 2025-03-15)\nbinary: rustc\n{COMMIT}\nrelease: 1.85.1"
OF_DEBIAN = OF_UPSTREAM.replace("15)", "15) (built from a source tarball)")
BUILT = "cargo 1.85.1 (d73d2caf9 2024-12-31)\nrustc 1.85.1 (4eb161250 2025-03-15)"
MARKS = ReleaseMarks(exports_malloc=True, bolted=("libLLVM.so.19.1", "librustc_driver-1.so"))
ARCHIVE = {"version": "1.85.1", "sha256": "0" * 64, "url": "https://example.org/rust.tar.xz"}


def seen(
    verbose: str = OF_UPSTREAM,
    marks: ReleaseMarks | None = MARKS,
    toolchain: str = BUILT,
    **upstream: object,
) -> Observation:
    """Return an observation of a rustc that has to be upstream's."""
    settings: dict[str, object] = {"toolchain": "upstream"}
    if upstream:
        settings["upstream"] = {**ARCHIVE, **upstream}
    optimized = side(
        derivation("rustc"), {}, reports={"verbose": verbose, "toolchain": toolchain}, release=marks
    )
    stock = side(derivation("stock-rustc"), {})
    return observation(profile("x86-64-v3", "rust", **settings), stock, optimized, attr="rust")


def test_a_release_is_proven_and_said_to_be_for_no_cpu() -> None:
    answer = upstream_release(seen(version="1.85.1"))
    assert answer.status is FindingStatus.PROVEN
    assert answer.evidence == (
        "rustc 1.85.1 (4eb161250 2025-03-15) exports malloc (jemalloc), and libLLVM.so.19.1 and "
        "librustc_driver-1.so have `.note.bolt_info`: it is upstream's code, and is not compiled for this CPU"
    )


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        (seen(OF_DEBIAN), "built from a source tarball, as a distribution does it"),
        (seen(OF_UPSTREAM.replace(COMMIT, "commit-hash: unknown")), "it names no commit"),
        (seen(version="1.86.0"), "it is not 1.86.0"),
        (seen(marks=replace(MARKS, exports_malloc=False)), "exports no malloc"),
        (seen(marks=replace(MARKS, bolted=())), "none of its libraries has `.note.bolt_info`"),
        (
            seen(toolchain=f"{BUILT} (built from a source tarball)"),
            "programs were built by rustc 1.85.1 (4eb161250 2025-03-15) (built from a source tarball)",
        ),
    ],
    ids=["distribution", "no commit", "another version", "no jemalloc", "no BOLT", "programs"],
)
def test_what_a_release_does_not_lack_refutes_it(lacking: Observation, reason: str) -> None:
    answer = upstream_release(lacking)
    assert answer.status is FindingStatus.REFUTED
    assert reason in answer.evidence


def test_stocks_own_rustc_is_not_upstreams() -> None:
    asked = seen()
    answer = upstream_release(replace(asked, optimized=asked.stock))
    assert answer.status is FindingStatus.REFUTED
    assert "the derivation is the same as stock's" in answer.evidence


def test_files_that_were_not_read_prove_nothing() -> None:
    assert upstream_release(seen(marks=None)).status is FindingStatus.UNPROVEN


def test_nobody_who_asks_for_something_else_is_held_to_it() -> None:
    asked = seen(OF_DEBIAN)
    other = replace(asked, profile=profile("x86-64-v3", "rust"))
    assert upstream_release(other).status is FindingStatus.NOT_APPLICABLE
