"""The embedded set keeps the toolchain of Go's release where make.bash would give the same bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.host_builds import prepare_host_builds
from pytest_rtopt.sources.fetch import fetch
from pytest_rtopt.sources.pins import SOURCES

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore

DATA = Path(__file__).parent.parent / "data" / "overlays"


def binaries(out: Path) -> dict[str, str]:
    """Return the digest of every program of the toolchain, by its place below `out`."""
    root = out / "share" / "go"
    programs = [path for place in ("bin", "pkg/tool") for path in (root / place).rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in programs}


@pytest.mark.heavy
def test_the_release_is_what_make_bash_gives(private_store: PrivateStore) -> None:
    """Compiles Go 1.24 for v1 and compares every program with the release's, bit for bit."""
    builds = prepare_host_builds(private_store.nix)
    builds.nix.add_fixed(fetch(SOURCES["go"], private_store.directory / "sources"))
    builder = Builder(builds.nix, private_store.directory / "builds")
    outs = {}
    for which in ("kept", "compiled"):
        arguments = {"embedded": str(PACKAGE / "embedded"), "compiler": builds.compiler, "which": which}
        drv = builds.nix.instantiate(DATA / "go-twice.nix", arguments)
        builder.build(drv)
        outs[which] = Path(builds.nix.derivations([drv])[drv].outputs["out"])
    kept = binaries(outs["kept"])
    assert len(kept) > len(("go", "gofmt"))
    assert binaries(outs["compiled"]) == kept
