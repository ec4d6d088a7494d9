"""A configuration with one of the modules, evaluated on the embedded set, and its activation."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pytest_rtopt.base import process
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.plugin.session import expected_work
from pytest_rtopt.results.values import Inputs, StorePaths
from pytest_rtopt.verdict.decide import decide
from pytest_rtopt.verdict.ledger import Ledger, LedgerEntry, write_ledger

if TYPE_CHECKING:
    from pytest_rtopt.base.process import Completed
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.results.values import RuntimeResult

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
