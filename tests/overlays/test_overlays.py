"""The shipped overlays, evaluated by a real Nix on the embedded set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_rtopt.base.errors import NixError
from pytest_rtopt.base.resources import PACKAGE, directory

if TYPE_CHECKING:
    from tests.support.private_store import PrivateStore

DATA = Path(__file__).parent.parent / "data" / "overlays"
NEIGHBOUR = {"file": str(DATA / "neighbour.nix")}
FULL: dict[str, Any] = {
    "build": {"compiler": {"march": "skylake"}},
    "packages": {"lua5_4": {"pgoLevel": "LIGHT", "enableLTO": True}},
}
LUA, GO = "lua-hardware-optimized.nix", "go-hardware-optimized.nix"
ALL = sorted(path.name for path in directory("overlays").glob("*-hardware-optimized.nix"))


def ours(file: str, profile: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"file": str(directory("overlays") / file), "profile": profile, **more}


class Packages:
    """The embedded set of one store."""

    def __init__(self, store: PrivateStore) -> None:
        self._nix = store.nix

    def under(self, *overlays: dict[str, Any]) -> dict[str, Any]:
        case = {"embedded": str(PACKAGE / "embedded"), "overlays": overlays}
        value = self._nix.evaluate(DATA / "evaluate.nix", {"case": json.dumps(case)})
        assert isinstance(value, dict)
        return value


@pytest.fixture(scope="module")
def packages(private_store: PrivateStore) -> Packages:
    return Packages(private_store)


@pytest.fixture(scope="module")
def stock(packages: Packages) -> dict[str, Any]:
    return packages.under()


@pytest.mark.parametrize(
    "profile",
    [
        {},
        {"system": {"hostname": "x"}, "cpu": {"cores": 4}},
        {"build": {"parallelism": {"maxCores": 4}}},
        {"build": {"compiler": {}}, "packages": {"lua5_4": {"enable": False}, "go_1_24": {"enable": False}}},
    ],
)
def test_a_profile_that_asks_for_nothing_changes_no_byte(
    packages: Packages, stock: dict[str, Any], profile: dict[str, Any]
) -> None:
    assert packages.under(ours(LUA, profile), ours(GO, profile)) == stock


def test_a_level_may_be_a_number(packages: Packages) -> None:
    """A number, which profiles may have here, could not be joined to `-O` and ended in an error of Nix's."""
    number, text = ({"build": {"compiler": {"optimizationLevel": level}}} for level in (2, "2"))
    tuned = packages.under(ours(LUA, number))
    assert "-O2" in tuned["lua5_4"]["env"]["NIX_CFLAGS_COMPILE"].split()
    assert tuned == packages.under(ours(LUA, text))


def test_null_is_as_good_as_absent(packages: Packages, stock: dict[str, Any]) -> None:
    """A null, which profiles may have anywhere, was taken for a value and ended in an error of Nix's."""
    nothing = {"packages": {"lua5_4": {"pgoLevel": None}, "go_1_24": {}}}
    assert packages.under(ours(LUA, nothing), ours(GO, nothing)) == stock
    nulls = {"march": None, "mtune": None, "optimizationLevel": None}
    tuned = packages.under(ours(LUA, nothing | {"build": {"compiler": nulls}}))
    assert tuned == packages.under(ours(LUA, {"build": {"compiler": {}}}))


def test_flags_are_appended_to_env_and_what_was_there_stays(
    packages: Packages, stock: dict[str, Any]
) -> None:
    changed = packages.under(ours(LUA, FULL), ours(GO, FULL))
    lua, go = changed["lua5_4"]["env"], changed["go_1_24"]["env"]
    assert lua.items() >= stock["lua5_4"]["env"].items()
    assert lua["NIX_CFLAGS_COMPILE"].split()[:4] == ["-march=skylake", "-mtune=skylake", "-O3", "-flto=auto"]
    assert go == stock["go_1_24"]["env"] | {"GOAMD64": "v3"}


def test_go_and_what_is_built_with_it_follow_go_1_24(packages: Packages, stock: dict[str, Any]) -> None:
    changed = packages.under(ours(GO, FULL))
    assert changed["go"]["drv"] == changed["go_1_24"]["drv"] != stock["go_1_24"]["drv"]


