"""The claim that rustc and cargo are those that upstream releases, where somebody asks for them.

A distribution compiles the same source, and rustc then says the same version. It adds that it was built from
a source tarball, and its files lack what upstream's way to build leaves in them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pytest_rtopt.claims.answers import not_applicable, proven, refuted, unproven
from pytest_rtopt.claims.model import SAME_DERIVATION, Answer, Claim
from pytest_rtopt.hardware.rust_release import UPSTREAM
from pytest_rtopt.results.values import EvidenceKind

if TYPE_CHECKING:
    from pytest_rtopt.evidence.elf.release_marks import ReleaseMarks
    from pytest_rtopt.evidence.observation import Observation

NOT_THIS_CPUS: Final = "it is upstream's code, and is not compiled for this CPU"
_RELEASE: Final = re.compile(r"^release: (\S+)$", re.MULTILINE)
_COMMIT: Final = re.compile(r"^commit-hash: [0-9a-f]{40}$", re.MULTILINE)
_OF_DISTRIBUTION: Final = "built from a source tarball"


def asks_for_upstream(observation: Observation) -> bool:
    """Return whether upstream's release of Rust is asked for."""
    return observation.settings.toolchain == UPSTREAM


def upstream_release(observation: Observation) -> Answer:
    """Decide whether rustc, and what built the programs, is upstream's release."""
    if not asks_for_upstream(observation):
        return not_applicable("nothing asks for upstream's release of Rust")
    if observation.same_derivation:
        return refuted(f"{SAME_DERIVATION}, and upstream's release is asked for")
    marks, reports = observation.optimized.release, observation.optimized.reports
    if marks is None or "verbose" not in reports:
        return unproven("`rustc -vV` was not run")
    said = reports["verbose"]
    first = said.partition("\n")[0]
    lacking = [
        *_wrong_reports(said, observation),
        *_missing_marks(marks),
        *_wrong_builders(reports.get("toolchain", "")),
    ]
    if lacking:
        return refuted(
            f"`rustc -vV` says {first!r}, and this is not upstream's release: {'; '.join(lacking)}"
        )
    return proven(
        f"{first} exports malloc (jemalloc), and {' and '.join(marks.bolted)} have `.note.bolt_info`: "
        f"{NOT_THIS_CPUS}"
    )


def _wrong_reports(said: str, observation: Observation) -> list[str]:
    wrong = []
    if _OF_DISTRIBUTION in said:
        wrong.append("it was built from a source tarball, as a distribution does it")
    elif _COMMIT.search(said) is None:
        wrong.append("it names no commit")
    release = observation.settings.release
    version = _RELEASE.search(said)
    if release is not None and (version is None or version[1] != release.version):
        wrong.append(f"it is not {release.version}")
    return wrong


def _missing_marks(marks: ReleaseMarks) -> list[str]:
    missing = []
    if not marks.exports_malloc:
        missing.append("its program exports no malloc, so that it has no jemalloc")
    if not marks.bolted:
        missing.append("none of its libraries has `.note.bolt_info`")
    return missing


def _wrong_builders(toolchain: str) -> list[str]:
    """Return what is wrong with the toolchain that built the programs, by its own words."""
    others = [line for line in toolchain.splitlines() if _OF_DISTRIBUTION in line]
    return [f"programs were built by {' and '.join(others)}"] if others else []


RUST_UPSTREAM: Final = Claim(
    "upstream-release",
    "rustc and cargo are those that upstream releases",
    (EvidenceKind.SELF_REPORT, EvidenceKind.FILE),
    upstream_release,
)
