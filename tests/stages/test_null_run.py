"""The null run: how often it evaluates, what it leaves behind, and when it says nothing.

Its sentences stand in `tests/data/overlays/refused.toml`.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import FailedBuildError, NixError
from pytest_rtopt.hardware.profile import parse_profile
from pytest_rtopt.nix.client import Nix
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.plugin.settings import parse_settings
from pytest_rtopt.stages.null_run import NullRun, instantiate_with_reasons
from pytest_rtopt.stages.packages import Packages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_rtopt.nix.package_set import Instantiation
    from tests.support.private_store import PrivateStore

FLAGGED: Final = """final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: {
    env = old.env or { } // { NIX_CFLAGS_COMPILE = "-O3"; };
  });
}
"""
THROWS: Final = 'final: prev: { lua5_4 = throw "no -O3 here"; go_1_24 = throw "no -O3 here"; a = "-O3"; }'


@dataclass(frozen=True)
class Counting(Nix):
    """A Nix that remembers what it evaluated, and builds nothing."""

    evaluated: list[Path] = field(default_factory=list)

    def evaluate(self, file: Path, arguments: Mapping[str, str]) -> object:
        self.evaluated.append(file)
        return super().evaluate(file, arguments)


@dataclass(frozen=True)
class Scene:
    """A run with overlays on the embedded set; `directory` holds the user's files."""

    config: pytest.Config
    nix: Counting
    directory: Path

    def run(self, *overlays: str, runtimes: str = "lua", packages: str = "embedded") -> NullRun:
        requested = {"RTOPT_PACKAGES": packages, "RTOPT_RUNTIME": runtimes}
        if overlays:
            requested["RTOPT_OVERLAYS"] = " ".join(str(self.directory / name) for name in overlays)
        settings = parse_settings(self.config, requested)
        found = find_package_set(settings.packages, self.directory, self.nix)
        return NullRun(settings, Packages(replace(found, compiler="gcc (GCC) 12.2.0"), self.nix, None, None))

    def evaluated(self, run: NullRun, values: Mapping[str, object] | None = None) -> Instantiation:
        profile = parse_profile(dict(values or {}), name="made-up", source="a test")
        return instantiate_with_reasons(run.settings, run.packages, profile, everything=False)


