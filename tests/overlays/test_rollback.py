"""`overlays/default.nix` with a ledger: what is rejected, stale or unknown falls back to stock."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE, directory

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.nix.client import Nix
    from tests.support.private_store import PrivateStore

FILE = directory("suites").parent / "tests" / "data" / "overlays" / "rollback.nix"
PROFILE: dict[str, Any] = {
    "build": {"compiler": {"march": "skylake"}},
    "packages": {"lua5_4": {"enableLTO": True}},
}


@dataclass
class Repository:
    """A user's copy of the overlays, with a profile and a ledger."""

    root: Path
    nix: Nix
    profile: dict[str, Any] = field(default_factory=lambda: PROFILE)
    compiler: str = "test"

    @property
    def overlays(self) -> Path:
        return self.root / "overlays"

    @property
    def ledger(self) -> Path:
        return self.root / "rtopt.lock.json"

    def evaluate(self, **arguments: object) -> dict[str, Any]:
        case = {
            "embedded": str(PACKAGE / "embedded"),
            "overlays": str(self.overlays),
            "profile": self.profile,
            "compiler": self.compiler,
            "arguments": arguments,
            **({"ledger": str(self.ledger)} if self.ledger.exists() else {}),
        }
        value = self.nix.evaluate(FILE, {"case": json.dumps(case)})
        assert isinstance(value, dict)
        return value

    def remember(self, **changes: object) -> None:
        """Let the ledger hold what there is now as adopted, with changes in Lua's block."""
        runtimes = self.evaluate()["manifest"]["runtimes"]
        blocks = {
            name: {
                "attr": found["attr"],
                "verdict": "adopt",
                "baseline": found["stock"],
                "optimized": found["optimized"],
                "inputs": found["inputs"],
                "findings": [{"status": "proven"}],
            }
            for name, found in runtimes.items()
        }
        blocks["lua"].update(changes)
        self.ledger.write_text(json.dumps({"schema": 1, "runtimes": blocks}))

    def optimized(self, **arguments: object) -> set[str]:
        """Return those of the runtimes that are not stock."""
        found = self.evaluate(**arguments)
        return {name for name, paths in found["stock"].items() if found["applied"][name] != paths}


@pytest.fixture
def repository(tmp_path: Path, private_store: PrivateStore) -> Repository:
    shutil.copytree(directory("overlays"), tmp_path / "overlays")
    made = Repository(tmp_path, private_store.nix)
    made.remember()
    return made


BOTH = {"lua5_4", "go_1_24"}


def test_what_was_adopted_is_applied(repository: Repository) -> None:
    assert repository.optimized() == BOTH
    assert repository.optimized(judgedOnly=True) == BOTH
    assert repository.optimized(runtimes=["lua"]) == {"lua5_4"}


def test_what_is_rejected_falls_back(repository: Repository) -> None:
    repository.remember(verdict="reject")
    assert repository.optimized() == {"go_1_24"}


def test_an_update_of_nixpkgs_falls_back_until_it_is_judged(repository: Repository) -> None:
    repository.compiler = "a newer one"
    assert repository.optimized() == set()
    repository.ledger.unlink()
    repository.remember()
    assert repository.optimized() == BOTH


def test_a_byte_of_an_overlay_makes_its_runtime_fall_back(repository: Repository) -> None:
    file = repository.overlays / "lua-hardware-optimized.nix"
    file.write_text(f"{file.read_text()}# a byte\n")
    assert repository.optimized() == {"go_1_24"}


def test_a_byte_of_what_makes_an_overlay_is_a_byte_of_the_overlay(repository: Repository) -> None:
    file = repository.overlays / "gcc-interpreter.nix"
    file.write_text(f"{file.read_text()}# a byte\n")
    assert repository.optimized() == {"go_1_24"}


def test_a_setting_of_one_runtime_leaves_the_others_in(repository: Repository) -> None:
    settings = {"lua5_4": {"enableLTO": False}}
    repository.profile = PROFILE | {"packages": settings, "system": {"hostname": "other"}}
    assert repository.optimized() == {"go_1_24"}


def test_the_policy_may_keep_what_is_stale_and_never_what_is_rejected(repository: Repository) -> None:
    repository.compiler = "a newer one"
    repository.profile = PROFILE | {"gate": {"stale": "warn"}}
    assert repository.optimized() == BOTH
    content = json.loads(repository.ledger.read_text())
    content["runtimes"]["go"]["verdict"] = "reject"
    repository.ledger.write_text(json.dumps(content))
    assert repository.optimized() == {"lua5_4"}


@pytest.mark.parametrize(
    ("verdict", "require", "applied"),
    [
        ("adopt", "adopt", True),
        ("neutral", "adopt", False),
        ("neutral", "no-regression", True),
        ("pending", "no-regression", False),
        ("pending", "verified", True),
    ],
)
def test_a_module_applies_what_the_policy_asks_for(
    repository: Repository, verdict: str, require: str, *, applied: bool
) -> None:
    repository.remember(verdict=verdict)
    repository.profile = PROFILE | {"gate": {"require": require}}
    assert ("lua5_4" in repository.optimized(judgedOnly=True)) == applied


def test_what_was_never_judged_is_applied_only_where_nobody_asks_for_judgement(
    repository: Repository,
) -> None:
    content = json.loads(repository.ledger.read_text())
    del content["runtimes"]["lua"]
    repository.ledger.write_text(json.dumps(content))
    assert repository.optimized() == BOTH
    assert repository.optimized(judgedOnly=True) == {"go_1_24"}


def test_what_is_put_beside_falls_back_to_stock_under_its_own_name(repository: Repository) -> None:
    repository.profile = PROFILE | {"packages": {"lua5_4": {"scope": "add"}}}
    repository.ledger.unlink()
    repository.remember()
    found = repository.evaluate()
    assert found["applied"]["lua5_4-optimized"] != found["stock"]["lua5_4"]
    repository.compiler = "a newer one"
    found = repository.evaluate()
    assert found["applied"]["lua5_4-optimized"] == found["stock"]["lua5_4"]


def test_a_newer_ledger_or_an_unknown_runtime_is_one_sentence(repository: Repository) -> None:
    with pytest.raises(NixError, match="there is no runtime perl; known are"):
        repository.evaluate(runtimes=["perl"])
    repository.ledger.write_text(json.dumps({"schema": 2, "runtimes": {}}))
    with pytest.raises(NixError, match="has schema 2, and these overlays read schema 1"):
        repository.evaluate()
