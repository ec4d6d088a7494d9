"""The modules of home-manager and NixOS: what they apply, and their check as an activation runs it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.verdict.ledger import read_ledger
from tests.support.gate_cases import adopted, measured
from tests.support.module_home import DATA, HOME_MANAGER, NIXOS, PROFILE, ROOT, Home

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore


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
    assert "lua: reject." in refused.error_text
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
    assert "There is no ledger at" in missing.error_text


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


STAND_IN: Final = """#!/bin/bash
env > {directory}/environment
for word in "$@"; do [[ $word == --nonce=* ]] && nonce=${{word#--nonce=}}; done
ledger=$(sha256sum {ledger} | cut -d' ' -f1)
echo {line}
exit {status}
"""
RIGHT: Final = "rtopt-gate/1 allowed $nonce ledger=sha256:$ledger lua={lua}"


@pytest.mark.parametrize("in_store", [False, True])
def test_the_check_believes_only_the_line_that_it_expects(home: Home, *, in_store: bool) -> None:
    """Neither a status nor an old line, and no line about another ledger, path or set of runtimes."""
    home.remember(adopted())
    ledger = home.ledger
    if in_store:
        ledger = Path(str(home.nix.evaluate(DATA / "modules" / "in-store.nix", {"file": str(home.ledger)})))
    package = home.directory / "package"
    found = home.evaluate(options={"ledger": str(ledger)}, package=str(package))
    lua = found["lua"]
    (package / "bin").mkdir(parents=True)

    def passes(line: str, status: int = 0, **environment: str) -> bool:
        python = package / "bin" / "python3"
        text = STAND_IN.format(
            directory=home.directory, ledger=ledger, line=line.format(lua=lua), status=status
        )
        python.write_text(text)
        python.chmod(0o755)
        done = home.activate(found["check"], **environment)
        assert home.boundary.exists() == (done.returncode == 0)
        return done.returncode == 0

    assert passes(f'"{RIGHT}"')
    assert not passes(f'"{RIGHT}"', status=1)
    assert not passes('"allowed"')
    assert not passes(f'"{RIGHT.replace("$nonce", "0e1f9b9e-2f0d-4b43-9dd7-d92a1c8e7a10")}"')
    assert not passes(f'"{RIGHT.replace("{lua}", "/nix/store/other")}"')
    assert not passes(f'"{RIGHT} go=/nix/store/other"')
    assert not passes(f'"{RIGHT.removesuffix(" lua={lua}")}"')
    assert not passes(f'"{RIGHT}"; echo more')
    assert passes(f'"{RIGHT.replace("$ledger", "0" * 64)}"') == (not in_store)
    assert not passes('"rtopt-gate/1 bypassed $nonce"')
    assert passes('"rtopt-gate/1 bypassed $nonce"', RTOPT_GATE="skip")


def test_the_check_hands_on_nothing_of_the_environment_but_what_it_names(home: Home) -> None:
    """The loader, OpenSSL and nixpkgs' Python take code from variables, isolated or not."""
    home.remember(adopted())
    package = home.directory / "package"
    found = home.evaluate(package=str(package))
    (package / "bin").mkdir(parents=True)
    python = package / "bin" / "python3"
    python.write_text(
        STAND_IN.format(directory=home.directory, ledger=home.ledger, line="none", status=0).replace(
            "env >", "/usr/bin/env -0 >"
        )
    )
    python.chmod(0o755)
    dangerous = dict.fromkeys(
        (
            "LD_LIBRARY_PATH",
            "GCONV_PATH",
            "OPENSSL_CONF",
            "NIX_PYTHONPATH",
            "PYTHONPATH",
            "RTOPT_RUNTIME",
            "TMPDIR",
        ),
        "/nowhere",
    )
    assert home.activate(found["check"], **dangerous, TERM="dumb").returncode != 0
    seen = {
        line.partition("=")[0] for line in (home.directory / "environment").read_text().split("\0") if line
    }
    assert seen - {"PWD", "SHLVL", "_", "OLDPWD"} == {"HOME", "TERM"}


def test_nixos_knows_no_dry_run(home: Home) -> None:
    """A DRY_RUN that somebody exported once would let a bypass pass that nobody wrote down."""
    home.remember(measured(adopted(), (0.9, 0.95)))
    check = home.evaluate(NIXOS)["check"]
    passed = home.activate(check, RTOPT_GATE="skip", RTOPT_GATE_REASON="a hole", DRY_RUN="")
    assert passed.returncode == 0
    assert [bypass.reason for bypass in read_ledger(home.ledger).bypasses.values()] == ["a hole"]