@pytest.fixture
def scene(
    pytestconfig: pytest.Config,
    private_store: PrivateStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    nix = private_store.nix
    return Scene(pytestconfig, Counting(nix.directory, nix.version, nix.settings, nix.environment), tmp_path)


def failed(derivations: Instantiation, log: str = "error", *, full: bool = False) -> FailedBuildError:
    drv = derivations.of("lua").optimized.drv
    return FailedBuildError("Building failed.\nthe log", drv=drv, culprit=drv, log=log, by_machine=full)


def test_it_is_one_evaluation_for_each_runtime_that_fails(scene: Scene) -> None:
    (scene.directory / "my.nix").write_text(
        'final: prev: {\n  go_1_24 = prev.go_1_24.overrideAttrs { a = throw "no flags"; };\n'
        '  lua5_4 = prev.lua5_4.overrideAttrs { a = throw "-O3"; };\n}\n'
    )
    run = scene.run("my.nix", runtimes="lua go nodejs")
    derivations = scene.evaluated(run)
    assert set(derivations.failures) == {"lua", "go"}
    assert "the overlay fails in the same way" in derivations.failures["go"]
    assert "the flags are not at fault" in derivations.failures["go"]
    before = len(scene.nix.evaluated)
    assert run.of_evaluation(("lua",), "-O3 (at elsewhere)") is None
    assert len(scene.nix.evaluated) == before + 1


def test_it_leaves_no_file_behind(scene: Scene) -> None:
    (scene.directory / "my.nix").write_text(FLAGGED)
    run = scene.run("my.nix")
    derivations = scene.evaluated(run)
    assert "so the flags are at fault" in str(run.explained("lua", derivations, failed(derivations)))
    assert run.of_evaluation(("lua",), "whatever") is not None
    assert list((scene.directory / "scratch").iterdir()) == []


def test_it_builds_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """It starts Nix to evaluate and to show derivations, and nothing else."""
    (scene.directory / "my.nix").write_text(FLAGGED)
    run = scene.run("my.nix")
    derivations = scene.evaluated(run)
    asked: list[str] = []
    original = Nix._output_of  # noqa: SLF001  # everything that Nix is asked goes through here

    def ask(self: Nix, name: str, *arguments: str, timeout: float = 120.0) -> str:
        asked.append(f"{name} {arguments[0]}")
        return original(self, name, *arguments, timeout=timeout)

    monkeypatch.setattr(Nix, "_output_of", ask)
    run.explained("lua", derivations, failed(derivations))
    assert set(asked) <= {"nix-instantiate --eval", "nix show-derivation", "nix derivation"}
    assert asked.count("nix-instantiate --eval") == 1


def test_other_files_of_the_overlay_are_found(scene: Scene) -> None:
    """Also the one that imports the flags: those stay, and count as flags."""
    (scene.directory / "flags.nix").write_text('"-funroll-loops"')
    (scene.directory / "my.nix").write_text(FLAGGED.replace('"-O3"', '"-O3 ${import ./flags.nix}"'))
    run = scene.run("my.nix")
    derivations = scene.evaluated(run)
    said = str(run.explained("lua", derivations, failed(derivations)))
    assert said == (
        "Building failed. Without its flags (-O3) the overlay makes the same build of lua5_4 as stock, which "
        "works, so the flags are at fault; correct them.\nthe log"
    )


def test_several_overlays(scene: Scene) -> None:
    (scene.directory / "my.nix").write_text(FLAGGED)
    (scene.directory / "other.nix").write_text("final: prev: { }")
    run = scene.run("my.nix", "other.nix")
    derivations = scene.evaluated(run)
    said = str(run.explained("lua", derivations, failed(derivations)))
    assert "Without their flags (-O3) the overlays make the same build" in said


def test_an_overlay_of_this_project(scene: Scene) -> None:
    run = scene.run()
    derivations = scene.evaluated(run, {"build": {"compiler": {"march": "haswell"}}})
    assert str(run.explained("lua", derivations, failed(derivations))) == (
        "Building failed. With a profile that asks for nothing the overlay makes the same build of lua5_4 as "
        "stock, which works, so what the profile asks for is at fault; change `build.compiler` or "
        "`packages.lua5_4` in the profile.\nthe log"
    )


@pytest.mark.parametrize("name", ["stock", "input", "full", "flake", "no flags"])
def test_where_nothing_can_be_told(scene: Scene, name: str) -> None:
    """What also fails without the overlay, or for another reason, says nothing about the overlay."""
    (scene.directory / "my.nix").write_text(FLAGGED.replace("-O3", "" if name == "no flags" else "-O3"))
    (scene.directory / "flake.nix").write_text("{ outputs = _: { overlays.default = import ./my.nix; }; }")
    run = scene.run(".#overlays.default" if name == "flake" else "my.nix")
    derivations = scene.evaluated(run)
    error = failed(derivations, full=name == "full")
    stock = derivations.of("lua").stock.drv
    if name == "stock":
        error.drv = error.culprit = stock
    if name == "input":
        error.culprit = scene.nix.derivations([stock])[stock].inputs[0]
    assert str(run.explained("lua", derivations, error)) == "Building failed.\nthe log"


def test_packages_that_fail_without_the_overlay(scene: Scene) -> None:
    """Otherwise the overlay would have been at fault for a broken nixpkgs."""
    packages = scene.directory / "packages"
    packages.mkdir()
    (packages / "default.nix").write_text("{ overlays ? [ ] }: { lua5_4 = { }.nothing; }")
    (scene.directory / "my.nix").write_text(FLAGGED)
    with pytest.raises(NixError) as caught:
        scene.evaluated(scene.run("my.nix", packages=str(packages)))
    assert str(caught.value).endswith("(at " + str(packages / "default.nix") + ":1)")


def test_what_is_no_overlay_has_its_own_sentence(scene: Scene) -> None:
    (scene.directory / "my.nix").write_text('{ a = final: prev: { x = "-O3"; }; }')
    before = len(scene.nix.evaluated)
    with pytest.raises(NixError, match=r"name one of them, as in \S+#a\.$"):
        scene.evaluated(scene.run("my.nix"))
    assert len(scene.nix.evaluated) - before <= 4


def test_where_all_runtimes_fail(scene: Scene) -> None:
    (scene.directory / "my.nix").write_text(THROWS)
    with pytest.raises(NixError) as caught:
        scene.evaluated(scene.run("my.nix", runtimes="lua go"))
    # Without its flag it throws something that is the same but for the flag.
    assert str(caught.value) == (
        f"no -O3 here (at {scene.directory}/my.nix:1). Without its flags (-O3) the overlay fails in the same "
        "way, so the flags are not at fault; the way they are applied is."
    )
