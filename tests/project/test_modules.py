"""The modules of home-manager and NixOS: what they apply, and their check as an activation runs it."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.plugin.session import expected_work
from pytest_rtopt.results.values import Inputs, StorePaths
from pytest_rtopt.verdict.decide import decide
from pytest_rtopt.verdict.ledger import Ledger, LedgerEntry, read_ledger, write_ledger
from tests.support.gate_cases import adopted, measured

if TYPE_CHECKING:
    from pytest_rtopt.base.process import Completed
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.results.values import RuntimeResult
    from tests.support.private_store import PrivateStore

ROOT: Final = Path(__file__).resolve().parent.parent.parent
DATA: Final = ROOT / "tests" / "data"
PROFILE: Final = {"build": {"compiler": {"march": "skylake"}}}
HOME_MANAGER: Final = "home-manager.nix"
NIXOS: Final = "nixos.nix"


@dataclass(frozen=True)
class Home:
    """A configuration that imports a module, and the directory of its ledger."""

    directory: Path
    nix: Nix

    @property
    def ledger(self) -> Path:
        return self.directory / "rtopt.lock.json"

    def evaluate(
        self, module: str = HOME_MANAGER, options: dict[str, Any] | None = None, **more: object
    ) -> Any:  # noqa: ANN401  # JSON
        given = {"enable": True, "profile": PROFILE, "ledger": str(self.ledger), "runtimes": ["lua"]}
        case = {
            "embedded": str(PACKAGE / "embedded"),
            "module": str(ROOT / "modules" / module),
            "package": sys.prefix,
            "options": given | (options or {}),
            **more,
        }
        return self.nix.evaluate(DATA / "modules" / "stub.nix", {"case": json.dumps(case)})

    def remember(self, result: RuntimeResult) -> None:
        """Let the ledger hold a result for the derivations that there are now."""
        case = {
            "embedded": str(PACKAGE / "embedded"),
            "overlays": str(directory("overlays")),
            "profile": PROFILE,
            "arguments": {},
        }
        answer = self.nix.evaluate(DATA / "overlays" / "rollback.nix", {"case": json.dumps(case)})
        assert isinstance(answer, dict)
        found = answer["manifest"]["runtimes"]["lua"]
        judged = replace(
            result,
            attr=found["attr"],
            baseline=StorePaths(**found["stock"]),
            optimized=StorePaths(**found["optimized"]),
            inputs=Inputs(**found["inputs"]),
        )
        host = read_host()
        entry = LedgerEntry(decide(judged, expected_work("lua")), host.features, host.kernel, host.microcode)
        write_ledger(self.ledger, Ledger(present=True, entries={"lua": entry}))

    def activate(self, check: str, **environment: str) -> Completed:
        """Run the check and what follows it as home-manager's activation script does."""
        script = self.directory / "activate"
        script.write_text(f"set -eu\nset -o pipefail\n{check}\ntouch {self.boundary}\n")
        self.boundary.unlink(missing_ok=True)
        env = {"PATH": os.environ["PATH"], "HOME": str(self.directory), **environment}
        surroundings = process.Surroundings(env=env, cwd=self.directory)
        return process.run(["bash", str(script)], timeout=300, surroundings=surroundings)

    @property
    def boundary(self) -> Path:
        return self.directory / "written"


@pytest.fixture
def home(tmp_path: Path, private_store: PrivateStore) -> Home:
    return Home(tmp_path, private_store.nix)


def test_only_what_was_adopted_is_applied(home: Home) -> None:
    assert not home.evaluate()["optimized"], "nothing was judged yet"
    home.remember(adopted())
    found = home.evaluate()
    assert found["optimized"]
    assert "writeBoundary" in found["before"]
    assert not home.evaluate(compiler="a newer one")["optimized"], "an update of nixpkgs falls back"
    home.remember(measured(adopted(), (0.9, 0.95)))
    assert not home.evaluate()["optimized"]
    home.remember(measured(adopted(), (0.995, 1.005)))
    assert home.evaluate()["optimized"]
    assert not home.evaluate(options={"policy": {"require": "adopt"}})["optimized"]


@pytest.mark.detection
def test_the_check_stands_before_anything_is_written(home: Home) -> None:
    home.remember(adopted())
    check = home.evaluate()["check"]
    allowed = home.activate(check)
    assert allowed.returncode == 0, allowed.text + allowed.error_text
    assert home.boundary.exists()

    home.remember(measured(adopted(), (0.9, 0.95)))
    refused = home.activate(check)
    assert refused.returncode == 1
    assert not home.boundary.exists()
    assert "lua: reject." in refused.text
    assert "the gate refuses this switch, and nothing was changed" in refused.error_text
    assert home.activate(check, DRY_RUN="").returncode == 1, "a dry run asks the gate as well"

    dry = home.activate(check, RTOPT_GATE="skip", DRY_RUN="")
    assert dry.returncode == 0
    assert not read_ledger(home.ledger).bypasses, "a dry run writes nothing"
    bypassed = home.activate(check, RTOPT_GATE="skip", RTOPT_GATE_REASON="hurry")
    assert bypassed.returncode == 0
    assert home.boundary.exists()
    assert [bypass.reason for bypass in read_ledger(home.ledger).bypasses.values()] == ["hurry"]

    home.ledger.unlink()
    missing = home.activate(check)
    assert missing.returncode != 0
    assert "There is no ledger at" in missing.text


def test_with_global_packages_home_manager_only_asks_the_gate(home: Home) -> None:
    """Overlays there are refused by home-manager: they belong to the system."""
    home.remember(adopted())
    found = home.evaluate(useGlobalPkgs=True)
    assert not found["optimized"]
    assert "nixosModules.default" in found["warnings"][0]
    assert home.activate(found["check"]).returncode == 0


def test_nixos_applies_the_overlays_and_checks_before_it_switches(home: Home) -> None:
    home.remember(adopted())
    found = home.evaluate(NIXOS)
    assert found["optimized"]
    assert home.activate(found["check"]).returncode == 0


@pytest.mark.parametrize("use_global", [False, True])
@pytest.mark.skipif(
    not {"RTOPT_HOME_MANAGER", "RTOPT_NIXPKGS_LIB"} <= os.environ.keys(),
    reason="RTOPT_HOME_MANAGER and RTOPT_NIXPKGS_LIB name no sources",
)
def test_in_home_manager_s_own_sources(home: Home, *, use_global: bool) -> None:
    home.remember(adopted())
    case = {
        "homeManager": os.environ["RTOPT_HOME_MANAGER"],
        "lib": os.environ["RTOPT_NIXPKGS_LIB"],
        "embedded": str(PACKAGE / "embedded"),
        "module": str(ROOT / "modules" / HOME_MANAGER),
        "useGlobalPkgs": use_global,
        "options": {"enable": True, "profile": PROFILE, "ledger": str(home.ledger), "runtimes": ["lua"]},
    }
    found = home.nix.evaluate(DATA / "modules" / HOME_MANAGER, {"case": json.dumps(case)})
    assert isinstance(found, dict)
    order = found["order"]
    assert order.index("rtoptGate") < order.index("checkLinkTargets") < order.index("writeBoundary")
    assert (found["lua"] != found["stock"]) == (not use_global)
    assert "--rtopt-manifest=" in found["check"]
