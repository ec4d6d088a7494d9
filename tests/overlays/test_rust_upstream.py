"""Upstream's release of Rust in place of the package set's own: on shapes of nixpkgs, and built for real."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import BuildError
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.evidence.elf.release_marks import read_release_marks
from pytest_rtopt.evidence.elf.unwrap import real_binary
from tests.support.nixpkgs_sets import OF_2026, UNTIL_25_11, Evaluated, PackageSet, ours
from tests.support.toolchain_builds import toolchain_builds
from tests.support.upstream_archive import make_archive, rustup_toolchain

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_store import PrivateStore

RELEASE = {"version": "1.91.1", "sha256": "0" * 64, "url": "https://example.org/rust-1.91.1.tar.xz"}
SHAPES = pytest.mark.parametrize("shape", [UNTIL_25_11, OF_2026])
PARTS = ("rust", "rust/wrapper", "rust/cargo", "rust/auditable", "rust/rustfmt", "rust/program")


def with_release(store: PrivateStore, shape: str, **fields: object) -> tuple[Evaluated, Evaluated]:
    """Return a shape without overlays, and with upstream's release asked for."""
    packages = PackageSet(shape, store.nix)
    rust = {"toolchain": "upstream", **fields}
    return packages.under(), packages.under(*ours({"packages": {"rust": rust}}))


@SHAPES
def test_everything_that_loads_the_compiler_is_upstreams(private_store: PrivateStore, shape: str) -> None:
    stock, tuned = with_release(private_store, shape, upstream=RELEASE)
    changed = {point for point in stock.standing if stock.standing[point] != tuned.standing[point]}
    assert changed == set(PARTS)
    for part, components in (("rust", "rustc rust-std-x86_64-unknown-linux-gnu"), ("rust/cargo", "cargo")):
        attributes = tuned[part].attributes
        assert attributes["components"] == components
        assert str(attributes["archive"]).endswith("-rust-1.91.1.tar.xz")
    assert tuned.needs("rust/rustfmt", of="rust")
    assert tuned.needs("rust/program", of="rust/wrapper")
    assert tuned["rust/wrapper"].attributes.get("rtoptTargetCpu") is None


@SHAPES
def test_what_others_look_for_at_the_compiler_stays(private_store: PrivateStore, shape: str) -> None:
    stock, tuned = with_release(private_store, shape, upstream=RELEASE)
    assert tuned["rust"].attributes["setupHook"] == stock["rust"].attributes["setupHook"]


def test_the_archive_of_the_sets_own_table_will_do(private_store: PrivateStore) -> None:
    _, tuned = with_release(private_store, OF_2026)
    assert "rust-bootstrap-x86_64-unknown-linux-gnu.tar.gz" in str(tuned["rust"].attributes["archive"])


@SHAPES
def test_programs_go_on_to_be_for_the_cpu_and_linked_as_asked(
    private_store: PrivateStore, shape: str
) -> None:
    fields = {"targetCpu": "haswell", "preferVectorWidth": "128", "linker": "lld", "upstream": RELEASE}
    _, tuned = with_release(private_store, shape, **fields)
    command = str(tuned["rust/wrapper"].attributes["buildCommand"])
    for line in ("rtoptTargetCpu=haswell", "rtoptVectorWidth=128", "rtoptLinker=lld"):
        assert line in command
    # Where rustc asks for its bundled lld, it gets the package set's.
    assert re.search(r"ln -sf \S+-lld-\S+/bin/ld\.lld", str(tuned["rust"].attributes["installPhase"]))


@SHAPES
def test_the_bundled_linker_gives_way_to_the_sets_own(private_store: PrivateStore, shape: str) -> None:
    _, tuned = with_release(private_store, shape, upstream=RELEASE)
    assert re.search(r"ln -sf \S+-bintools-wrapper/bin/ld ", str(tuned["rust"].attributes["installPhase"]))


@SHAPES
def test_beside_stock_nothing_changes(private_store: PrivateStore, shape: str) -> None:
    stock, tuned = with_release(private_store, shape, upstream=RELEASE, scope="add")
    assert tuned.standing == stock.standing
    assert tuned.needs("rust-optimized/program", of="rust-optimized")
    assert "rustc" in str(tuned["rust-optimized"].attributes["components"])


