"""The environment of a run that a test starts: without what the current run, or a CI service, has set."""

from __future__ import annotations

import os


def child_environment() -> dict[str, str]:
    """Return the environment without pytest's, this project's and a CI service's variables.

    Where `CI` or `BUILD_NUMBER` is set, pytest writes its short summary in full length, so that a test which
    counts a message would find it more often on a CI service than at a desk.
    """
    others = ("PYTEST_", "RTOPT_", "CI", "BUILD_NUMBER")
    return {name: value for name, value in os.environ.items() if not name.startswith(others)}
