"""What the overlays refuse, in one sentence each before anything is built, and what they must not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pytest_rtopt.base.errors import NixError
from tests.support.nixpkgs_sets import OF_2026, RUNTIMES, UNTIL_25_11, Overlay, PackageSet, full_profile, ours

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.private_store import PrivateStore

    Shapes = Callable[..., PackageSet]

RELEASE = {"version": "1.91.1", "sha256": "0" * 64, "url": "https://example.org/rust-1.91.1.tar.xz"}
SHAPES = pytest.mark.parametrize("shape", [UNTIL_25_11, OF_2026])


@pytest.fixture(scope="session")
def shapes(private_store: PrivateStore) -> Shapes:
    return partial(PackageSet, nix=private_store.nix)


def refused(packages: PackageSet, *overlays: Overlay) -> str:
    with pytest.raises(NixError) as caught:
        packages.under(*overlays)
    return str(caught.value)


@SHAPES
@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [
        ("python313", {"pgoLevel": "MEDIUM"}, 'packages.python313.pgoLevel = "MEDIUM" must be one of NONE'),
        ("python313", {"relaxHardening": "yes"}, "packages.python313.relaxHardening must be true or false"),
        ("python313", {"scope": "both"}, 'packages.python313.scope = "both" must be "replace" or "add"'),
        ("go_1_24", {"goamd64": "v9"}, 'packages.go_1_24.goamd64 = "v9" must be one of v1 v2 v3 v4'),
        ("go_1_24", {"scope": "both"}, 'packages.go_1_24.scope = "both" must be "replace" or "add"'),
        (
            "go_1_24",
            {"compilerHeap": 64},
            "packages.go_1_24.compilerHeap must be a whole number of at least 128",
        ),
        (
            "go_1_24",
            {"goGcPercent": "off"},
            "packages.go_1_24.goGcPercent must be a whole number of at least 100",
        ),
        ("nodejs_24", {"enableLTO": 1}, "packages.nodejs_24.enableLTO must be true or false"),
        ("nodejs_24", {"scope": "both"}, 'packages.nodejs_24.scope = "both" must be "replace" or "add"'),
        ("rust", {"targetCpu": "skylark"}, 'packages.rust.targetCpu = "skylark" is not an x86-64'),
        ("rust", {"targetCpu": "native"}, 'packages.rust.targetCpu = "native" is impure; name the'),
        ("rust", {"codegenUnits": 0}, "packages.rust.codegenUnits = 0 must be a whole number from 1"),
        (
            "nodejs_24",
            {"pgoLevel": "LIGHT"},
            'packages.nodejs_24.pgoLevel = "LIGHT" must be one of NONE FULL',
        ),
        ("go_1_24", {"pgoLevel": "LIGHT"}, 'packages.go_1_24.pgoLevel = "LIGHT" must be one of NONE'),
        ("rust", {"pgoLevel": "FULL"}, 'packages.rust.pgoLevel = "FULL" must be one of NONE'),
        (
            "rust",
            {"preferVectorWidth": "512"},
            'packages.rust.preferVectorWidth = "512" must be one of 128 256',
        ),
        ("rust", {"linker": "wild"}, 'packages.rust.linker = "wild" must be one of bfd gold lld mold'),
        ("rust", {"linker": "mold"}, 'packages.rust.linker = "mold" and this package set has no mold'),
        ("rust", {"toolchain": "rustup"}, 'packages.rust.toolchain = "rustup" must be one of upstream'),
        ("rust", {"upstream": RELEASE}, "packages.rust.upstream is read only with packages.rust.toolchain"),
        *(
            ("rust", {"toolchain": "upstream", "upstream": upstream}, sentence)
            for upstream, sentence in (
                ("1.91.1", "packages.rust.upstream must be a set; write it as { version = "),
                (
                    {**RELEASE, "sha256": None},
                    "packages.rust.upstream.sha256 is missing or no text; add",
                ),
                (
                    {**RELEASE, "url": None},
                    "packages.rust.upstream needs either url or path; give one of them",
                ),
                (
                    {**RELEASE, "version": "1.91.0"},
                    (
                        'packages.rust.upstream.version = "1.91.0" and rust_1_91 of this package set is '
                        "1.91.1; give the archive of 1.91.1"
                    ),
                ),
                (
                    {**RELEASE, "version": "1.85.1"},
                    (
                        'packages.rust.upstream.version = "1.85.1" and this package set has no rust_1_85; '
                        "give the archive of a version of rust_1_91"
                    ),
                ),
            )
        ),
        *(
            (
                "rust",
                {"toolchain": "upstream", "upstream": RELEASE, **field},
                (
                    f"packages.rust.{next(iter(field))} is for a rustc that is compiled, and "
                    'packages.rust.toolchain = "upstream" compiles none; leave one of them out'
                ),
            )
            for field in ({"codegenUnits": 1}, {"enableLTO": True})
        ),
        ("nodejs_24", {"compileCache": 1}, "packages.nodejs_24.compileCache must be true or false"),
        ("python313", {"staticTls": "yes"}, "packages.python313.staticTls must be true or false"),
        *(
            ("python313", {field: 1}, f"packages.python313.{field} must be true or false")
            for field in ("staticInterpreter", "loopWithoutProfile")
        ),
        ("rust", {"scope": "both"}, 'packages.rust.scope = "both" must be "replace" or "add"'),
    ],
)
def test_an_impossible_setting_is_one_sentence(
    shapes: Shapes, shape: str, name: str, fields: dict[str, Any], sentence: str
) -> None:
    said = refused(shapes(shape), *ours({"packages": {name: fields}}))
    assert said.startswith(sentence)
    assert "\n" not in said


@SHAPES
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_unknown_march_is_refused_by_every_overlay(shapes: Shapes, shape: str, runtime: str) -> None:
    packages = shapes(shape)
    said = refused(packages, *ours({"build": {"compiler": {"march": "skylark"}}}, runtime))
    assert 'build.compiler.march = "skylark"' in said


@SHAPES
@pytest.mark.parametrize("runtime", ["go", "nodejs", "python"])
@pytest.mark.parametrize("field", ["march", "mtune"])
def test_an_architecture_that_the_sets_compiler_does_not_know_is_refused(
    shapes: Shapes, shape: str, runtime: str, field: str
) -> None:
    """It ended hours later, in a configure script that found no working compiler."""
    profile = {"build": {"compiler": {"march": "x86-64-v3", field: "znver5"}}}
    said = refused(shapes(shape, compiler="gcc (Debian 12.2.0-14) 12.2.0"), *ours(profile, runtime))
    assert f'build.compiler.{field} = "znver5" needs GCC 14.1 and this package set compiles with' in said
    newer = shapes(shape)
    assert newer.under(*ours(profile, runtime)).standing[runtime] != newer.under().standing[runtime]


@SHAPES
def test_rust_has_a_compiler_of_its_own(shapes: Shapes, shape: str) -> None:
    """LLVM's names have nothing to do with the set's GCC."""
    older = shapes(shape, compiler="gcc (Debian 12.2.0-14) 12.2.0")
    profile = {"build": {"compiler": {"march": "znver5"}}}
    assert older.under(*ours(profile, "rust")).standing["rust"] != older.under().standing["rust"]


@SHAPES
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_overlay_applied_twice_is_refused(shapes: Shapes, shape: str, runtime: str) -> None:
    """Flags would be given twice, and of two profiles the last march would win in silence."""
    packages = shapes(shape)
    (overlay,) = ours(full_profile(packages.under()), runtime)
    assert "is applied twice" in refused(packages, overlay, overlay)


@SHAPES
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_set_for_another_architecture_is_refused_unless_nothing_is_asked(
    shapes: Shapes, shape: str, runtime: str
) -> None:
    there = shapes(shape, system="aarch64-linux")
    stock = there.under()
    said = refused(there, *ours(full_profile(stock), runtime))
    assert "the hardware profile is for x86_64-linux and this package set is for aarch64-linux" in said
    assert there.under(*ours({}, runtime)) == stock


@SHAPES
def test_jemalloc_that_is_not_there_is_refused_only_where_asked(shapes: Shapes, shape: str) -> None:
    packages = shapes(shape, without=("jemalloc",))
    said = refused(packages, *ours({"packages": {"nodejs_24": {"enableJemalloc": True}}}, "nodejs"))
    assert "packages.nodejs_24.enableJemalloc is true and this package set has no jemalloc" in said
    other = packages.under(*ours({"packages": {"nodejs_24": {"enableLTO": True}}}, "nodejs"))
    assert other.standing["nodejs"] != packages.under().standing["nodejs"]


@SHAPES
def test_a_profile_of_node_needs_gcc(shapes: Shapes, shape: str) -> None:
    """Node's configure ends with an error there, after everything that Node needs has been built."""
    packages = shapes(shape, compiler="clang version 19.1.7")
    said = refused(packages, *ours({"packages": {"nodejs_24": {"pgoLevel": "FULL"}}}, "nodejs"))
    assert 'packages.nodejs_24.pgoLevel = "FULL" needs GCC' in said


