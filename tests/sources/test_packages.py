"""Packages of a toolchain: from the archive that has them, with their hashes, or an error with the remedy."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import pytest

from pytest_rtopt.base.errors import SourceError
from pytest_rtopt.sources import apt, packages
from pytest_rtopt.sources.packages import fetch_packages
from pytest_rtopt.sources.toolchain import Package, Toolchain

DATA: Final = {"first": b"the first", "second": b"the second"}
PACKAGES: Final = tuple(
    Package(
        name,
        "1.0+b1",
        f"pool/main/{name}_1.0+b1_amd64.deb",
        f"{name}_1.0+b1_amd64.deb",
        hashlib.sha256(data).hexdigest(),
    )
    for name, data in DATA.items()
)
TOOLCHAIN: Final = Toolchain("debian-99", "forky", PACKAGES, (), "")


@pytest.fixture
def archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two archives that apt reads from files, in this order."""
    if not Path("/usr/lib/apt/apt-helper").is_file():
        pytest.skip("needs apt")
    roots = (tmp_path / "one", tmp_path / "two")
    for root in roots:
        (root / "pool" / "main").mkdir(parents=True)
    monkeypatch.setattr(apt, "archive_roots", lambda: tuple(f"file://{root}" for root in roots))
    return roots


def put(archive: Path, package: Package, data: bytes | None = None) -> None:
    (archive / package.path).write_bytes(DATA[package.name] if data is None else data)


def fetched(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in fetch_packages(TOOLCHAIN, PACKAGES, directory)}


def test_each_package_comes_from_the_first_archive_that_has_it(
    archives: tuple[Path, Path], tmp_path: Path
) -> None:
    put(archives[0], PACKAGES[0])
    put(archives[1], PACKAGES[1])
    directory = tmp_path / "sources"
    assert fetched(directory) == {package.file: DATA[package.name] for package in PACKAGES}
    kept = {path.name for path in (directory / TOOLCHAIN.name).iterdir()} - {".lock"}
    assert kept == {package.file for package in PACKAGES}


def test_what_is_here_is_not_downloaded_again(archives: tuple[Path, Path], tmp_path: Path) -> None:
    for package in PACKAGES:
        put(archives[0], package)
    before = fetched(tmp_path)
    for package in PACKAGES:
        (archives[0] / package.path).unlink()
    assert fetched(tmp_path) == before


def test_a_file_with_another_hash_is_replaced(archives: tuple[Path, Path], tmp_path: Path) -> None:
    for package in PACKAGES:
        put(archives[0], package)
    fetched(tmp_path)
    (tmp_path / TOOLCHAIN.name / PACKAGES[0].file).write_bytes(b"half")
    assert fetched(tmp_path) == {package.file: DATA[package.name] for package in PACKAGES}


def test_a_package_that_left_the_archive_is_named_with_the_remedy(
    archives: tuple[Path, Path], tmp_path: Path
) -> None:
    put(archives[0], PACKAGES[0])
    put(archives[1], PACKAGES[1], b"another one")
    with pytest.raises(SourceError) as caught:
        fetched(tmp_path)
    first, *_ = str(caught.value).splitlines()
    assert "second 1.0+b1; a point release of Debian replaces packages" in first
    assert "first" not in first
    assert "`make lock-toolchain`" in first
    assert not (tmp_path / TOOLCHAIN.name / PACKAGES[1].file).exists()


def test_without_apt_another_machine_can_help(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_HELPER", tmp_path / "absent")
    with pytest.raises(
        SourceError, match=r"has no apt to fetch it; copy .*debian-99 from a machine that has it"
    ):
        fetched(tmp_path)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "sources").write_text("a file")
    with pytest.raises(
        SourceError, match=r"debian-99 cannot be stored in .*/sources/debian-99: Not a directory"
    ):
        fetched(tmp_path / "sources")
