"""The apt origin: mirrors from apt's own words, and a configuration that keeps to its directory."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base import process
from pytest_rtopt.sources.apt import configuration_text, packaged, parse_roots, sources_text

if TYPE_CHECKING:
    from pathlib import Path

# Recorded from `apt-get update --print-uris` (apt 2.6.1, Debian 12); the mirrors' names are changed.
PRINTED = """\
'http://deb.example.org/debian/dists/bookworm/InRelease' deb.example.org_debian_dists_bookworm_InRelease 0\x20
'http://deb.example.org/debian/dists/bookworm-updates/InRelease' deb.example.org_debian_dists_bookworm-updates_InRelease 0\x20
'http://deb.example.org/debian-security/dists/bookworm-security/InRelease' deb.example.org_debian-security_dists_bookworm-security_InRelease 0\x20
'http://deb.example.org/debian/dists/bookworm/main/binary-amd64/Packages.xz' deb.example.org_debian_dists_bookworm_main_binary-amd64_Packages 0\x20
'http://deb.example.org/debian/dists/bookworm/main/dep11/Components-amd64.yml.xz' deb.example.org_debian_dists_bookworm_main_dep11_Components-amd64.yml 0\x20
"""  # noqa: E501  # as recorded


def test_roots_are_found_once_each_and_in_order() -> None:
    assert parse_roots(PRINTED) == ("http://deb.example.org/debian", "http://deb.example.org/debian-security")


def test_a_machine_without_archives_has_no_roots() -> None:
    assert parse_roots("") == ()


@given(st.text())
def test_nothing_that_apt_might_print_breaks_the_parser(text: str) -> None:
    assert all("'" not in root for root in parse_roots(text))


@given(
    st.lists(
        st.from_regex(r"(https?|mirror\+file)://[a-z0-9.]{1,12}(/[a-z0-9.-]{1,9}){0,3}", fullmatch=True),
        unique=True,
    )
)
def test_every_root_comes_back(roots: list[str]) -> None:
    printed = "".join(f"'{root}/dists/stable/InRelease' list_of_{n} 0 \n" for n, root in enumerate(roots))
    assert parse_roots(printed) == tuple(roots)


def test_the_source_list_names_suite_roots_and_keys() -> None:
    roots = ["http://deb.example.org/debian", "http://other.example.org"]
    assert sources_text(roots, "trixie", "deb-src") == (
        "Types: deb-src\n"
        "URIs: http://deb.example.org/debian http://other.example.org\n"
        "Suites: trixie\n"
        "Components: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
    )  # fmt: skip


@pytest.mark.skipif(shutil.which("apt-config") is None, reason="apt is not on this machine")
def test_apt_reads_the_configuration_as_private_and_without_hooks(tmp_path: Path) -> None:
    directory = tmp_path / "with a space"
    directory.mkdir()
    configuration = directory / "apt.conf"
    hook = 'APT::Update::Post-Invoke { "touch /hook"; };\n'
    configuration.write_text(hook + configuration_text(directory, directory / "private.sources"))
    dump = process.check(["apt-config", f"--config-file={configuration}", "dump"], timeout=30).text
    assert f'Dir::State::Lists "{directory}/lists";'.lower() in dump.lower()
    assert f'Dir::Cache::Archives "{directory}/archives";'.lower() in dump.lower()
    assert f'Dir::Etc::SourceList "{directory}/private.sources";'.lower() in dump.lower()
    assert 'Dir::Etc::SourceParts "/dev/null";'.lower() in dump.lower()
    assert "APT::Update::" not in dump


# Recorded from `apt-cache showsrc --only-source` (apt 2.6.1), shortened.
RECORDS = """\
Package: python3.13
Binary: python3.13, libpython3.13
Version: 3.13.5-2
Build-Depends: debhelper-compat (= 13)

Package: python3.13
Version: 3.13.5-2+deb13u5

Package: python3.13
Version: 3.13.9-1
"""


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("3.13.5", "3.13.5-2+deb13u5"), ("3.13.9", "3.13.9-1"), ("3.13", None), ("3.13.51", None)],
)
def test_an_update_by_debian_still_has_upstreams_archive(wanted: str, found: str | None) -> None:
    assert packaged(RECORDS, wanted) == found


def test_an_epoch_is_not_a_part_of_upstreams_version() -> None:
    assert packaged("Version: 1:2.0-rc1-3\n", "2.0-rc1") == "1:2.0-rc1-3"


@given(st.text())
def test_nothing_that_apt_cache_might_print_breaks_the_search(text: str) -> None:
    assert packaged(text, "no such version") is None
