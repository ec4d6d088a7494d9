"""The noise of the census is none: what two compilations of one source differ in is not in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.evidence.census.census import census
from pytest_rtopt.evidence.census.differential import compare
from pytest_rtopt.evidence.elf.image import read_elf
from tests.support.evidence_builds import compile_c

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "flags",
    [("-march=x86-64",), ("-march=x86-64-v3", "-flto"), ("-march=x86-64-v3", "-frecord-gcc-switches", "-g")],
    ids=" ".join,
)
def test_two_compilations_have_the_same_functions_to_the_last_mnemonic(
    tmp_path: Path, flags: tuple[str, ...]
) -> None:
    censuses = []
    for name in ("first", "second-with-a-longer-name"):
        place = tmp_path / name
        place.mkdir()
        censuses.append(census(read_elf(compile_c(place / "program", *flags))))
    first, second = censuses
    assert first.functions == second.functions
    delta = compare(first, second)
    assert (delta.same_code, delta.changed, delta.gained) == (True, 0, 0)


@pytest.mark.parametrize(
    "flags",
    [
        ("-O2",),
        ("-g", "-frecord-gcc-switches"),
        ("-flto=1",),
        ("-flto=auto", "-flto-partition=max"),
        ("-fPIC", "-fno-semantic-interposition"),
        ("-mtune=skylake",),
        ("-DNAME=a-store-path-of-another-length",),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("march", ["x86-64", "x86-64-v3"])
def test_flags_that_are_not_the_architectures_bring_no_features(
    tmp_path: Path, march: str, flags: tuple[str, ...]
) -> None:
    """Code changes with them, and what it needs does not."""
    plain = census(read_elf(compile_c(tmp_path / "plain", f"-march={march}")))
    other = census(read_elf(compile_c(tmp_path / "other", f"-march={march}", *flags)))
    delta = compare(plain, other)
    assert delta.common
    assert (delta.gained, delta.gains) == (0, ())