def test_two_v8_options_are_refused_where_they_would_be_split(shapes: Shapes) -> None:
    overlays = ours({"packages": {"nodejs_24": {"v8Options": "--max-lazy --no-opt"}}}, "nodejs")
    assert "give one option" in refused(shapes(UNTIL_25_11), *overlays)
    flags = shapes(OF_2026).under(*overlays)["nodejs"].attributes["configureFlags"]
    assert isinstance(flags, list)
    assert flags[-1] == "--v8-options=--max-lazy --no-opt"


@SHAPES
def test_a_runtime_that_the_set_does_not_have_is_left_out(shapes: Shapes, shape: str) -> None:
    """The other overlays go on working."""
    from_profile = {"build": {"compiler": {}}, "packages": {"nodejs_26": {"enableLTO": True}}}
    packages = shapes(shape, without=("jemalloc",))
    changed = packages.under(*ours(from_profile))
    assert changed.standing["python"] != packages.under().standing["python"]


def test_an_archive_that_the_set_does_not_bootstrap_from_has_to_be_given(shapes: Shapes) -> None:
    overlays = ours({"packages": {"rust": {"toolchain": "upstream"}}}, "rust")
    said = refused(shapes(UNTIL_25_11), *overlays)
    assert said.startswith(
        'packages.rust.toolchain = "upstream" needs the archive of 1.91.1, and this package set'
    )
    assert 'packages.rust.upstream = { version = "1.91.1"; sha256 = …; url = …; }' in said
