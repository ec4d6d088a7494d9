"""The features of the CPU that runs the tests, even if `bin/on-recorded-host` shows another CPU."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_rtopt.hardware.cpuinfo import parse_cpuinfo
from pytest_rtopt.hardware.detect import profile_for
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.hardware.microarch import features


def real_features() -> frozenset[str]:
    """Return the features of the real CPU."""
    real = os.environ.get("REAL_PROC")
    return parse_cpuinfo((Path(real) / "cpuinfo").read_text()).features if real else read_host().features


def is_shown(march: str) -> bool:
    """Return whether the CPU that detection sees has all features that code for `march` may use."""
    return features(march) <= read_host().features


def runs_here(march: str) -> bool:
    """Return whether both the CPU that detection sees and the real one have these features."""
    return is_shown(march) and features(march) <= real_features()


def skip_where_it_would_crash(march: str | None = None) -> None:
    """Skip a test that runs code for `march` (default: the detected one) if only the recorded CPU has it.

    If the recorded CPU lacks it, too, the test goes on, because then the plugin must not run such code.
    """
    march = march or profile_for(read_host(), None).march
    if march and is_shown(march) and (lacking := features(march) - real_features()):
        names = ", ".join(sorted(lacking))
        pytest.skip(f"the test runs code for {march}, but only the recorded CPU has {names}")
