"""Defaults for every test of this checkout, whether of the suites or of the project itself.

An editable installation lets other repositories collect the suites from this directory. pytest then loads
this file there, too. So nothing here acts unless the checkout itself is the rootdir.

- `suites/` is collected by default, and judges the runtimes of the machine.
- `tests/` is collected by `pytest tests`, and tests the project; `make test` runs all of it.
- `benchmarks/` holds scripts, which are run by name.

`pyproject.toml` makes unknown markers, unknown settings, and warnings errors.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).resolve().parent

PROFILES: Final = ("local", "ci", "thorough")


def is_own_run(config: pytest.Config) -> bool:
    """Return whether this checkout is what is tested, and not another repository that runs the suites."""
    return config.rootpath.resolve() == HERE


def hypothesis_profile() -> str:
    """Return the name of the Hypothesis profile: `HYPOTHESIS_PROFILE`, else `ci` on CI, else `local`."""
    return os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the Hypothesis profile of the checkout's own tests."""
    if not is_own_run(config):
        return
    name = hypothesis_profile()
    if name not in PROFILES:
        known = ", ".join(PROFILES)
        raise pytest.UsageError(f"HYPOTHESIS_PROFILE: there is no profile {name!r}; known are {known}.")
    # A development dependency, which a user of the suites need not have.
    from hypothesis import settings  # noqa: PLC0415

    settings.register_profile("local", deadline=None)
    # The same examples in every run, so that no change fails by chance. A failure prints how to repeat it.
    settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
    # For a change to a parser or to the statistics: `HYPOTHESIS_PROFILE=thorough make test`.
    settings.register_profile("thorough", deadline=None, max_examples=2000)
    settings.load_profile(name)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which defaults are in force."""
    return [f"checkout defaults: Hypothesis profile {hypothesis_profile()}"] if is_own_run(config) else []