@pytest.fixture(scope="module")
def released(private_store: PrivateStore, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build rustc, cargo and a program of the embedded set with a release that rustup has installed."""
    built = toolchain_builds(private_store, tmp_path_factory.mktemp("upstream"))
    assert built.builds.rust is not None
    version = built.builds.rust.split()[1]
    toolchain = rustup_toolchain(version)
    if toolchain is None:
        pytest.skip(f"rustup has not installed Rust {version} here (`rustup toolchain install {version}`)")
    archive = make_archive(toolchain, version, private_store.directory / "sources")
    profile = {"packages": {"rust": {"targetCpu": "x86-64-v3", **archive.settings()}}}
    overlay = directory("overlays") / "rust-hardware-optimized.nix"
    packages = f"(packages.extend (import {overlay} (builtins.fromJSON {quoted(profile)})))"
    programs = (
        f'import {PACKAGE}/nix/programs.nix {{ name = "rust"; packages = {packages}; '
        f"package = {packages}.rustc; sources = {PACKAGE}/workloads; }}"
    )
    return {
        "rustc": built.build(f"{packages}.rustc"),
        "cargo": built.build(f"{packages}.cargo"),
        "programs": built.build(programs),
    }


def quoted(value: dict[str, Any]) -> str:
    """Return a value as a string of Nix that holds its JSON."""
    return json.dumps(json.dumps(value))


def test_a_release_runs_with_the_sets_loader_and_libraries(released: dict[str, Path]) -> None:
    said = process.check([str(released["rustc"] / "bin" / "rustc"), "-vV"], timeout=60).text
    assert "source tarball" not in said
    assert re.search(r"^commit-hash: [0-9a-f]{40}$", said, re.MULTILINE)
    cargo = process.check([str(released["cargo"] / "bin" / "cargo"), "--version"], timeout=60).text
    assert "source tarball" not in cargo


def test_patching_keeps_the_marks_of_a_release(released: dict[str, Path]) -> None:
    marks = read_release_marks(real_binary(released["rustc"], ("bin/rustc",)))
    assert marks.exports_malloc
    assert any(name.startswith("librustc_driver") for name in marks.bolted)


def test_a_request_for_the_bundled_linker_ends_at_the_sets_own(released: dict[str, Path]) -> None:
    program = real_binary(released["rustc"], ("bin/rustc",))
    (bundled,) = program.parent.parent.glob("lib/rustlib/*/bin/gcc-ld/ld.lld")
    assert bundled.readlink().parts[-3].endswith("-bintools-wrapper")
    assert bundled.is_file()


def test_programs_are_built_with_it_and_run(released: dict[str, Path]) -> None:
    programs = released["programs"]
    toolchain = (programs / "share" / "rtopt" / "toolchain").read_text()
    assert toolchain.count("\n") == 2
    assert "source tarball" not in toolchain
    assert process.check([str(programs / "bin" / "hello")], timeout=60).text


def test_an_archive_without_a_component_is_named(private_store: PrivateStore, tmp_path: Path) -> None:
    """A file of another kind ended in the middle of the build, with a message of tar's."""
    built = toolchain_builds(private_store, tmp_path)
    assert built.builds.rust is not None
    version = built.builds.rust.split()[1]
    archive = tmp_path / f"rust-{version}-x86_64-unknown-linux-gnu.tar"
    (tmp_path / "components").write_text("rustc\n")
    process.check(["tar", "-cf", str(archive), "-C", str(tmp_path), "components"], timeout=60)
    hashed = sha256(archive.read_bytes()).hexdigest()
    upstream = {"version": version, "sha256": hashed, "path": str(archive)}
    profile = {"packages": {"rust": {"toolchain": "upstream", "upstream": upstream}}}
    overlay = directory("overlays") / "rust-hardware-optimized.nix"
    with pytest.raises(BuildError, match=r"has no component rustc; take the archive rust-"):
        built.build(f"(packages.extend (import {overlay} (builtins.fromJSON {quoted(profile)}))).rustc")
