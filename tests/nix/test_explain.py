"""Nix's evaluation errors, as three versions print them, become a message with the user's file and line."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_rtopt.base.resources import PACKAGE
from pytest_rtopt.nix.explain import explain_evaluation_error, explain_store_error

RECORDED: Final = Path(__file__).parent.parent / "data" / "nix"
VERSIONS: Final = ("2.8.0", "2.26.3", "2.34.8")
OVERLAYS: Final = "/home/user/overlays"
EXPECTED: Final = {
    "argument": ("called with unexpected argument 'enableJit'", "argument.nix:2"),
    "attribute": ("attribute 'build' missing", "attribute.nix:3"),
    "circle": ("`final.lua5_4` leads back to where it is used", "circle.nix:3"),
    "forbidden": ("the overlay needs `flags` to be built", "forbidden.nix:3"),
    "import": ("/home/user/overlays/absent.nix'", "import.nix:2"),
    "lines": ("two things are wrong:\nthe first, and\nthe second", "lines.nix:2"),
    "names": ("the names that this overlay defines depend on `final`", "names.nix:1"),
    "overlap": ("The following attributes are overlapping: LC_ALL", "overlap.nix:2"),
    "recursion": ("infinite recursion encountered", "recursion.nix:2"),
    "syntax": ("syntax error, unexpected '}', expecting ';'", "syntax.nix:3"),
    "throws": ("this machine has no march", "throws.nix:4"),
    "type": ("cannot coerce an integer to a string", "type.nix:4"),
    "undefined": ("undefined variable 'lib'", "undefined.nix:3"),
}


def recorded(version: str, name: str) -> str:
    return (RECORDED / version / f"error-{name}.txt").read_text().replace("@PACKAGE@", str(PACKAGE))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_message_and_place(version: str, name: str) -> None:
    message, place = EXPECTED[name]
    explained = explain_evaluation_error(recorded(version, name))
    assert message in explained
    assert explained.endswith(f"(at {OVERLAYS}/{place})")
    assert "…" not in explained
    assert "error:" not in explained


def test_every_recording_is_used() -> None:
    for version in VERSIONS:
        names = {path.stem.removeprefix("error-") for path in (RECORDED / version).glob("error-*.txt")}
        assert names == set(EXPECTED)


def test_colours_and_warnings_before_the_error() -> None:
    text = (
        "warning: unknown setting 'a'\n\x1b[31;1merror:\x1b[0m undefined variable '\x1b[35;1mlib\x1b[0m'\n"
        "\n       at \x1b[34;1m/home/user/over lays/a.nix:3:5\x1b[0m:\n"
    )
    assert explain_evaluation_error(text) == "undefined variable 'lib' (at /home/user/over lays/a.nix:3)"


def test_the_plumbing_of_nixpkgs_is_not_the_place() -> None:
    text = (
        "error:\n"
        "       … from call site\n         at /home/user/overlays/go.nix:7:3:\n            6|\n"
        "       … while calling 'f'\n         at /nix/store/x-source/lib/customisation.nix:99:1:\n"
        "       … while evaluating\n         at /nix/store/x-source/pkgs/stdenv/generic/default.nix:5:1:\n\n"
        "       error: attribute 'x' missing\n"
    )
    assert explain_evaluation_error(text) == "attribute 'x' missing (at /home/user/overlays/go.nix:7)"


@pytest.mark.parametrize(
    "text",
    [
        "error: " + "'/a'" * 100_000,
        "error: x\n at " + "/lib" * 50_000 + "/a.nix:1:1:",
        "'/a\n" * 200_000,
    ],
)
def test_long_errors_take_little_time(text: str) -> None:
    """Quotation marks in one line, and directories in one path, once took the square of their number."""
    started = time.process_time()
    assert explain_evaluation_error(text)
    explain_store_error(text, ("/nix/store", "/nix/var/nix"))
    assert time.process_time() - started < 3


def test_without_a_message() -> None:
    assert "Nix failed without a message of its own" in explain_evaluation_error("error:\n")


@given(
    st.text() | st.lists(st.sampled_from(["error:", " at /a.nix:1:2:", "error: x", "…", ""])).map("\n".join)
)
def test_any_text_is_explained(text: str) -> None:
    assert explain_evaluation_error(text)


def test_our_own_sentences_come_without_our_lines() -> None:
    text = f"error: rtopt: the overlay is a set\n\n       at {PACKAGE}/nix/instantiate.nix:16:7:\n"
    assert explain_evaluation_error(text) == "the overlay is a set"
    user = "\n       … from call site\n\n       at /home/user/flake.nix:3:4:\n"
    assert explain_evaluation_error(text + user) == "the overlay is a set (at /home/user/flake.nix:3)"
