"""Every sentence of `tests/data/overlays/refused.toml`, as a user reads it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.nix.explain import explain_evaluation_error
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.overlay_source import find_overlays
from pytest_rtopt.nix.package_set import Judged, instantiate
from pytest_rtopt.runtimes import runtime as runtime_named

if TYPE_CHECKING:
    from pytest_rtopt.nix.package_set import Instantiation
    from tests.support.private_store import PrivateStore

DATA: Final = Path(__file__).parent.parent / "data"
CASES: Final = DATA / "overlays" / "forms"
SENTENCES: Final = tomllib.loads((DATA / "overlays" / "refused.toml").read_text())
REFUSED: Final = {case["what"]: case for case in SENTENCES["not an overlay"]}
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
