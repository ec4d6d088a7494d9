"""Every form in which nixpkgs takes overlays, and those of this project, applied by a real Nix."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.overlay_source import Overlay, find_overlays, first_line
from pytest_rtopt.nix.package_set import Judged, instantiate
from pytest_rtopt.runtimes import runtime as runtime_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_rtopt.nix.package_set import Instantiation
    from tests.support.private_store import PrivateStore

FORMS: Final = Path(__file__).parent.parent / "data" / "overlays" / "forms"
BODY: Final = 'lua5_4 = prev.lua5_4.overrideAttrs (old: { makeFlags = old.makeFlags ++ [ "MYCFLAGS=%s" ]; });'


def body(flag: str = "-O3") -> str:
    return "{ " + BODY % flag + " }"


def evaluate(
    store: PrivateStore, directory: Path, *words: str, profile: Mapping[str, object] | None = None
) -> Instantiation:
    overlays = tuple(overlay for word in words for overlay in find_overlays(word, directory))
    judged = Judged({"cpu": {}} if profile is None else profile, overlays, {}, everything=False)
    packages = find_package_set("embedded", directory, store.nix)
    return instantiate(store.nix, packages, [runtime_named("lua")], judged)


def added_flags(store: PrivateStore, found: Instantiation) -> str:
    """Return what the overlays appended to Lua's makeFlags."""
    sides = found.runtimes["lua"]
    of = store.nix.derivations([sides.stock.drv, sides.optimized.drv])
    before, after = (of[paths.drv].exported["makeFlags"] for paths in (sides.stock, sides.optimized))
    return after.replace("INSTALL_TOP=" + sides.optimized.out, "INSTALL_TOP=" + sides.stock.out).removeprefix(
        before
    )


@pytest.mark.parametrize(
    "text",
    [
        f"final: prev: {body()}",
        f"self: super: let prev = super; in {body()}",
        f"_: prev: {body()}",
        f"hardwareProfile: final: prev: {body()}",
        f"{{ cpu, ... }}: final: prev: {body()}",
        f"{{ level ? 3 }}: final: prev: {body('-O${toString level}')}",
        f"{{ level ? 3, ... }}: final: prev: {body('-O${toString level}')}",
        f"{{ level ? 3 }}: [ (final: prev: {body('-O${toString level}')}) ]",
        f"{{ __functor = _: final: prev: {body()}; }}",
        f"final: prev: {body()}".replace(" ", "\r\n"),
        f"# What\n/* it\nis */\nfinal: prev: {body()}",
        f"let f = final: prev: {body()}; in f",
        f"(import {FORMS}/list.nix) ++ [ (final: prev: {body()}) ]",
    ],
)
def test_a_file(private_store: PrivateStore, tmp_path: Path, text: str) -> None:
    (tmp_path / "my.nix").write_text(text, newline="")
    found = evaluate(private_store, tmp_path, "my.nix")
    assert added_flags(private_store, found).endswith("MYCFLAGS=-O3")
    assert found.touched_attrs == ("lua5_4",)


def test_a_list_is_applied_in_order(private_store: PrivateStore, tmp_path: Path) -> None:
    found = evaluate(private_store, tmp_path, str(FORMS / "list.nix"))
    assert added_flags(private_store, found) == " MYCFLAGS=-march=x86-64-v3 MYLDFLAGS=-Wl,-O1"


def test_a_directory_is_its_files_in_alphabetical_order(private_store: PrivateStore, tmp_path: Path) -> None:
    """The rule of nixpkgs' `impure-overlays.nix`."""
    overlays = tmp_path / "overlays"
    overlays.mkdir()
    for name in ("10.nix", "9.nix", "B.nix", "a.nix", ".#a.nix", "notes.txt"):
        (overlays / name).write_text(f"final: prev: {body(name)}")
    (overlays / "C").mkdir()
    (overlays / "C" / "default.nix").write_text(f"final: prev: {body('C')}")
    (overlays / "lib").mkdir()
    found = evaluate(private_store, tmp_path, "overlays")
    assert added_flags(private_store, found) == "".join(
        f" MYCFLAGS={name}" for name in ("10.nix", "9.nix", "B.nix", "C", "a.nix")
    )


