"""Writing a lock: packages from apt's records, names for the store, and hashes as Nix computes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base import process
from pytest_rtopt.nix.client import find_nix
from pytest_rtopt.sources.toolchain import Package
from pytest_rtopt.sources.toolchain_lock import nar_sha256, parse_records

if TYPE_CHECKING:
    from pathlib import Path

# Recorded from `apt-cache show` (apt 2.6.1), shortened.
RECORDS = """\
Package: uuid-dev
Source: util-linux
Version: 2.41-5
Architecture: amd64
Filename: pool/main/u/util-linux/uuid-dev_2.41-5_amd64.deb
SHA256: 00000000000000000000000000000000000000000000000000000000000000aa

Package: libpcre2-8-0
Version: 1:10.46-1~deb13u1
Description-en: New Perl Compatible Regular Expression Library
 Version: of nothing
Filename: pool/main/p/pcre2/libpcre2-8-0_10.46-1~deb13u1_amd64.deb
SHA256: 00000000000000000000000000000000000000000000000000000000000000bb

"""


def test_packages_are_in_the_order_of_their_names_with_names_for_the_store() -> None:
    assert parse_records(RECORDS) == (
        Package(
            "libpcre2-8-0",
            "1:10.46-1~deb13u1",
            "pool/main/p/pcre2/libpcre2-8-0_10.46-1~deb13u1_amd64.deb",
            "libpcre2-8-0_10.46-1-deb13u1_amd64.deb",
            "00000000000000000000000000000000000000000000000000000000000000bb",
        ),
        Package(
            "uuid-dev",
            "2.41-5",
            "pool/main/u/util-linux/uuid-dev_2.41-5_amd64.deb",
            "uuid-dev_2.41-5_amd64.deb",
            "00000000000000000000000000000000000000000000000000000000000000aa",
        ),
    )


@given(st.text())
def test_nothing_that_apt_might_print_breaks_the_parser(text: str) -> None:
    assert all(package.sha256 for package in parse_records(text))


def test_the_hash_of_a_program_is_that_of_nix(tmp_path: Path) -> None:
    for size in (0, 1, 8, 1001):
        directory = tmp_path / str(size)
        directory.mkdir()
        (directory / "program").write_bytes(b"x" * size)
        (directory / "program").chmod(0o755)
        command = find_nix().command("nix-hash", "--type", "sha256", str(directory))
        assert nar_sha256("program", b"x" * size) == process.check(command, timeout=60).text.strip()
