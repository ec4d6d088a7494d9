"""The environment of a run that a test starts: without what the current run, or a CI service, has set."""

from __future__ import annotations

import os
from typing import Final

_OTHERS: Final = ("PYTEST_", "RTOPT_", "CI", "BUILD_NUMBER")
HOST_TOOLCHAIN: Final = {"RTOPT_TOOLCHAIN": "host"}
"""With the compilers that the tests have anyway, no toolchain is fetched, unpacked or copied to a cache."""


def child_environment() -> dict[str, str]:
    """Return a clean environment for a run that builds, with the host's compilers."""
    return {**clean_environment(), **HOST_TOOLCHAIN}


def clean_environment() -> dict[str, str]:
    """Return the environment without what pytest, this project and a CI service set.

    Where `CI` or `BUILD_NUMBER` is set, pytest writes its short summary in full length, so that a test which
    counts a message would find it more often on a CI service than at a desk.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
