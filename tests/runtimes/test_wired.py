"""A runtime of the registry is known to every stage. Whoever adds one learns here what is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import NixError, ProfileError
from pytest_rtopt.base.registry import NAMES, REGISTRY
from pytest_rtopt.base.resources import directory
from pytest_rtopt.hardware.detect import profile_for
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.hardware.profile import parse_profile
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.overlay_source import Overlay
from pytest_rtopt.nix.package_set import Judged, instantiate
from pytest_rtopt.report.checklist import LINES
from pytest_rtopt.runtimes import runtime
from pytest_rtopt.sources.pins import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_rtopt.base.registry import Registered
    from pytest_rtopt.nix.package_set import RuntimeDerivations
    from tests.support.private_store import PrivateStore

ROOT: Final = Path(__file__).parent.parent.parent
HOST: Final = Path(__file__).parent.parent / "data" / "host" / "desktop-skylake"
# Sources of what is no runtime: a library that Node.js is given, and a package for environments of Python.
USED_BY_OTHERS: Final = {"jemalloc", "packaging"}
FEWEST_WORKLOADS: Final = 3


def evaluated(
    store: PrivateStore, known: Sequence[Registered], layout: int
) -> Mapping[str, RuntimeDerivations]:
    """Return the derivations in the embedded set under the overlays and the detected profile."""
    packages = find_package_set("embedded", ROOT, store.nix)
    packages = replace(
        packages, compiler="gcc (Debian 12.2.0-14) 12.2.0", rust="rustc 1.85.0 (4d91de4e4 2025-02-17)"
    )
    profile = profile_for(read_host(HOST), "12.2.0").values
    files = {entry.name: Overlay.in_file(directory("overlays") / entry.overlay) for entry in known}
    judged = Judged(profile, tuple(files.values()), files, everything=False, layout=layout)
    return instantiate(store.nix, packages, known, judged).runtimes


@pytest.fixture(scope="module")
def builds(private_store: PrivateStore) -> Sequence[Mapping[str, RuntimeDerivations]]:
    return [evaluated(private_store, list(REGISTRY.values()), layout) for layout in range(2)]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_declared(name: str) -> None:
    declared = runtime(name)
    assert declared.registered is REGISTRY[name]
    assert declared.binaries
    assert len({claim.name for claim in declared.claims}) == len(declared.claims)


@pytest.mark.parametrize("name", NAMES)
def test_the_embedded_set_has_it_and_its_overlay_changes_it(
    name: str, builds: Sequence[Mapping[str, RuntimeDerivations]]
) -> None:
    found = builds[0][name]
    assert found.attr == REGISTRY[name].attributes[0]
    assert re.fullmatch(r"[0-9][0-9.-]*", found.version)
    assert found.touched or found.prebuilt


@pytest.mark.parametrize("name", NAMES)
def test_a_further_build_lies_elsewhere(
    name: str, builds: Sequence[Mapping[str, RuntimeDerivations]]
) -> None:
    """A name that was missing from a list meant that there was one build, and no test noticed."""
    plain, further = (build[name] for build in builds)
    varied = (plain.stock, plain.stock_programs) != (further.stock, further.stock_programs)
    assert varied == (REGISTRY[name].layout != "none")
    # What a package set compiles has functions whose places can be varied.
    assert varied or plain.prebuilt


def test_a_layout_that_there_is_not_is_one_sentence(private_store: PrivateStore) -> None:
    with pytest.raises(
        NixError, match=r'layout = "clang" in overlays/runtimes.json must be one of gcc go none'
    ):
        evaluated(private_store, [replace(REGISTRY["lua"], layout="clang")], 1)


@pytest.mark.parametrize("name", NAMES)
def test_its_settings_in_a_profile_are_checked(name: str) -> None:
    for attribute in (REGISTRY[name].profile_attribute, f"{REGISTRY[name].family[0]}_99"):
        with pytest.raises(ProfileError, match=rf"packages\.{attribute}\.pgoLevel"):
            parse_profile({"packages": {attribute: {"pgoLevel": "MEDIUM"}}}, name="mine", source="mine.nix")


@pytest.mark.parametrize("name", NAMES)
def test_the_detected_profile_has_it(name: str) -> None:
    detected = profile_for(read_host(HOST), None)
    assert REGISTRY[name].profile_attribute in detected.runtime_attrs()
    assert detected.settings(REGISTRY[name].profile_attribute).enable


@pytest.mark.parametrize("name", NAMES)
def test_it_has_workloads_of_its_own(name: str) -> None:
    named = [workload.name for workload in runtime(name).workloads]
    assert len(set(named)) == len(named) >= FEWEST_WORKLOADS
    assert all(workload.startswith(f"{name}/") for workload in named)


def test_pinned_sources_are_those_that_are_built_from() -> None:
    used = {source for name in NAMES for source in runtime(name).sources}
    assert used == set(SOURCES)
    assert used - USED_BY_OTHERS <= set(NAMES)


def test_the_checklist_names_claims_that_there_are() -> None:
    for _, *claims in LINES:
        for claim in claims:
            name, _, own = claim.partition("/")
            assert own in {known.name for known in runtime(name).claims}, claim


@pytest.mark.parametrize("name", NAMES)
def test_its_overlay_is_documented(name: str) -> None:
    text = (ROOT / "docs" / "overlays.md").read_text()
    assert f"\n## {REGISTRY[name].title}\n" in text
