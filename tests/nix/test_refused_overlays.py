"""Every sentence of `tests/data/overlays/refused.toml`, as a user reads it.

The sentences of the null run (`stages/null_run.py`) stand here with the others, to be read together.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import FailedBuildError, NixError
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.hardware.profile import parse_profile
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.explain import explain_evaluation_error
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.overlay_source import find_overlays
from pytest_rtopt.nix.package_set import Judged, instantiate
from pytest_rtopt.plugin.settings import parse_settings
from pytest_rtopt.runtimes import runtime as runtime_named
from pytest_rtopt.stages.build import build_runtime, instantiate_runtimes
from pytest_rtopt.stages.null_run import NullRun, instantiate_with_reasons
from pytest_rtopt.stages.packages import Packages, prepare_packages

if TYPE_CHECKING:
    from pytest_rtopt.nix.package_set import Instantiation
    from pytest_rtopt.stages.settings import Settings
    from tests.support.private_store import PrivateStore

DATA: Final = Path(__file__).parent.parent / "data"
CASES: Final = DATA / "overlays" / "forms"
SENTENCES: Final = tomllib.loads((DATA / "overlays" / "refused.toml").read_text())
REFUSED: Final = {case["what"]: case for case in SENTENCES["not an overlay"]}
NULL_RUNS: Final = {case["what"]: case for case in SENTENCES["null run"]}
NULL_BUILDS: Final = {case["what"]: case for case in SENTENCES["null build"]}
OWN: Final = {case["what"]: case for case in SENTENCES["own overlay"]}
EMPTY: Final = parse_profile({}, name="empty", source="a test")
ABSENT: Final = {case["what"]: case["sentence"] for case in SENTENCES["not there"]}


def lua(store: PrivateStore, directory: Path, word: str) -> Instantiation:
    nix = store.nix.with_settings("allow-import-from-derivation = false")
    packages = find_package_set("embedded", directory, nix)
    judged = Judged({"cpu": {}}, find_overlays(word, directory), {}, everything=False)
    return instantiate(nix, packages, [runtime_named("lua")], judged)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_overlay_is_told_in_one_sentence(
    private_store: PrivateStore, tmp_path: Path, name: str
) -> None:
    case = REFUSED[name]
    text = (CASES / case["file"]).read_text() if "file" in case else case["text"]
    (tmp_path / "my.nix").write_text(text + " " * case.get("spaces", 0))
    with pytest.raises(NixError) as caught:
        lua(private_store, tmp_path, "my.nix")
    assert str(caught.value) == case["sentence"].replace("@", str(tmp_path))


@pytest.mark.parametrize("word", ABSENT)
def test_what_is_not_there_is_told_in_one_sentence(tmp_path: Path, word: str) -> None:
    (tmp_path / "my.nix").write_text("final: prev: { }")
    (tmp_path / "bare").mkdir()
    with pytest.raises(NixError) as caught:
        find_overlays(word, tmp_path)
    assert str(caught.value) == ABSENT[word].replace("@", str(tmp_path))


def test_a_name_that_a_file_or_flake_does_not_have(private_store: PrivateStore, tmp_path: Path) -> None:
    (tmp_path / "my.nix").write_text("{ fast = final: prev: { }; small = final: prev: { }; }")
    (tmp_path / "flake.nix").write_text("{ outputs = _: { overlays.fast = final: prev: { }; }; }")
    for word, place in (("my.nix#large", f"{tmp_path}/my.nix#large"), (".#large", f"{tmp_path}#large")):
        with pytest.raises(NixError) as caught:
            lua(private_store, tmp_path, word)
        among = "fast, small" if "my.nix" in word else "fast"
        assert str(caught.value) == (
            f"There is no overlay {place}: large is not among {among}; name one that is there."
        )


@pytest.mark.parametrize("version", ["2.8.0", "2.26.3", "2.34.8"])
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("circle", REFUSED["a circle"]["sentence"].replace("my", "circle")),
        ("names", REFUSED["a circle of names"]["sentence"].replace("my", "names")),
        ("forbidden", REFUSED["import from derivation"]["sentence"].replace("my", "forbidden")),
    ],
)
def test_the_same_sentence_under_each_version_of_nix(version: str, name: str, sentence: str) -> None:
    recorded = (DATA / "nix" / version / f"error-{name}.txt").read_text().replace("@PACKAGE@", str(PACKAGE))
    assert explain_evaluation_error(recorded) == sentence.replace("@", "/home/user/overlays")


def test_no_sentence_names_a_file_of_this_project(private_store: PrivateStore, tmp_path: Path) -> None:
    """Where only files of this project were in the trace, the message named one of them."""
    (tmp_path / "my.nix").write_text('final: prev: { lua5_4 = { drvPath = "a"; outPath = 1; }; }')
    with pytest.raises(NixError) as caught:
        lua(private_store, tmp_path, "my.nix")
    assert str(PACKAGE) not in str(caught.value)
    assert "instantiate" not in str(caught.value)


def test_a_long_file_costs_no_time(tmp_path: Path) -> None:
    """Of a device or a file of any length, only its size is read."""
    long = tmp_path / "long.nix"
    with long.open("wb") as file:
        file.truncate(50_000_000_000)
    with pytest.raises(NixError, match="has 50000 MB, and an overlay has at most 2"):
        find_overlays("long.nix", tmp_path)[0].as_request()


def settings_of(config: pytest.Config, overlay: Path | None = None) -> Settings:
    """Return the settings of a run for Lua on the embedded set."""
    requested = {"RTOPT_PACKAGES": "embedded", "RTOPT_RUNTIME": "lua"}
    return parse_settings(config, requested | ({} if overlay is None else {"RTOPT_OVERLAYS": str(overlay)}))


def evaluating(store: PrivateStore, directory: Path) -> Packages:
    """Return the embedded set of a made-up compiler."""
    found = find_package_set("embedded", directory, store.nix)
    return Packages(replace(found, compiler="gcc (GCC) 12.2.0"), store.nix, None, None)


@pytest.mark.parametrize("name", NULL_RUNS)
def test_a_failed_evaluation_tells_what_is_at_fault(
    private_store: PrivateStore, pytestconfig: pytest.Config, tmp_path: Path, name: str
) -> None:
    case = NULL_RUNS[name]
    overlay = tmp_path / "my.nix"
    overlay.write_text(case["text"])
    with pytest.raises(NixError) as caught:
        instantiate_with_reasons(
            settings_of(pytestconfig, overlay), evaluating(private_store, tmp_path), EMPTY
        )
    assert str(caught.value) == case["sentence"].replace("@", str(tmp_path))


@pytest.mark.parametrize("name", OWN)
def test_the_same_of_an_overlay_of_this_project(
    private_store: PrivateStore, pytestconfig: pytest.Config, tmp_path: Path, name: str
) -> None:
    case = OWN[name]
    profile = parse_profile(case["profile"], name="made-up", source="a test")
    with pytest.raises(NixError) as caught:
        instantiate_with_reasons(settings_of(pytestconfig), evaluating(private_store, tmp_path), profile)
    assert str(caught.value) == case["sentence"]


@pytest.mark.parametrize("name", NULL_BUILDS)
def test_a_failed_build_tells_what_is_at_fault(
    private_store: PrivateStore, pytestconfig: pytest.Config, tmp_path: Path, name: str
) -> None:
    case = NULL_BUILDS[name]
    overlay = tmp_path / "my.nix"
    overlay.write_text(case["text"])
    settings = replace(settings_of(pytestconfig, overlay), toolchain="host")
    sources = Path(private_store.environment["XDG_CACHE_HOME"], "pytest-rtopt", "sources")
    packages = prepare_packages(settings, private_store.nix, sources)
    derivations = instantiate_runtimes(settings, packages, EMPTY)
    builder = Builder(packages.nix, tmp_path / "records")
    with pytest.raises(FailedBuildError) as caught:
        build_runtime(runtime_named("lua"), derivations.of("lua"), packages, builder, sources)
    said = str(NullRun(settings, packages).explained("lua", derivations, caught.value))
    first_line, _, log = said.partition("\n")
    before, kept, sentence = first_line.partition("finished builds are kept.")
    assert before.startswith("Building ")
    assert kept
    assert sentence.strip() == case["sentence"]
    assert log == str(caught.value).partition("\n")[2]
