"""One file out of a package: every archive comes back whole, and anything else is an error that says so."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import SourceError
from pytest_rtopt.sources.deb import extract, members
from tests.support.debian_packages import ar, package

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.from_regex(r"[a-z][a-z0-9.-]{0,14}", fullmatch=True)


@given(st.dictionaries(NAMES, st.binary(max_size=99)))
def test_every_member_comes_back(written: dict[str, bytes]) -> None:
    assert dict(members(ar(written))) == written


@given(st.binary())
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"archive|invalid literal"):
        list(members(b"!<arch>" + data.replace(b"\n", b"") + b"x"))


def test_a_file_is_extracted(tmp_path: Path) -> None:
    deb = tmp_path / "a.deb"
    deb.write_bytes(package({"usr/bin/busybox": b"\x7fELF", "usr/share/doc/readme": b"read"}))
    assert extract(deb, "usr/bin/busybox") == b"\x7fELF"


@pytest.mark.parametrize("content", [b"", b"no package", package({"usr/bin/other": b""}), ar({"x": b""})])
def test_a_package_without_the_file_is_named(tmp_path: Path, content: bytes) -> None:
    deb = tmp_path / "broken.deb"
    deb.write_bytes(content)
    with pytest.raises(SourceError, match=r"broken\.deb has no file usr/bin/busybox; delete it"):
        extract(deb, "usr/bin/busybox")


def test_packages_of_dpkg_are_read(tmp_path: Path) -> None:
    if shutil.which("dpkg-deb") is None:
        pytest.skip("needs dpkg")
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        "Package: thing\nVersion: 1\nArchitecture: all\nDescription: thing\n"
        "Maintainer: nobody <nobody@example.org>\n"
    )
    (tree / "usr").mkdir()
    (tree / "usr" / "thing").write_bytes(b"thing")
    deb = tmp_path / "thing.deb"
    process.check(["dpkg-deb", "--build", str(tree), str(deb)], timeout=60)
    assert extract(deb, "usr/thing") == b"thing"
