"""The suites on a real runtime: in one process and in four, interrupted, measured, from a wheel."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import psutil
import pytest

from tests.support.gate_cases import recompute_digests

if TYPE_CHECKING:
    from tests.support.plugin_runs import Stranger

pytestmark = [pytest.mark.alone, pytest.mark.usefixtures("runs_detected_code")]

ROOT = Path(__file__).resolve().parent.parent.parent


def lua_in(file: Path) -> dict[str, Any]:
    results = json.loads(file.read_text())
    assert list(results["runtimes"]) == ["lua"]
    lua: dict[str, Any] = results["runtimes"]["lua"]
    return lua


def not_asked_for(file: Path) -> set[str]:
    """Return the claims that are not applicable to the profile of a run: what it detected decides."""
    compiler = json.loads(file.read_text())["profile"]["values"]["build"]["compiler"]
    return {"lua/tuning"} if compiler["mtune"] == "generic" else set()


def test_one_process_and_four_find_the_same(stranger_with_nix: Stranger) -> None:
    """It failed on a CPU that the compiler has no name for: there, `lua/tuning` is not applicable."""
    findings = []
    for processes in ("0", "4"):
        result = stranger_with_nix.suites(
            f"-n{processes}",
            "-m",
            "verify",
            "--rtopt-json=out.json",
            "--rtopt-html=out.html",
            "--junitxml=out.xml",
        )
        assert result.ret == 0, result.stdout.str()
        lua = lua_in(stranger_with_nix.path / "out.json")
        findings.append(sorted(lua["findings"], key=lambda finding: finding["claim"]))
    assert findings[0] == findings[1]
    by_status: dict[str, set[str]] = {}
    for finding in findings[0]:
        by_status.setdefault(finding["status"], set()).add(finding["claim"])
    assert set(by_status) <= {"proven", "unproven", "not-applicable"}
    not_applicable = by_status.get("not-applicable", set())
    assert not_applicable == not_asked_for(stranger_with_nix.path / "out.json")
    assert "lua/lto-used" in (stranger_with_nix.path / "out.html").read_text()
    properties = [
        (node.get("name"), node.get("value"))
        for node in ET.parse(stranger_with_nix.path / "out.xml").iter("property")  # noqa: S314  # ours
    ]
    assert ("rtopt.finding.lua/lto-used", "proven") in properties
    assert not [name for name, _ in properties if name in ("rtopt.result", "rtopt.context")]
    ledger = json.loads((stranger_with_nix.path / "rtopt.lock.json").read_text())
    assert ledger["runtimes"]["lua"]["verdict"] == "pending"
    # A run of another stage shows what the ledger knows of the same builds, as the gate will see it.
    later = stranger_with_nix.suites("-m", "build", "--rtopt-json=build.json")
    counts = [f"{len(found)} {status.replace('-', ' ')}" for status, found in by_status.items()]
    (shown,) = (line for line in later.outlines if line.startswith("lua 5.4.7"))
    assert shown.endswith(" pending")
    assert all(count in later.stdout.str() for count in counts)
    assert lua_in(stranger_with_nix.path / "build.json")["findings"] == []


def test_the_gate_answers_from_what_was_judged_and_from_nothing_else(stranger_with_nix: Stranger) -> None:
    assert stranger_with_nix.suites("-m", "verify").ret == 0
    refused = stranger_with_nix.suites("-m", "gate")
    assert refused.ret == pytest.ExitCode.TESTS_FAILED
    refused.stdout.fnmatch_lines(["*lua: pending. The evidence is incomplete: no measurement of lua/*"])

    file = stranger_with_nix.path / "rtopt.lock.json"
    ledger = json.loads(file.read_text())
    lua = ledger["runtimes"]["lua"]
    lua["verdict"] = "adopt"
    file.write_text(json.dumps(ledger))
    recompute_digests(file)
    edited = stranger_with_nix.suites("-m", "gate")
    edited.stdout.fnmatch_lines(["*lua: pending. The evidence is incomplete*"])

    measured = {
        "pairs": 10, "speedup": 1.1, "ci95": [1.08, 1.12], "mde": 0.01, "threshold": 0.0,
        "expected": None, "expectation": None, "verdict": "pass",
    }  # fmt: skip
    names = ("tables", "strings", "closures")
    lua["benchmarks"] = [{"workload": f"lua/{name}", **measured} for name in names]
    file.write_text(json.dumps(ledger))
    recompute_digests(file)
    allowed = stranger_with_nix.suites("-m", "gate")
    assert allowed.ret == pytest.ExitCode.OK
    allowed.stdout.fnmatch_lines(["lua 5.4.7 *adopt"])

    lua["benchmarks"][1]["ci95"] = [0.9, 0.95]
    file.write_text(json.dumps(ledger))
    recompute_digests(file)
    slower = stranger_with_nix.suites("-m", "gate")
    slower.stdout.fnmatch_lines(["*lua: reject. lua/strings (*) is proven slower*"])

    lua["benchmarks"][1]["ci95"] = [1.08, 1.12]
    lua["optimized"]["drv"] = lua["baseline"]["drv"]
    file.write_text(json.dumps(ledger))
    recompute_digests(file)
    stale = stranger_with_nix.suites("-m", "gate")
    assert stale.ret == pytest.ExitCode.TESTS_FAILED
    stale.stdout.fnmatch_lines(["*lua is stale: the derivation of optimized is not the one that was judged*"])


SLOW = """final: prev: {
  lua5_4 = prev.lua5_4.overrideAttrs (old: { postPatch = "echo waiting; sleep 120"; });
}
"""


def test_an_interrupted_build_ends_cleanly_and_the_next_run_goes_on(stranger_with_nix: Stranger) -> None:
    stranger_with_nix.write("my.nix", SLOW)
    log = stranger_with_nix.path / "log"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-m",
        "verify",
        "--rtopt-packages=embedded",
    ]
    with log.open("wb") as stream:
        # A shell's background job ignores SIGINT, and so would this one without a session of its own.
        run = subprocess.Popen(
            [*command, "--rtopt-runtime=lua", "--rtopt-overlays=my.nix"],
            cwd=stranger_with_nix.path,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # see above
        )
    end = time.monotonic() + 240
    while "lua 5.4.7 optimized: patchPhase" not in log.read_text():
        assert run.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.2)
    started = psutil.Process(run.pid).children(recursive=True)
    assert started
    os.kill(run.pid, signal.SIGINT)
    assert run.wait(60) == pytest.ExitCode.INTERRUPTED
    _, alive = psutil.wait_procs(started, timeout=10)
    assert not alive
    assert "Traceback" not in log.read_text()
    assert stranger_with_nix.suites("-m", "build").ret == 0


def test_benchmarks_are_saved_and_compared(stranger_with_nix: Stranger) -> None:
    measured = ("-m", "benchmark", "--rtopt-budget=1", "--benchmark-storage=kept")
    stranger_with_nix.suites(*measured, "--benchmark-save=a")
    (saved,) = (stranger_with_nix.path / "kept").rglob("0001_a.json")
    names = {row["name"] for row in json.loads(saved.read_text())["benchmarks"]}
    assert {"test_workload[lua/tables-baseline]", "test_workload[lua/tables-optimized]"} <= names
    compared = stranger_with_nix.suites(*measured, "--benchmark-compare")
    compared.stdout.fnmatch_lines_random(
        ["*lua/tables-optimized* (NOW)*", "*lua/tables-optimized* (0001_a)*"]
    )


def test_a_workload_is_measured_on_two_builds_that_lie_otherwise(stranger_with_nix: Stranger) -> None:
    requested = ("-m", "benchmark", "-k", "lua/tables", "--rtopt-budget=1", "--rtopt-json=out.json")
    told = stranger_with_nix.suites(*requested, "--rtopt-builds=2")
    (workload,) = lua_in(stranger_with_nix.path / "out.json")["benchmarks"]
    assert len(workload["builds"]) == 2, told.stdout.str()
    assert workload["pairs"] == sum(build["pairs"] for build in workload["builds"])
    low, high = sorted(build["speedup"] for build in workload["builds"])
    assert low <= workload["speedup"] <= high
    assert "The speedups of its 2 builds are " in workload["reason"]
    told.stdout.fnmatch_lines(["lua/tables, 2 builds *"])


def test_rivals_are_measured_in_the_same_rounds(stranger_with_nix: Stranger) -> None:
    """One is stock under another name, and one answers nothing."""
    requested = ("-m", "benchmark", "-k", "lua/tables", "--rtopt-budget=1", "--rtopt-json=out.json")
    stranger_with_nix.suites(*requested)
    out = lua_in(stranger_with_nix.path / "out.json")["baseline"]["out"]
    rivals = [f"--rtopt-rival=lua={rival}" for rival in (out, "/bin/true")]
    told = stranger_with_nix.suites(*requested, *rivals)
    (workload,) = lua_in(stranger_with_nix.path / "out.json")["benchmarks"]
    stock, silent = workload["rivals"]
    assert (stock["name"], stock["pairs"]) == (out, workload["pairs"]), told.stdout.str()
    assert 0.5 < stock["over_stock"]["speedup"] < 2
    assert stock["lead"]["speedup"] > 0
    assert "lua/tables on the rival /bin/true answered ''" in silent["withdrawn"]
    told.stdout.fnmatch_lines(["rival * workload * optimized is", "/bin/true * lua/tables *"])


def test_a_wheel_has_all_that_the_suites_need(stranger_with_nix: Stranger, tmp_path: Path) -> None:
    """The suites, overlays and profiles are symbolic links in a checkout, and must be files in a wheel."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    for place in ("suites/test_verify.py", "overlays/lib.nix", "profiles/shoshin.nix", "nix/instantiate.nix"):
        assert (unpacked / "pytest_rtopt" / place).is_file()
        assert not (unpacked / "pytest_rtopt" / place).is_symlink()
    script = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    )
    result = stranger_with_nix.pytester.run(
        sys.executable, "-c", script, unpacked, "--pyargs", "pytest_rtopt.suites", "-m", "verify",
        "--rtopt-packages=embedded", "--rtopt-runtime=lua", "-rA",
    )  # fmt: skip
    assert result.ret == 0, result.stdout.str()
    assert str(ROOT) not in result.stdout.str().replace(str(ROOT / ".cache"), "").replace(
        str(ROOT / ".venv"), ""
    )
