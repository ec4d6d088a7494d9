"""The bundle that a user copies: sources only, and all of it evaluates where nothing impure is allowed."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_rtopt import runtimes
from pytest_rtopt.base import process
from pytest_rtopt.base.errors import ProcessError
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.generate import bundle as bundle_module
from pytest_rtopt.generate.bundle import Bundle, write_bundle
from pytest_rtopt.hardware.profile import parse_profile

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_store import PrivateStore

ATTRIBUTES: Final = ("lua5_4", "go_1_24", "nodejs_24", "python313")
ENABLED: Final = {name: {"enable": True} for name in (*ATTRIBUTES, "rust")}

# The embedded set is an input as nixpkgs would be. Compilers are a part of its configuration.
FLAKE: Final = """{
  inputs.nixpkgs = { url = "path:NIXPKGS"; flake = false; };
  outputs = { nixpkgs, ... }:
    let
      config = { compiler = "gcc (GCC) 14.2.0"; rust = "rustc 1.85.0 (4d91de4e4 2025-02-17)"; };
      profile = import ./profiles/hardware/me.nix;
      stock = import nixpkgs { inherit config; };
      snippet = import ./rtopt.nix { inherit nixpkgs config; };
      every = import nixpkgs { inherit config; overlays = [ (import ./overlays { inherit profile; }) ]; };
      names = builtins.fromJSON ''NAMES'';
      drvs = pkgs: map (name: pkgs.${name}.drvPath) names;
    in
    {
      found = {
        stock = drvs stock;
        snippet = drvs snippet;
        every = drvs every;
        manifest = (import ./overlays/manifest.nix {
          pkgs = every;
          inherit profile;
          runtimes = builtins.attrNames (import ./overlays/runtimes.nix);
        }).runtimes;
      };
    };
}
"""


def write(root: Path) -> Bundle:
    profile = parse_profile(
        {"build": {"compiler": {"march": "skylake"}}, "packages": ENABLED}, name="me", source="a test"
    )
    return write_bundle(root, profile, [runtimes.runtime(name) for name in runtimes.NAMES])


def test_compiled_python_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installers compile what they install, and `overlays/training` holds a program in Python."""
    installed = tmp_path / "installed"
    shutil.copytree(directory("overlays"), installed)
    compiled = installed / "training" / "__pycache__" / "python.cpython-313.pyc"
    compiled.parent.mkdir(exist_ok=True)
    compiled.write_bytes(b"\0")
    monkeypatch.setattr(bundle_module, "directory", lambda _: installed)
    bundle = write(tmp_path / "bundle")
    assert (bundle.overlays / "training" / "python.py").exists()
    assert not [path for path in bundle.root.rglob("*") if "pyc" in path.name]


def evaluate_purely(bundle: Bundle, store: PrivateStore, nixpkgs: Path) -> Any:  # noqa: ANN401  # JSON
    text = FLAKE.replace("NIXPKGS", str(nixpkgs)).replace("NAMES", json.dumps([*ATTRIBUTES, "rustc"]))
    (bundle.root / "flake.nix").write_text(text)
    command = ["nix", "--extra-experimental-features", "nix-command flakes", "eval", "--json"]
    surroundings = process.Surroundings(env={**os.environ, **store.environment})
    reference = f"path:{bundle.root}#found"
    done = process.check(
        [*command, "--no-write-lock-file", reference], timeout=300, surroundings=surroundings
    )
    return json.loads(done.text)


def test_all_of_it_evaluates_in_pure_mode(tmp_path: Path, private_store: PrivateStore) -> None:
    bundle = write(tmp_path / "bundle")
    found = evaluate_purely(bundle, private_store, PACKAGE / "embedded")
    assert found["snippet"] == found["every"]
    changed = [ours != stock for ours, stock in zip(found["snippet"], found["stock"], strict=True)]
    assert any(changed)
    assert set(found["manifest"]) == set(runtimes.NAMES)
    assert found["manifest"]["lua"]["optimized"]["drv"] == found["snippet"][0]


def test_pure_mode_is_one(tmp_path: Path, private_store: PrivateStore) -> None:
    """Otherwise the test above proves nothing."""
    bundle = write(tmp_path / "bundle")
    profile = bundle.profile("me")
    profile.write_text(f"builtins.seq (builtins.readFile {profile}) ({profile.read_text()})")
    with pytest.raises(ProcessError, match="pure eval"):
        evaluate_purely(bundle, private_store, PACKAGE / "embedded")
