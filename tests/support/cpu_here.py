"""What the CPU that runs the tests can run, also where `bin/on-recorded-host` shows another one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_rtopt.hardware.cpuinfo import parse_cpuinfo
from pytest_rtopt.hardware.detect import profile_for
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.hardware.microarch import features


def real_features() -> frozenset[str]:
    """Return the features of the CPU itself."""
    real = os.environ.get("REAL_PROC")
    return parse_cpuinfo((Path(real) / "cpuinfo").read_text()).features if real else read_host().features


def is_shown(march: str) -> bool:
    """Whether the CPU that detection sees has all that code for `march` may use."""
    return features(march) <= read_host().features


def runs_here(march: str) -> bool:
    """Whether both that CPU and the real one have it."""
    return is_shown(march) and features(march) <= real_features()


def skip_where_it_would_crash(march: str | None = None) -> None:
    """Skip a test that runs code for `march` (the detected one) where the CPU that is shown alone has it.

    A test goes on where that has it neither, as not to run such code is then up to the plugin.
    """
    march = march or profile_for(read_host(), None).march
    if march and is_shown(march) and (lacking := features(march) - real_features()):
        names = ", ".join(sorted(lacking))
        pytest.skip(f"code for {march} would be run, and only the recorded CPU has {names}")
