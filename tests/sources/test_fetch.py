"""Fetching: from the first origin that delivers, whole and with the pinned hash, or an error with reasons."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import ProcessError, SourceError
from pytest_rtopt.sources.fetch import fetch
from pytest_rtopt.sources.pins import AptSource, Origin, Source, Upstream

if TYPE_CHECKING:
    from pathlib import Path

DATA = b"the archive"
DEBIAN = AptSource("thing", "1.0-1", "trixie")
HOME = Upstream("https://example.org/thing-1.0.tar.gz")
THING = Source("thing-1.0", "thing_1.0.orig.tar.gz", hashlib.sha256(DATA).hexdigest(), (DEBIAN, HOME))


class Origins:
    """Origins in memory; what is not there raises, and every request is noted."""

    def __init__(self, contents: dict[Origin, bytes]) -> None:
        self.contents = contents
        self.requested: list[Origin] = []

    def download(self, origin: Origin, directory: Path) -> Path:
        """Do as `fetch` asks of its `download`."""
        self.requested.append(origin)
        if origin not in self.contents:
            (directory / "half").write_bytes(b"the arc")
            raise ProcessError(f"{type(origin).__name__} is out of order.")
        file = directory / "whatever it is called there"
        file.write_bytes(self.contents[origin])
        return file


def names(directory: Path) -> set[str]:
    return {file.name for file in directory.iterdir() if file.suffix != ".lock"}


def test_the_first_origin_is_enough(tmp_path: Path) -> None:
    origins = Origins({DEBIAN: DATA, HOME: DATA})
    directory = tmp_path / "made" / "when needed"
    assert fetch(THING, directory, origins.download) == directory / THING.file_name
    assert (directory / THING.file_name).read_bytes() == DATA
    assert origins.requested == [DEBIAN]
    assert names(directory) == {THING.file_name}


def test_the_next_origin_steps_in(tmp_path: Path) -> None:
    origins = Origins({HOME: DATA})
    assert fetch(THING, tmp_path, origins.download).read_bytes() == DATA
    assert origins.requested == [DEBIAN, HOME]
    assert names(tmp_path) == {THING.file_name}


def test_a_good_file_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / THING.file_name).write_bytes(DATA)
    origins = Origins({})
    assert fetch(THING, tmp_path, origins.download) == tmp_path / THING.file_name
    assert not origins.requested


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / THING.file_name).write_bytes(DATA[:-1])
    assert fetch(THING, tmp_path, Origins({DEBIAN: DATA}).download).read_bytes() == DATA


def test_what_a_killed_process_left_is_not_in_the_way(tmp_path: Path) -> None:
    left = tmp_path / f".{THING.file_name}.partial"
    left.mkdir()
    (left / "whatever it is called there").write_bytes(b"the arc")
    assert fetch(THING, tmp_path, Origins({DEBIAN: DATA}).download).read_bytes() == DATA
    assert names(tmp_path) == {THING.file_name}


def test_another_hash_is_an_error_with_both_and_the_origin(tmp_path: Path) -> None:
    origins = Origins({DEBIAN: b"something else", HOME: DATA})
    with pytest.raises(SourceError) as caught:
        fetch(THING, tmp_path, origins.download)
    message = str(caught.value)
    assert THING.sha256 in message
    assert hashlib.sha256(b"something else").hexdigest() in message
    assert str(DEBIAN) in message
    assert origins.requested == [DEBIAN]
    assert not names(tmp_path)


def test_no_origin_gives_every_reason_and_the_remedy(tmp_path: Path) -> None:
    (tmp_path / THING.file_name).write_bytes(b"put here by hand")
    with pytest.raises(SourceError) as caught:
        fetch(THING, tmp_path, Origins({}).download)
    actual = hashlib.sha256(b"put here by hand").hexdigest()
    first, *reasons = str(caught.value).splitlines()
    assert str(tmp_path / THING.file_name) in first
    assert THING.sha256 in first
    assert reasons == [
        f"  {DEBIAN}: AptSource is out of order.",
        f"  {HOME}: Upstream is out of order.",
        f"  {tmp_path / THING.file_name}: the file exists, but its SHA-256 is {actual}.",
    ]
    assert (tmp_path / THING.file_name).read_bytes() == b"put here by hand"


def test_interruption_leaves_nothing_half_done(tmp_path: Path) -> None:
    def interrupted(_origin: Origin, directory: Path) -> Path:
        (directory / "half").write_bytes(b"the arc")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(THING, tmp_path, interrupted)
    assert not names(tmp_path)
    assert fetch(THING, tmp_path, Origins({DEBIAN: DATA}).download).read_bytes() == DATA


def test_parallel_fetches_download_once(tmp_path: Path) -> None:
    origins = Origins({DEBIAN: DATA})
    together = threading.Barrier(4)

    def worker(_: int) -> Path:
        together.wait()
        return fetch(THING, tmp_path, origins.download)

    with ThreadPoolExecutor(4) as workers:
        assert set(workers.map(worker, range(4))) == {tmp_path / THING.file_name}
    assert origins.requested == [DEBIAN]


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SourceError, match=r"thing-1\.0 cannot be stored as .*file.*Not a directory"):
        fetch(THING, tmp_path / "file" / "directory", Origins({DEBIAN: DATA}).download)
