"""The options for caches and builders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.nix.cache import Cache, PathInfo, parse_info
from pytest_rtopt.nix.package_set import PackageSet
from pytest_rtopt.plugin.fleet_settings import parse_fleet
from pytest_rtopt.plugin.settings import parse_settings
from pytest_rtopt.stages.packages import Packages
from pytest_rtopt.stages.settings import FleetSettings

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore


def test_options_become_settings(pytester: pytest.Pytester) -> None:
    words = (
        "--rtopt-cache=s3://a",
        "--rtopt-cache=file:///b",
        "--rtopt-push",
        "--rtopt-builders=@/etc/machines",
    )
    settings = parse_settings(pytester.parseconfig(*words), {})
    assert settings.fleet == FleetSettings(("s3://a", "file:///b"), push=True, builders="@/etc/machines")
    by_environment = {"RTOPT_CACHE": "s3://a s3://a file:///b", "RTOPT_PUSH": "true"}
    assert parse_settings(pytester.parseconfig(), by_environment).fleet == FleetSettings(
        ("s3://a", "file:///b"), push=True
    )
    assert parse_settings(pytester.parseconfig(), {}).fleet == FleetSettings()


@pytest.mark.parametrize(
    ("urls", "push", "expected"),
    [
        (["/srv/cache"], False, "--rtopt-cache: '/srv/cache' is not the URL of a Nix store"),
        (["file:/srv"], False, "is not the URL of a Nix store"),
        (["file:///srv?trusted=true"], False, "disables signatures; remove `trusted` and add"),
        ([], True, "--rtopt-push: there is no cache to push to; name one with --rtopt-cache."),
    ],
)
def test_what_cannot_work_is_refused(urls: list[str], push: bool, expected: str) -> None:  # noqa: FBT001
    with pytest.raises(pytest.UsageError) as caught:
        parse_fleet(urls, None, push=push)
    assert expected in str(caught.value)


def test_only_what_builds_sees_caches_and_builders(private_store: PrivateStore) -> None:
    nix = private_store.nix
    plain = Packages(PackageSet("embedded", "embedded", "/x"), nix, None, None)
    assert plain.building == nix
    caches = (Cache(nix, "s3://a"), Cache(nix, "file:///b"))
    packages = Packages(plain.set, nix, None, None, caches, "@/etc/machines")
    assert packages.building.settings[-2:] == (
        "extra-substituters = s3://a file:///b",
        "builders = @/etc/machines",
    )
    assert packages.nix == nix


@pytest.mark.parametrize(
    "text",
    [
        '[{"path": "/nix/store/a-x", "narHash": "sha256-1=", "signatures": ["k-1:abc="]}]',
        '{"/nix/store/a-x": {"narHash": "sha256-1=", "signatures": ["k-1:abc="]}}',
        '{"version": 2, "info": {"a-x": {"narHash": "sha256-1=", "signatures": [{"keyName": "k-1"}]}}}',
    ],
)
def test_what_versions_of_nix_say_of_a_path(text: str) -> None:
    assert parse_info(text) == PathInfo('"sha256-1="', frozenset({"k-1"}))


@pytest.mark.parametrize(
    "text", ['[{"path": "/nix/store/a-x", "valid": false}]', '{"/nix/store/a-x": null}', "[]"]
)
def test_a_path_that_is_not_there(text: str) -> None:
    assert parse_info(text) is None