@pytest.mark.parametrize("ours_first", [True, False])
def test_a_neighbours_overlay_before_or_after_keeps_both(packages: Packages, *, ours_first: bool) -> None:
    mine = [ours(LUA, FULL), ours(GO, FULL)]
    changed = packages.under(*([*mine, NEIGHBOUR] if ours_first else [NEIGHBOUR, *mine]))
    lua, go = changed["lua5_4"]["env"], changed["go_1_24"]["env"]
    assert {"-march=skylake", "-DNEIGHBOUR"} <= set(lua["NIX_CFLAGS_COMPILE"].split())
    assert lua["NEIGHBOUR"] == go["NEIGHBOUR"] == "1"
    assert go["GOAMD64"] == "v3"


def test_no_march_means_x86_64_v3_for_no_processor_in_particular(packages: Packages) -> None:
    """As in the guide's overlays."""
    flags = packages.under(ours(LUA, {"build": {"compiler": {}}}))["lua5_4"]["env"]["NIX_CFLAGS_COMPILE"]
    assert flags.split()[:3] == ["-march=x86-64-v3", "-mtune=generic", "-O3"]


def test_a_psabi_level_is_never_a_processor_to_tune_for(packages: Packages) -> None:
    """GCC refuses -mtune=x86-64-v3: the overlay once took the march for the mtune in every case."""
    profile = {"build": {"compiler": {"march": "x86-64-v3"}}}
    flags = packages.under(ours(LUA, profile))["lua5_4"]["env"]["NIX_CFLAGS_COMPILE"]
    assert "-mtune=generic" in flags.split()


def test_settings_without_a_compiler_section_give_no_march(packages: Packages) -> None:
    profile = {"packages": {"lua5_4": {"enableLTO": True}, "go_1_24": {"goamd64": "v2"}}}
    changed = packages.under(ours(LUA, profile), ours(GO, profile))
    assert "-march" not in changed["lua5_4"]["env"]["NIX_CFLAGS_COMPILE"]
    assert changed["go_1_24"]["env"]["GOAMD64"] == "v2"


def test_scope_add_puts_a_package_beside_and_changes_none(packages: Packages, stock: dict[str, Any]) -> None:
    profile = FULL | {"packages": {"lua5_4": {"scope": "add"}, "go_1_24": {"scope": "add"}}}
    changed = packages.under(ours(LUA, profile), ours(GO, profile))
    added = {name: changed.pop(name) for name in ("lua5_4-optimized", "go_1_24-optimized")}
    assert changed == stock
    assert "-march=skylake" in added["lua5_4-optimized"]["env"]["NIX_CFLAGS_COMPILE"]
    assert added["go_1_24-optimized"]["env"]["GOAMD64"] == "v3"


def test_default_is_all_overlays(packages: Packages, tmp_path: Path) -> None:
    default = ours("default.nix", FULL, ledger=str(tmp_path / "rtopt.lock.json"))
    every = packages.under(*(ours(file, FULL) for file in ALL))
    assert packages.under(default) == every, "a ledger that is not there rejects nothing"


@pytest.mark.parametrize(
    ("file", "profile", "words"),
    [
        (LUA, {"build": {"compiler": {"march": "native"}}}, "--rtopt-profile host"),
        (LUA, {"build": {"compiler": {"march": "skylark"}}}, '"skylark" is not an x86-64 architecture'),
        (LUA, {"packages": {"lua5_4": {"pgoLevel": "MEDIUM"}}}, "must be one of NONE LIGHT FULL"),
        (LUA, {"packages": {"lua5_4": {"scope": "both"}}}, 'must be "replace" or "add"'),
        (GO, {"packages": {"go_1_24": {"goamd64": "v9"}}}, "must be one of v1 v2 v3 v4"),
    ],
)
def test_an_impossible_profile_is_one_sentence_at_evaluation(
    packages: Packages, file: str, profile: dict[str, Any], words: str
) -> None:
    with pytest.raises(NixError) as caught:
        packages.under(ours(file, profile))
    assert words in str(caught.value)
