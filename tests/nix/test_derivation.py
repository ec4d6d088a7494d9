"""Derivations, as three versions of Nix print them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.nix.derivation import Derivation, parse_derivations

RECORDED: Final = Path(__file__).parent.parent / "data" / "nix"
VERSIONS: Final = ("2.8.0", "2.26.3", "2.34.8")
every_version = pytest.mark.parametrize("version", VERSIONS)


def parsed(version: str, name: str) -> Derivation:
    text = (RECORDED / version / f"derivation-{name}.json").read_text()
    ((path, derivation),) = parse_derivations(text, "/nix/store").items()
    assert path == derivation.path
    return derivation


@every_version
def test_plain(version: str) -> None:
    plain = parsed(version, "plain")
    assert plain.name == "plain-1.0"
    assert plain.path.startswith("/nix/store/")
    assert plain.path.endswith("-plain-1.0.drv")
    assert list(plain.outputs) == ["out"]
    assert plain.outputs["out"] == plain.exported["out"]
    assert plain.inputs == ()
    assert not plain.structured
    assert not plain.fixed


def test_what_nixpkgs_set_up_exports_is_exported_with_structured_attributes() -> None:
    """Top-level NIX_CFLAGS_COMPILE was refuted as unexported, and stands on every command line."""
    attributes = {
        "NIX_CFLAGS_COMPILE": "-O3",
        "NIX_LDFLAGS": "-s",
        "NIX_CFLAGS_LINK": "-g",
        "env": {"A": "1"},
    }
    entry = {"env": {"__json": json.dumps(attributes)}, "outputs": {}}
    (parsed_one,) = parse_derivations(json.dumps({"/nix/store/x-a.drv": entry}), "/nix/store").values()
    assert parsed_one.exported == {"NIX_CFLAGS_COMPILE": "-O3", "NIX_LDFLAGS": "-s", "A": "1"}


@every_version
def test_structured_attributes_export_only_env(version: str) -> None:
    structured = parsed(version, "structured")
    assert structured.structured
    assert structured.exported == {
        "NIX_CFLAGS_COMPILE": "-O3",
        "verbose": "1",
        "quiet": "",
        "level": "3",
    }
    assert structured.attributes["GOAMD64"] == "v3"
    assert structured.attributes["makeFlags"] == ["PLAT=linux", "MYCFLAGS=-O2 -g"]
    assert sorted(structured.outputs) == ["dev", "out"]
    assert all(path.startswith("/nix/store/") for path in structured.outputs.values())
    (needed,) = structured.inputs
    assert needed.startswith("/nix/store/")
    assert needed.endswith("-plain-1.0.drv")


@every_version
def test_fixed_output(version: str) -> None:
    """Nix 2.34 prints a hash and no path for it."""
    fixed = parsed(version, "fixed")
    assert fixed.fixed
    assert fixed.outputs["out"].endswith("-source.tar.gz")
    assert len(fixed.outputs["out"]) == len("/nix/store/") + 32 + len("-source.tar.gz")


def test_null_is_exported_as_nothing() -> None:
    entry = {"outputs": {}, "env": {"__json": json.dumps({"env": {"A": None, "B": 1}})}}
    ((_, derivation),) = parse_derivations(json.dumps({"/nix/store/x-a.drv": entry}), "/nix/store").items()
    assert derivation.exported == {"A": "", "B": "1"}


@pytest.mark.parametrize(
    "text", ["", "null", "[]", '{"derivations": 3}', "[" * 100_000, '{"/a": {"outputs": {"out": {}}}}']
)
def test_an_unknown_form_is_said(text: str) -> None:
    with pytest.raises(NixError, match="in a form that is not known here"):
        parse_derivations(text, "/nix/store")


@pytest.mark.parametrize("levels", [50, 200, 900, 100_000])
def test_values_that_nest_too_deep_to_be_shown_are_an_unknown_form(levels: int) -> None:
    """What could just be parsed once ended in a `RecursionError` where it was shown or compared."""
    deep = f"{'[' * levels}{']' * levels}"
    plain = f'{{"/nix/store/x-a.drv": {{"env": {{"a": {deep}}}, "outputs": {{}}}}}}'
    structured = json.dumps({"/nix/store/x-a.drv": {"env": {"__json": f'{{"a": {deep}}}'}, "outputs": {}}})
    for text in (plain, structured):
        if levels == 50:
            assert str(parse_derivations(text, "/nix/store")["/nix/store/x-a.drv"].attributes["a"]) == deep
        else:
            with pytest.raises(NixError, match="in a form that is not known here"):
                parse_derivations(text, "/nix/store")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "derivations",
                    "env",
                    "outputs",
                    "inputs",
                    "drvs",
                    "inputDrvs",
                    "structuredAttrs",
                    "__json",
                    "name",
                    "out",
                ]
            )
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.text() | JSON.map(json.dumps))
def test_any_text_is_a_value_or_one_error(text: str) -> None:
    try:
        found = parse_derivations(text, "/nix/store")
    except NixError:
        return
    assert all(path == derivation.path for path, derivation in found.items())
