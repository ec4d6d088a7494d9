"""Stock and optimized runtimes build, and the cost of the build is recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_rtopt.claims.model import Runtime
    from pytest_rtopt.plugin.recorder import RuntimeRecorder
    from pytest_rtopt.stages.build import RuntimeBuild

pytestmark = pytest.mark.build


def test_runtime_is_built(
    runtime: Runtime, runtime_build: RuntimeBuild, rtopt_record: RuntimeRecorder
) -> None:
    """Both outputs are in the store and have the runtime's programs."""
    rtopt_record.build()
    for paths in (runtime_build.derivations.stock, runtime_build.derivations.optimized):
        for name, places in runtime.binaries.items():
            assert any((Path(paths.out) / place).exists() for place in places), f"{paths.out} has no {name}"
