"""Flags reach Rust programs as with nixpkgs' cargo hooks.

What is expected stands in `build-support/rust/hooks/default.nix` and `cargo-setup-hook.sh` of
`ekala-project/corepkgs` at 9c8533e; that RUSTFLAGS is only set where it is given, in NixOS/nixpkgs#464707.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.host_builds import HostBuilds, prepare_host_builds

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore

RUST: Final = Path(__file__).parent.parent / "data" / "nix" / "expressions" / "rust.nix"


@pytest.fixture(scope="module")
def builds(private_store: PrivateStore) -> HostBuilds:
    """Return a Nix whose builds see the host's Rust."""
    found = prepare_host_builds(private_store.nix)
    if found.rust is None:
        pytest.skip("the host has no Rust for all users")
    return found


def selected(builds: HostBuilds, attribute: str, tmp_path: Path) -> Path:
    path = tmp_path / "selected.nix"
    path.write_text(
        f"(import {RUST} {{ embedded = {PACKAGE}/embedded; compiler = ''{builds.compiler}''; "
        f"rust = ''{builds.rust}''; }}).{attribute}"
    )
    return path


def program(builds: HostBuilds, attribute: str, tmp_path: Path) -> Path:
    """Return the output of a build of the program."""
    drv = builds.nix.instantiate(selected(builds, attribute, tmp_path), {})
    Builder(builds.nix, tmp_path).build(drv)
    return Path(builds.nix.derivations([drv])[drv].outputs["out"])


def test_the_configuration_names_linker_and_flags_of_the_target(builds: HostBuilds, tmp_path: Path) -> None:
    lines = [
        line.strip() for line in (program(builds, "plain", tmp_path) / "config.toml").read_text().splitlines()
    ]
    at = lines.index('[target."x86_64-unknown-linux-gnu"]')
    linker, flags = lines[at + 1 : at + 3]
    assert linker.startswith('"linker" = "/')
    assert linker.endswith('-cc-wrapper/bin/cc"')
    assert flags == '"rustflags" = [ "-Cforce-frame-pointers=yes" ]'


@pytest.mark.parametrize(
    ("attribute", "reaches"),
    [
        ("plain", False),
        # The flags of the target in the configuration come before those of every build.
        ("byBuildVariable", False),
        ("byTarget", True),
        ("byArgument", True),
        ("emptied", False),
    ],
)
def test_which_flags_count(builds: HostBuilds, tmp_path: Path, attribute: str, *, reaches: bool) -> None:
    """CARGO_BUILD_RUSTFLAGS once counted here, and an overlay with it was called proven."""
    code = (program(builds, attribute, tmp_path) / "bin" / "answers").read_bytes()
    assert (b"compiled with avx2" in code) is reaches
    assert (b"compiled without avx2" in code) is not reaches


def test_rustflags_are_set_only_where_they_are_given(builds: HostBuilds, tmp_path: Path) -> None:
    assert builds.nix.evaluate(selected(builds, "notSet", tmp_path), {}) == "not set"


def test_crates_are_not_fetched(builds: HostBuilds, tmp_path: Path) -> None:
    with pytest.raises(NixError, match=r"the embedded set fetches no crates, and Cargo\.lock names serde"):
        builds.nix.evaluate(selected(builds, "fetched", tmp_path), {})
