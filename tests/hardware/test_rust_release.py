"""The archive of a release of Rust in a profile: what is accepted, and what each mistake is told."""

from __future__ import annotations

import pytest

from pytest_rtopt.base.errors import ProfileError
from pytest_rtopt.hardware.profile import HardwareProfile, parse_profile
from pytest_rtopt.hardware.rust_release import RustRelease

HASH = "418ee2b5f66723f6dc2ebfd9ad2bd454775ec38cd870697553426e3be935936d"
RELEASE = {"version": "1.85.1", "sha256": HASH, "url": "https://example.org/rust.tar.xz"}


def parsed(rust: object) -> HardwareProfile:
    return parse_profile({"packages": {"rust": rust}}, name="mine", source="mine.nix")


@pytest.mark.parametrize(
    "sha256",
    [HASH, "1p3rxmhiblx9mgnxivsmghmjn94nlqrc8pvnfy7kkzxi5ybq5a10", f"sha256-{'A' * 43}="],
    ids=["hexadecimal", "base 32", "SRI"],
)
def test_a_release_has_a_version_a_hash_and_an_address(sha256: str) -> None:
    settings = parsed({"toolchain": "upstream", "upstream": {**RELEASE, "sha256": sha256}}).settings("rust")
    assert settings.toolchain == "upstream"
    assert settings.release == RustRelease("1.85.1", sha256, url=RELEASE["url"])


def test_a_release_may_be_a_file_of_this_machine() -> None:
    upstream = {"version": "1.85.1", "sha256": HASH, "path": "/archives/rust.tar.xz"}
    release = parsed({"toolchain": "upstream", "upstream": upstream}).settings("rust").release
    assert release == RustRelease("1.85.1", HASH, path="/archives/rust.tar.xz")


def test_without_a_release_the_package_sets_table_has_the_archive() -> None:
    settings = parsed({"toolchain": "upstream"}).settings("rust")
    assert (settings.toolchain, settings.release) == ("upstream", None)


def test_a_profile_of_another_wish_has_none() -> None:
    settings = parsed({"targetCpu": "haswell"}).settings("rust")
    assert (settings.toolchain, settings.release) == (None, None)


@pytest.mark.parametrize(
    ("changes", "field", "expected", "remedy"),
    [
        ({"sha256": None}, "sha256", "the SHA-256 of the archive", "nix-hash --type sha256 --flat FILE"),
        ({"sha256": "abc"}, "sha256", "the SHA-256 of the archive", "nix-hash --type sha256 --flat FILE"),
        ({"version": None}, "version", "a version of three numbers", "as in `1.85.1`"),
        ({"version": "stable"}, "version", "a version of three numbers", "as in `1.85.1`"),
        ({"version": 1.85}, "version", "expected text", "put it in quotes"),
        ({"url": None}, "url", "either this field or `packages.rust.upstream.path`", "give one of them"),
        ({"path": "/rust.tar"}, "url", "either this field or `packages.rust.upstream.path`", "give one"),
        ({"url": None, "path": "rust.tar"}, "path", "an absolute path", "write it in full"),
    ],
)
def test_a_wrong_part_is_named_with_its_remedy(
    changes: dict[str, object], field: str, expected: str, remedy: str
) -> None:
    with pytest.raises(ProfileError) as caught:
        parsed({"toolchain": "upstream", "upstream": {**RELEASE, **changes}})
    message = str(caught.value)
    assert message.startswith(f"mine.nix: field `packages.rust.upstream.{field}`: ")
    assert expected in message
    assert remedy in message
    assert "\n" not in message


def test_an_archive_that_nothing_asks_for_is_refused() -> None:
    with pytest.raises(
        ProfileError, match=r'without `packages\.rust\.toolchain = "upstream"`.* add that, or'
    ):
        parsed({"upstream": RELEASE})
