"""Fetch a file from the address of its upstream project."""

from __future__ import annotations

import http.client
import shutil
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from pytest_rtopt.base.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.sources.pins import Upstream

_SILENCE_SECONDS = 60.0


def download(origin: Upstream, directory: Path) -> Path:
    """Download a file into `directory` and return its path; raises `SourceError` on failure.

    Proxies come from the environment. The caller checks the hash, so every URL scheme is allowed.
    """
    target = directory / origin.url.rpartition("/")[2]
    try:
        with (
            urllib.request.urlopen(origin.url, timeout=_SILENCE_SECONDS) as response,  # noqa: S310  # pins, not user input
            target.open("wb") as file,
        ):
            shutil.copyfileobj(response, file)
            promised = response.headers["Content-Length"]
            received = file.tell()
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise SourceError(f"it could not be downloaded: {error}.") from error
    if promised is not None and int(promised) != received:
        raise SourceError(f"the connection was closed after {received} of {promised} bytes.")
    return target
