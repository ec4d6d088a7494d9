"""Parses the options for caches and builders."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from pytest_rtopt.stages.settings import FleetSettings

if TYPE_CHECKING:
    from collections.abc import Sequence


def parse_fleet(caches: Sequence[str], builders: str | None, *, push: bool) -> FleetSettings:
    """Return the parsed options.

    Raises `pytest.UsageError` if a cache is not a URL or disables signatures, or if `push` has no cache.
    """
    for url in caches:
        parts = urlsplit(url)
        if not parts.scheme or "://" not in url:
            raise pytest.UsageError(
                f"--rtopt-cache: {url!r} is not the URL of a Nix store, such as file:///srv/cache, "
                "s3://bucket, ssh-ng://host or https://host."
            )
        if parse_qs(parts.query).get("trusted", ["false"]) != ["false"]:
            raise pytest.UsageError(
                f"--rtopt-cache: {url} disables signatures; remove `trusted` and add the key of the "
                "cache to Nix's trusted-public-keys."
            )
    if push and not caches:
        raise pytest.UsageError("--rtopt-push: there is no cache to push to; name one with --rtopt-cache.")
    return FleetSettings(tuple(dict.fromkeys(caches)), push, builders)
