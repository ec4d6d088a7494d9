"""The suites with a toolchain of Debian 13: every claim about Lua holds as with the host's compiler."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from pytest_rtopt.nix.host_builds import Isolation
from pytest_rtopt.sources.toolchain import read_toolchain
from tests.support.plugin_runs import assert_refused

if TYPE_CHECKING:
    from tests.support.plugin_runs import Stranger

pytestmark = pytest.mark.usefixtures("runs_detected_code")


def test_lua_is_proven_with_a_toolchain(stranger_with_nix: Stranger) -> None:
    result = stranger_with_nix.suites(
        *("-m", "build or verify", "--rtopt-toolchain=debian-13", "--rtopt-json=out.json")
    )
    assert result.ret == 0, result.stdout.str()
    results: dict[str, Any] = json.loads((stranger_with_nix.path / "out.json").read_text())
    packages = results["packages"]
    assert packages["toolchain"] == "debian-13"
    assert packages["compiler"] == read_toolchain("debian-13").compiler
    if os.geteuid() == 0:
        assert packages["isolation"] == Isolation.CLOSED
    lua = results["runtimes"]["lua"]
    statuses = {finding["claim"]: finding["status"] for finding in lua["findings"]}
    # A CPU that the compiler has no name for has no tuning to ask for.
    statuses.pop("lua/tuning")
    assert set(statuses.values()) == {"proven"}
    assert {"lua/lto-used", "lua/flags-reach-compiler", "lua/loop-is-hot"} <= set(statuses)


def test_a_toolchain_that_there_is_not_is_named(stranger_with_nix: Stranger) -> None:
    result = stranger_with_nix.suites("-m", "build", "--rtopt-toolchain=debian-3")
    assert_refused(result, "no toolchain 'debian-3'; the toolchains are debian-13, host")
