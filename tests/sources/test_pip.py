"""The pip origin: the exact wheel for its platform, and pip's own words where it fails."""

from __future__ import annotations

import importlib.util
import zipfile
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import SourceError
from pytest_rtopt.sources import pip
from pytest_rtopt.sources.pins import PipWheel

if TYPE_CHECKING:
    from pathlib import Path

THING = PipWheel("thing-of-tests", "1.2.3", "manylinux_2_17_x86_64")
FILE_NAME = "thing_of_tests-1.2.3-py3-none-manylinux_2_17_x86_64.whl"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a directory of wheels all that pip knows, and return it."""
    directory = tmp_path / "index"
    directory.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(directory))
    return directory


def test_the_wheel_of_the_platform_is_downloaded(index: Path, tmp_path: Path) -> None:
    for name in (FILE_NAME, FILE_NAME.replace("x86_64", "aarch64"), FILE_NAME.replace("1.2.3", "1.2.4")):
        project, version = name.split("-")[:2]
        with zipfile.ZipFile(index / name, "w") as wheel:
            metadata = (
                f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\nRequires-Dist: no-such-thing\n"
            )
            wheel.writestr(f"{project}-{version}.dist-info/METADATA", metadata)
            wheel.writestr(f"{project}-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\n")
    directory = tmp_path / "here"
    directory.mkdir()
    assert pip.download(THING, directory) == directory / FILE_NAME
    assert (directory / FILE_NAME).read_bytes() == (index / FILE_NAME).read_bytes()


@pytest.mark.usefixtures("index")
def test_a_wheel_that_is_not_to_be_had_is_explained_by_pip(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"pip did not deliver it: .*thing-of-tests==1\.2\.3"):
        pip.download(THING, tmp_path)


def test_a_python_without_pip_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(SourceError, match="no pip"):
        pip.download(THING, tmp_path)
