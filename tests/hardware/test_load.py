"""From a reference to a profile; and the profiles that ship."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.errors import NixError, ProfileError
from pytest_rtopt.base.registry import REGISTRY
from pytest_rtopt.base.resources import directory
from pytest_rtopt.hardware.host import Host, read_host
from pytest_rtopt.hardware.load import LoadContext, load_profile, shipped_names
from pytest_rtopt.hardware.nix_text import to_nix

DATA = Path(__file__).parent.parent / "data" / "host"


def read_nix(path: Path) -> object:
    argv = ["nix-instantiate", "--eval", "--strict", "--json", "--store", "dummy://", str(path)]
    done = process.run(argv, timeout=60)
    if done.returncode != 0:
        raise NixError(done.error_text)
    return json.loads(done.stdout)


def no_host() -> Host:
    raise AssertionError("this machine need not be read")


@pytest.fixture(name="context")
def fixture_context(tmp_path: Path) -> LoadContext:
    return LoadContext(directory("profiles"), tmp_path, read_nix, no_host, gcc_version="12.2.0")


def refusal(reference: str, context: LoadContext) -> str:
    with pytest.raises(ProfileError) as caught:
        load_profile(reference, context)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "march", "memory", "enabled"),
    [
        ("shoshin", "skylake", 16, True),
        ("gyakusatsu", "znver3", 8, True),
        ("laptop-generic", "x86-64-v3", None, False),
        ("server-v4", "x86-64-v4", None, True),
    ],
)
def test_shipped_profiles(
    name: str,
    march: str,
    memory: int | None,
    enabled: bool,  # noqa: FBT001  # a table column
    context: LoadContext,
) -> None:
    profile = load_profile(name, context)
    assert (profile.name, profile.march, profile.memory_gb) == (name, march, memory)
    assert {profile.settings(known.profile_attribute).enable for known in REGISTRY.values()} == {enabled}


def test_all_shipped_profiles_are_tested() -> None:
    assert shipped_names(directory("profiles")) == ("gyakusatsu", "laptop-generic", "server-v4", "shoshin")


def test_host_is_detected(tmp_path: Path) -> None:
    context = LoadContext(
        directory("profiles"), tmp_path, read_nix, lambda: read_host(DATA / "desktop-skylake"), None
    )
    assert load_profile("host", context).march == "skylake"


def test_toml_file(context: LoadContext) -> None:
    file = context.rootdir / "profiles" / "mine.toml"
    file.parent.mkdir()
    file.write_text('[build.compiler]\nmarch = "znver3"\n[packages.go_1_24]\ngoamd64 = "v3"\n')
    profile = load_profile("profiles/mine.toml", context)
    assert (profile.name, profile.source, profile.march) == ("mine", str(file), "znver3")


def test_nix_file_written_by_us_is_read_by_us(context: LoadContext) -> None:
    values = {"build": {"compiler": {"march": "skylake"}}, "note": '${not} an "antiquotation"'}
    (context.rootdir / "mine.nix").write_text(to_nix(values))
    assert load_profile("mine.nix", context).values == values


def test_a_missing_name_lists_the_shipped_ones(context: LoadContext) -> None:
    message = refusal("shosin", context)
    assert message.startswith("There is no profile named `shosin`; ")
    for name in ("`host`", "`gyakusatsu`", "`laptop-generic`", "`server-v4`", "`shoshin`"):
        assert name in message


def test_a_missing_file_lists_the_shipped_names(context: LoadContext) -> None:
    message = refusal("profiles/mine.nix", context)
    assert str(context.rootdir / "profiles/mine.nix") in message
    assert "this profile does not exist" in message
    assert "`shoshin`" in message


def test_a_wrong_suffix_is_named(context: LoadContext) -> None:
    (context.rootdir / "mine.yaml").write_text("")
    assert "this has the suffix `.yaml`" in refusal("mine.yaml", context)
    (context.rootdir / "mine").write_text("")
    assert "this has no suffix" in refusal("./mine", context)


def test_a_directory_is_no_profile(context: LoadContext) -> None:
    assert "this is a directory" in refusal("./", context)


def test_unparsable_toml_is_named_with_the_line(context: LoadContext) -> None:
    file = context.rootdir / "mine.toml"
    file.write_text("[cpu]\ncores = \n")
    message = refusal("mine.toml", context)
    assert str(file) in message
    assert "not valid TOML" in message
    assert "line 2" in message
    file.write_bytes(b"\xff")
    assert "not valid TOML" in refusal("mine.toml", context)


def test_unparsable_nix_is_named_with_the_reason(context: LoadContext) -> None:
    file = context.rootdir / "mine.nix"
    file.write_text("{ cpu.cores = ; }")
    message = refusal("mine.nix", context)
    assert message.startswith(f"{file}: this profile could not be evaluated.")
    assert "syntax error" in message


def test_a_wrong_field_names_the_file(context: LoadContext) -> None:
    file = context.rootdir / "mine.toml"
    file.write_text('[build.compiler]\nmarch = "native"\n')
    message = refusal("mine.toml", context)
    assert message.startswith(f"{file}: field `build.compiler.march`: ")
    assert "--rtopt-profile host" in message
