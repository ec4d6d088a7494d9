"""Names of CPU features."""

from __future__ import annotations

import archspec.cpu
import pytest
from iced_x86 import CpuidFeature

from pytest_rtopt.evidence.census import cpuid


def test_every_feature_of_the_decoder_is_placed_exactly_once() -> None:
    groups = [
        cpuid.BASELINE,
        cpuid.HINTS,
        cpuid.UNNAMED,
        cpuid.NOT_X86_64,
        frozenset(
            name
            for number, name in cpuid.decoder_features().items()
            if any(cpuid.flags(feature) for feature in cpuid.requirements([number]))
        ),
    ]
    placed = [name for group in groups for name in group]
    assert sorted(placed) == sorted(cpuid.decoder_features().values())


def test_features_of_every_level_are_known_under_the_name_that_archspec_uses() -> None:
    ours = {f for number in cpuid.decoder_features() for f in cpuid.requirements([number])}
    for level in (2, 3, 4):
        theirs = archspec.cpu.TARGETS[f"x86_64_v{level}"].features
        # No instruction of its own: LAHF and SAHF in 64-bit mode are the old ones to the decoder.
        assert theirs - ours == {"mmx", "sse", "sse2", "lahf_lm"}


def test_the_baseline_and_hints_require_nothing() -> None:
    assert cpuid.requirements([CpuidFeature.SSE2, CpuidFeature.CET_IBT, CpuidFeature.X64]) == frozenset()
    assert cpuid.requirements([CpuidFeature.SSE3, CpuidFeature.X64]) == {"sse3"}


@pytest.mark.parametrize(
    ("feature", "flag"),
    [
        ("sse3", "pni"),
        ("abm", "lzcnt"),
        ("cx16", "cx16"),
        ("sse4_1", "sse4.1"),
        ("avx512vbmi", "avx512_vbmi"),
        ("sha_ni", "sha_ni"),
    ],
)
def test_a_host_has_a_feature_under_any_of_its_spellings(feature: str, flag: str) -> None:
    assert cpuid.host_has(feature, frozenset({"fpu", flag})) is True
    assert cpuid.host_has(feature, frozenset({"fpu"})) is False


def test_what_linux_does_not_show_is_unknown_unless_somebody_says_so() -> None:
    assert cpuid.flags("cmpccxadd") == frozenset()
    assert cpuid.host_has("cmpccxadd", frozenset({"avx2"})) is None
    assert cpuid.host_has("cmpccxadd", frozenset({"cmpccxadd"})) is True
