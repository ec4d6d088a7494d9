"""Parse the options about caches and builders."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from pytest_rtopt.stages.settings import FleetSettings

if TYPE_CHECKING:
    from collections.abc import Sequence


def parse_fleet(caches: Sequence[str], builders: str | None, *, push: bool) -> FleetSettings:
    """Return what the words of the options mean.

    Raises `pytest.UsageError` for what is no URL, switches signatures off, or names nothing to push to.
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
                f"--rtopt-cache: {url} is to be trusted without signatures; leave `trusted` away and put the "
                "cache's key into Nix's trusted-public-keys."
            )
    if push and not caches:
        raise pytest.UsageError("--rtopt-push: there is nothing to push to; name a store with --rtopt-cache.")
    return FleetSettings(tuple(dict.fromkeys(caches)), push, builders)
