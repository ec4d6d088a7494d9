"""Every runtime of the registry is wired into every stage. Each failure names the stage that misses it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pytest_rtopt.base.errors import NixError, ProfileError
from pytest_rtopt.base.registry import NAMES, REGISTRY
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.hardware.detect import profile_for
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.hardware.profile import parse_profile
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.overlay_source import Overlay
from pytest_rtopt.nix.package_set import Judged, instantiate
from pytest_rtopt.plugin.session import expected_work
from pytest_rtopt.report.checklist import LINES
from pytest_rtopt.report.html import to_html
from pytest_rtopt.report.markdown import markdown
from pytest_rtopt.report.terminal import render, verdict_table
from pytest_rtopt.results.schema import to_json
from pytest_rtopt.results.values import FindingStatus, RunResults
from pytest_rtopt.runtimes import runtime
from pytest_rtopt.sources.pins import SOURCES
from pytest_rtopt.verdict.decide import decide
from tests.support import sample_results

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_rtopt.base.registry import Registered
    from pytest_rtopt.nix.package_set import RuntimeDerivations
    from tests.support.private_store import PrivateStore

ROOT: Final = Path(__file__).parent.parent.parent
HOST: Final = Path(__file__).parent.parent / "data" / "host" / "desktop-skylake"
# Sources of what is no runtime: a library that Node.js is given, and a package for environments of Python.
USED_BY_OTHERS: Final = {"jemalloc", "packaging"}
FEWEST_WORKLOADS: Final = 3
# What the embedded set does not compile changes only if the profile requests a setting of how it is started.
REQUESTED: Final = {"nodejs": {"compileCache": True}}
# Wide enough that no table folds a name.
_WIDE: Final = 400
# Shorter lines are syntax, such as `return sum;`.
_TELLING_CHARACTERS: Final = 30


def evaluated(
    store: PrivateStore, known: Sequence[Registered], layout: int
) -> Mapping[str, RuntimeDerivations]:
    """Return the derivations in the embedded set under the overlays and the detected profile.

    The profile also has the settings of `REQUESTED`.
    """
    packages = find_package_set("embedded", ROOT, store.nix)
    packages = replace(
        packages, compiler="gcc (Debian 12.2.0-14) 12.2.0", rust="rustc 1.85.0 (4d91de4e4 2025-02-17)"
    )
    detected = profile_for(read_host(HOST), "12.2.0").values
    settings = {
        REGISTRY[name].profile_attribute: {"enable": True, **values} for name, values in REQUESTED.items()
    }
    packages_settings = detected["packages"]
    assert isinstance(packages_settings, dict)
    profile = {**detected, "packages": {**packages_settings, **settings}}
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
    assert found.touched


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
    attribute = REGISTRY[name].profile_attribute
    assert attribute in detected.runtime_attrs()
    assert detected.settings(attribute).enable
    settings = detected.values["packages"]
    assert isinstance(settings, dict)
    assert REGISTRY[name].detected.items() <= settings[attribute].items()


@pytest.mark.parametrize("name", NAMES)
def test_it_has_workloads_of_its_own(name: str) -> None:
    named = [workload.name for workload in runtime(name).workloads]
    assert len(set(named)) == len(named) >= FEWEST_WORKLOADS
    assert all(workload.startswith(f"{name}/") for workload in named)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_not_trained_on_what_is_measured(name: str) -> None:
    """A profile from the workloads themselves would be worth more there than in any other program."""

    def telling_lines(files: Iterable[Path]) -> set[str]:
        lines = (line.strip() for file in files for line in file.read_text().splitlines())
        return {line for line in lines if len(line) >= _TELLING_CHARACTERS and not line.startswith("from ")}

    training = telling_lines((directory("overlays") / "training").glob(f"{name}.*"))
    workloads = telling_lines(file for file in (PACKAGE / "workloads" / name).rglob("*") if file.is_file())
    assert workloads
    assert not training & workloads


@pytest.mark.parametrize("name", NAMES)
def test_every_report_shows_it(name: str) -> None:
    declared = runtime(name)
    result = replace(
        sample_results.lua(),
        name=name,
        findings=tuple(
            sample_results.finding(declared.claim_id(claim), FindingStatus.UNPROVEN, claim.promise)
            for claim in declared.claims
        ),
        benchmarks=tuple(sample_results.benchmark(workload.name) for workload in declared.workloads),
    )
    results = RunResults({}, {}, {}, {name: decide(result, expected_work(name))})
    claims = [found.claim for found in result.findings]
    workloads = [measured.workload for measured in result.benchmarks]
    reports = {
        "terminal": render(verdict_table(results), _WIDE),
        # Behind the page, the file holds the results once more as data.
        "HTML": to_html(results).partition('<script type="application/json"')[0],
        "JSON": json.dumps(to_json(results)),
    }
    for report, text in reports.items():
        missing = [shown for shown in (name, *claims, *workloads) if shown not in text]
        assert not missing, f"the {report} report does not show them"
    without_escapes = markdown(results).replace("\\", "")
    assert all(shown in without_escapes for shown in (name, *workloads))


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
    assert f"\n| {REGISTRY[name].title} | `" in text