def test_a_directory_with_a_default_is_that_file(tmp_path: Path) -> None:
    for name in ("a.nix", "default.nix", "flake.nix"):
        (tmp_path / name).write_text("final: prev: { }")
    assert find_overlays(".", tmp_path) == (Overlay.in_file(tmp_path / "default.nix"),)


def test_one_of_a_set_of_overlays(private_store: PrivateStore, tmp_path: Path) -> None:
    (tmp_path / "my.nix").write_text(f"{{ set.fast = final: prev: {body()}; }}")
    found = evaluate(private_store, tmp_path, "my.nix#set.fast")
    assert added_flags(private_store, found) == " MYCFLAGS=-O3"


@pytest.mark.parametrize(
    ("word", "flag"),
    [
        (".#overlays.default", "default"),
        (".", "default"),
        (".#", "default"),
        (".#fast", "fast"),
        (".#overlays.fast", "fast"),
        ("path:.#overlays.fast", "fast"),
        ("path:{}#overlays.fast", "fast"),
        ("{}#overlays.list", "listed"),
    ],
)
def test_an_output_of_a_flake(private_store: PrivateStore, tmp_path: Path, word: str, flag: str) -> None:
    (tmp_path / "flake.nix").write_text(
        "{ outputs = _: { overlays = {\n"
        f"default = final: prev: {body('default')};\n"
        f"fast = final: prev: {body('fast')};\n"
        f"list = [ (final: prev: {body('listed')}) ];\n"
        "}; }; }\n"
    )
    found = evaluate(private_store, tmp_path, word.format(tmp_path))
    assert added_flags(private_store, found) == f" MYCFLAGS={flag}"
    assert found.runtimes["lua"].inputs is not None


def test_a_flake_elsewhere_is_left_to_nix(tmp_path: Path) -> None:
    default = Overlay("github:owner/name", ("overlays", "default"), flake=True)
    assert find_overlays("github:owner/name", tmp_path) == (default,)
    (named,) = find_overlays("git+ssh://host/name?ref=main#overlays.fast", tmp_path)
    assert named == Overlay("git+ssh://host/name?ref=main", ("overlays", "fast"), flake=True)
    assert named.reference == "git+ssh://host/name?ref=main#overlays.fast"


def test_another_text_is_another_input(private_store: PrivateStore, tmp_path: Path) -> None:
    """The ledger remembers the text of a file, and the hash of a flake."""

    def overlay_input(word: str, flag: str) -> str:
        (tmp_path / "my.nix").write_text(f"final: prev: {body(flag)}")
        (tmp_path / "flake.nix").write_text("{ outputs = _: { overlays.default = import ./my.nix; }; }")
        inputs = evaluate(private_store, tmp_path, word).runtimes["lua"].inputs
        assert inputs is not None
        return inputs.overlay

    for word in ("my.nix", ".#overlays.default"):
        assert overlay_input(word, "-O2") != overlay_input(word, "-O3")
        assert overlay_input(word, "-O2") == overlay_input(word, "-O2")


def test_names_that_overlays_define(private_store: PrivateStore, tmp_path: Path) -> None:
    shutil.copytree(FORMS / "program", tmp_path / "program")
    (tmp_path / "later.nix").write_text("final: prev: { bye = prev.hello-rs; }")
    found = evaluate(private_store, tmp_path, "program/overlay.nix", "later.nix")
    assert found.touched_attrs == ("bye", "hello-rs")
    assert not found.runtimes["lua"].touched


@pytest.mark.parametrize(
    ("text", "line"), [("a", 1), ("\n# b\n\n/* c\nd */ e", 5), ("# a\r\n\r\nb", 3), ("/a", 1)]
)
def test_the_line_where_code_begins(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "a.nix").write_text(text, newline="")
    assert first_line(tmp_path / "a.nix") == line
