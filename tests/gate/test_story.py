"""The gate from the template to the bypass, with real builds of Lua, as a user lives it."""

from __future__ import annotations

import json
import re
import resource
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.hardware.microarch import level_march
from pytest_rtopt.verdict.ledger import read_ledger
from tests.support.cpu_here import runs_here
from tests.support.gate_cases import Switch
from tests.support.gate_runs import assert_refused, by_pytest, gate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.private_store import PrivateStore

pytestmark = pytest.mark.alone

Value = TypeVar("Value")
ROOT: Final = Path(__file__).resolve().parent.parent.parent
WHAT: Final = (
    "--rtopt-packages=embedded",
    # The gate takes no option from the environment.
    "--rtopt-toolchain=host",
    "--rtopt-runtime=lua",
    "--rtopt-profile=profiles/hardware/me.nix",
)
SUITES: Final = ("--pyargs", "pytest_rtopt.suites", *WHAT, "--rtopt-budget=2", "-m")


@pytest.fixture
def repository(tmp_path: Path) -> Switch:
    """Copy the template, as `nix flake init` does, with a profile that this machine can run."""
    shutil.copytree(ROOT / "templates" / "home-manager", tmp_path / "home")
    (tmp_path / "home" / "pyproject.toml").unlink()  # its options are those of a flake's packages
    profile = tmp_path / "home" / "profiles" / "hardware" / "me.nix"
    template = profile.read_text()
    assert '"x86-64-v3"' in template
    profile.write_text(template.replace("x86-64-v3", highest_level()))
    return Switch(tmp_path / "home")


def highest_level() -> str:
    """Return the highest level of x86-64 that may be run here, the template's or one below it."""
    return next(level for level in map(level_march, (3, 2, 1)) if runs_here(level))


def test_from_the_template_to_the_bypass(repository: Switch, private_store: PrivateStore) -> None:
    environment = dict(private_store.environment)
    assert_refused(gate(repository, *WHAT, **environment), "lua is pending: the ledger has no entry for it")

    for stage in ("generate", "build or verify", "benchmark"):
        run = by_pytest(repository, *SUITES, stage, **environment)
        assert run.status in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED), run.output
    remembered = read_ledger(repository.ledger).entries["lua"]
    assert remembered.result.verdict in ("adopt", "neutral"), remembered.result.reason

    # Bug: where one run judged and asked the gate, the gate found no ledger.
    together = ("build or verify or benchmark or gate", "--rtopt-ledger=together.json")
    at_once = by_pytest(repository, *SUITES, *together, **environment)
    assert read_ledger(repository.directory / "together.json").entries["lua"].result.verdict in at_once.output
    assert re.search(r"^allowed +(adopted|neutral) +lua", at_once.output, re.MULTILINE), at_once.output

    # Two seconds, or on a slow machine six times what pytest takes to be imported; of CPU, because others may
    # use the machine.
    allowed, seconds = timed(lambda: gate(repository, *WHAT, **environment))
    assert allowed.status == 0, allowed.output
    _, importing = timed(lambda: process.check([sys.executable, "-c", "import pytest"], timeout=300))
    assert seconds < max(2, 6 * importing)

    profile = repository.directory / "profiles" / "hardware" / "me.nix"
    text = profile.read_text()
    profile.write_text(text.replace("enableLTO = true", "enableLTO = false", 1))
    changed = gate(repository, *WHAT, "--rtopt-explain", **environment)
    assert_refused(changed, "lua is stale: the profile changed its settings for this runtime")
    assert "Note: lua 5.4.7 has to be built (" in changed.output
    profile.write_text(text)

    # The user's own copy of the overlays, and one byte of it.
    overlays = repository.directory / "overlays"
    shutil.copytree(ROOT / "overlays", overlays)
    file = overlays / "lua-hardware-optimized.nix"
    case = {
        "embedded": str(PACKAGE / "embedded"),
        "compiler": compiler_of(repository),
        "overlays": str(overlays),
        "profile": profile_of(private_store, profile),
        "ledger": str(repository.ledger),
        "arguments": {"judgedOnly": True, "runtimes": ["lua"]},
    }

    def applied() -> bool:
        rollback = ROOT / "tests" / "data" / "overlays" / "rollback.nix"
        found = private_store.nix.evaluate(rollback, {"case": json.dumps(case)})
        assert isinstance(found, dict)
        return bool(found["applied"]["lua5_4"] != found["stock"]["lua5_4"])

    assert applied(), "what was adopted is applied"
    file.write_text(file.read_text() + "\n")
    assert not applied(), "one byte, and stock comes back until it is judged"

    profile.write_text(text.replace("enableLTO = true", "enableLTO = false", 1))
    word = {"RTOPT_GATE": "skip", "RTOPT_GATE_REASON": "hurry"}
    assert gate(repository, *WHAT, **environment, **word).status == 0
    assert [bypass.reason for bypass in read_ledger(repository.ledger).bypasses.values()] == ["hurry"]
    assert_refused(gate(repository, *WHAT, **environment), "stale")


def timed(work: Callable[[], Value]) -> tuple[Value, float]:
    """Return what `work` returns, and the seconds of CPU that its processes took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    value = work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return value, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compiler_of(repository: Switch) -> str:
    """Return the compiler that the embedded set was judged with."""
    from pytest_rtopt.nix.client import find_nix  # noqa: PLC0415  # as a run finds it
    from pytest_rtopt.nix.host_builds import host_for_evaluation  # noqa: PLC0415  # as above

    assert repository.ledger.exists()
    return host_for_evaluation(find_nix()).compiler


def profile_of(store: PrivateStore, file: Path) -> object:
    """Return a profile as plain values."""
    from pytest_rtopt.nix.profile_file import read_profile_file  # noqa: PLC0415  # as a run reads it

    return read_profile_file(store.nix, file)
