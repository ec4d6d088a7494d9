"""Both passes of Node's profile-guided build, on a stand-in that is compiled for real; the training."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base import process
from pytest_rtopt.base.resources import PACKAGE, directory
from pytest_rtopt.nix.build import Builder
from pytest_rtopt.nix.find_packages import find_package_set
from pytest_rtopt.nix.host_builds import prepare_host_builds
from pytest_rtopt.nix.package_set import Judged, instantiate
from pytest_rtopt.runtimes.nodejs import NODEJS
from pytest_rtopt.stages.build import build_runtime
from pytest_rtopt.stages.packages import Packages

if TYPE_CHECKING:
    from pytest_rtopt.base.process import Completed
    from tests.support.private_store import PrivateStore

STAND_IN = Path(__file__).parent.parent / "data" / "node-stand-in"
HOOK = directory("overlays") / "node-profile.sh"
TRAINING = directory("overlays") / "training" / "node.js"
PARTS = re.findall(r"^  (?:async )?(\w+)\(\) \{$", TRAINING.read_text(), re.MULTILINE)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STAND_IN, tmp_path / "source"))


def build(source: Path, commands: str, configured: str = "--prefix=/x --enable-pgo-use") -> Completed:
    """Configure the stand-in and run `commands` as a phase of its build, which ends at the first error."""
    script = f"source {HOOK}\n./configure {configured}\n{commands}"
    environment = {
        "PATH": os.environ["PATH"], "CC": "/usr/bin/gcc", "NIX_BUILD_TOP": str(source.parent),
        "NIX_CFLAGS_COMPILE": "-frecord-gcc-switches",
    }  # fmt: skip
    return process.run(
        ["/bin/bash", "-euc", script],
        timeout=120,
        surroundings=process.Surroundings(env=environment, cwd=source),
    )


def test_the_second_build_uses_the_profile_of_the_first(source: Path) -> None:
    completed = build(source, "rtoptTrainNode configure\nmake")
    assert completed.returncode == 0, completed.error_text
    first, _, second = completed.text.partition("rtopt: training (FULL)")
    assert first.count("-fprofile-generate -frecord-gcc-switches -fprofile-update=prefer-atomic -c") == 2
    assert "rtopt: 2 files of profile data" in second
    assert second.count("-fprofile-use -fprofile-correction -frecord-gcc-switches -Wmissing-profile -c") == 2
    assert "-fprofile-update" not in second
    assert "profile count data file not found" not in completed.error_text
    assert (source / "config.status").read_text().endswith("./configure --prefix=/x --enable-pgo-use\n")
    symbols = process.check(["/usr/bin/nm", str(source / "out/Release/node")], timeout=60).text
    assert "engine.cold" in symbols
    assert "__gcov_" not in symbols


def test_a_training_that_fails_ends_the_build(source: Path) -> None:
    completed = build(source, "rtoptTrainNode no-such-script\nmake")
    assert completed.returncode == 2
    assert "files of profile data" not in completed.text


def test_a_node_that_was_configured_in_another_way_is_not_trained(source: Path) -> None:
    """Without the flag in config.status both builds would be the plain one, and nobody would know."""
    completed = build(source, "rtoptTrainNode configure", configured="--prefix=/x")
    assert completed.returncode == 1
    assert "config.status does not say how Node was configured" in completed.error_text


def test_a_training_without_a_profile_ends_the_build(source: Path) -> None:
    makefile = source / "Makefile"
    makefile.write_text(makefile.read_text().replace("$(PROFILE)", ""))
    completed = build(source, "rtoptTrainNode configure\nmake")
    assert completed.returncode == 1
    assert "the training left no profile" in completed.error_text


def test_the_training_runs_in_the_real_node(private_store: PrivateStore, tmp_path: Path) -> None:
    """Instrumentation changes how long it takes, and not what runs."""
    builds = prepare_host_builds(private_store.nix)
    nix = builds.nix
    embedded = replace(
        find_package_set("embedded", tmp_path, nix), compiler=builds.compiler, rust=builds.rust
    )
    derivations = instantiate(nix, embedded, [NODEJS], Judged({}, (), {})).runtimes["nodejs"]
    build_runtime(
        NODEJS,
        derivations,
        Packages(embedded, nix, str(builds.isolation), builds.gcc_version),
        Builder(nix, private_store.directory / "builds"),
        private_store.directory / "sources",
    )
    node = Path(derivations.stock.out) / "bin" / "node"
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)}
    completed = process.check(
        [str(node), str(TRAINING)],
        timeout=300,
        surroundings=process.Surroundings(env=environment, cwd=tmp_path),
    )
    assert set(PARTS) == set(re.findall(r"^rtopt: trained on (\w+) in ", completed.text, re.MULTILINE))
    assert list(tmp_path.iterdir()) == []


def test_no_workload_is_trained_on() -> None:
    trained = {word for word in TRAINING.read_text().split() if len(word) > len("xxxxxxxxxxxx")}
    for workload in (PACKAGE / "workloads" / "nodejs").glob("*.js"):
        words = {word for word in workload.read_text().split() if len(word) > len("xxxxxxxxxxxx")}
        assert len(words & trained) <= len(words) / 4, workload.name
