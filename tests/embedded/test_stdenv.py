"""The embedded set's stdenv does what nixpkgs' does, seen from inside of real builds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import BuildError, NixError
from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.host_builds import prepare_host_builds

if TYPE_CHECKING:
    from pytest_rtopt.nix.client import Nix
    from tests.support.private_store import PrivateStore

EXPRESSIONS: Final = Path(__file__).parent.parent / "data" / "nix" / "expressions"


@pytest.fixture(scope="module")
def nix(private_store: PrivateStore) -> Nix:
    """Return a Nix whose builds see the host's tools."""
    return prepare_host_builds(private_store.nix).nix


def selected(attribute: str, tmp_path: Path) -> Path:
    """Return an expression for one attribute of `stdenv.nix`."""
    path = tmp_path / "selected.nix"
    path.write_text(
        f"let x = import {EXPRESSIONS}/stdenv.nix {{ embedded = {PACKAGE}/embedded; }}; in x.{attribute}"
    )
    return path


def built(nix: Nix, attribute: str, tmp_path: Path) -> str:
    """Return the text that a tiny package wrote."""
    drv = nix.instantiate(selected(attribute, tmp_path), {})
    Builder(nix, tmp_path).build(drv)
    out = Path(nix.derivations([drv])[drv].outputs["out"])
    return (out / "text" if out.is_dir() else out).read_text()


def test_without_structured_attributes_everything_is_exported(nix: Nix, tmp_path: Path) -> None:
    seen = built(nix, "plain", tmp_path).splitlines()
    assert {"GOAMD64=v3", "FROM_ENV=yes", "TRUE=1", "FALSE="} <= set(seen)
    assert "NIX_ENFORCE_NO_NATIVE=1" in seen
    assert any(line.startswith("NIX_HARDENING_ENABLE=bindnow format fortify") for line in seen)


def test_with_structured_attributes_only_env_is_exported(nix: Nix, tmp_path: Path) -> None:
    seen = built(nix, "structured", tmp_path).splitlines()
    assert {"FROM_ENV=yes", "TRUE=1", "FALSE="} <= set(seen)
    assert not [line for line in seen if line.startswith("GOAMD64=")]
    assert "declare -a makeFlags=()" in seen
    (hardening,) = (line for line in seen if line.startswith("NIX_HARDENING_ENABLE="))
    words = hardening.partition("=")[2].split()
    assert "fortify" in words
    assert not {"pic", "format"} & set(words)


def test_words_with_blanks(nix: Nix, tmp_path: Path) -> None:
    """They were split with structured attributes, too; and `checkPhase` ran though nobody asked for tests."""
    assert built(nix, "words true", tmp_path) == "FLAGS=-O2 -k\nLATE=a b\n"


def test_words_without_structured_attributes_are_split(nix: Nix, tmp_path: Path) -> None:
    """`-k` becomes an option of make's own."""
    assert built(nix, "words false", tmp_path) == "FLAGS=-O2\nLATE=a b\n"


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ("unpacked", "do not know how to unpack source archive"),
        ("sourceless", "variable $src or $srcs should point to the source"),
    ],
)
def test_a_source_that_is_none(nix: Nix, tmp_path: Path, attribute: str, said: str) -> None:
    """An unset `sourceRoot` ended the build with `unbound variable`."""
    with pytest.raises(BuildError) as caught:
        built(nix, attribute, tmp_path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ("overlap", "The `env` attribute set cannot contain any attributes passed to derivation."),
        (
            "list",
            "The `env` attribute set can only contain derivation, string, boolean or integer attributes.",
        ),
    ],
)
def test_a_wrong_env_gets_the_message_of_nixpkgs(nix: Nix, tmp_path: Path, attribute: str, said: str) -> None:
    with pytest.raises(NixError) as caught:
        nix.evaluate(selected(f"messages.{attribute}", tmp_path), {})
    assert str(caught.value).startswith(said)


def test_override_and_override_attrs_compose_in_both_orders(nix: Nix, tmp_path: Path) -> None:
    assert nix.evaluate(selected("composition", tmp_path), {}) == {
        "plain": ["composed-1.1", "1.1", "1.1", "1", "none", "none"],
        "attrsFirst": ["composed-1.2", "1.2", "1.2", "2", "extra", "extra"],
        "argumentsFirst": ["composed-1.2", "1.2", "1.2", "2", "extra", "extra"],
        "twice": ["composed-9", "9", "9", "3", "extra", "extra"],
        "set": ["composed-8", "8", "8", "1", "none", "none"],
    }


def test_overlays_see_those_before_them_and_the_last_result(nix: Nix, tmp_path: Path) -> None:
    assert nix.evaluate(selected("fixpoint", tmp_path), {}) == {
        "seenBefore": "1.24.99",
        "seenAfter": "5.4.99",
        "go": "1.24.99",
        "module": True,
        "programs": "1.24.99",
        "emptyIsIdentity": True,
    }
