"""Templates, environment and validation of workloads."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_rtopt.bench.workload import Places, Workload, WorkloadError

PLACES = Places(out=Path("/store/lua"), workloads=Path("/share/workloads"), scratch=Path("/scratch/stock"))


def test_templates_are_filled_with_the_places_of_a_side() -> None:
    workload = Workload(
        "lua/strings",
        ("{out}/bin/lua", "{workloads}/lua/strings.lua", "{{literal}}"),
        env=(("CACHE", "{scratch}/cache"),),
        prepare=(("{out}/bin/luac", "-o", "{scratch}/x"),),
    )
    command = workload.command(PLACES)
    assert command.argv == ("/store/lua/bin/lua", "/share/workloads/lua/strings.lua", "{literal}")
    assert command.cwd == Path("/scratch/stock")
    assert dict(command.env)["CACHE"] == "/scratch/stock/cache"
    (prepared,) = workload.preparations(PLACES)
    assert prepared.argv == ("/store/lua/bin/luac", "-o", "/scratch/x".replace("/scratch", "/scratch/stock"))


def test_the_environment_is_an_allow_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_PRELOAD", "/usr/lib/faster.so")
    env = dict(Workload("lua/a", ("{out}/bin/lua",)).command(PLACES).env)
    assert env == {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C",
        "TZ": "UTC",
        "HOME": "/scratch/stock",
        "TMPDIR": "/scratch/stock",
    }


def test_a_variable_of_the_workload_overrides_the_allow_list() -> None:
    workload = Workload("go/a", ("{out}/bin/go",), env=(("PATH", "{out}/bin"),))
    assert dict(workload.command(PLACES).env)["PATH"] == "/store/lua/bin"


def test_programs_that_were_not_built_are_named_in_the_error() -> None:
    workload = Workload("go/records", ("{programs}/bin/records",))
    with pytest.raises(
        WorkloadError, match=r"go/records needs \{programs\}, but no programs were built .* /store/lua"
    ):
        workload.command(PLACES)


@pytest.mark.parametrize("template", ["{home}/bin/lua", "{}", "{out.parent}", "{0}"])
def test_an_unknown_place_is_refused_with_those_that_exist(template: str) -> None:
    with pytest.raises(
        WorkloadError, match=r"the allowed fields are \{out\}, \{programs\}, \{scratch\}, \{workloads\}"
    ):
        Workload("lua/a", (template,))


def test_a_stray_brace_is_refused_with_the_remedy() -> None:
    with pytest.raises(WorkloadError, match="write a literal brace twice"):
        Workload("lua/a", ("lua", "-e", "t = {"))


@pytest.mark.parametrize("name", ["lua", "/strings", "lua/", ""])
def test_a_name_is_runtime_and_name(name: str) -> None:
    with pytest.raises(WorkloadError, match="runtime/name"):
        Workload(name, ("lua",))


@pytest.mark.parametrize("threshold", [-1.0, float("nan"), float("inf")])
def test_a_threshold_is_a_fraction(threshold: float) -> None:
    with pytest.raises(WorkloadError, match="threshold"):
        Workload("lua/a", ("lua",), threshold=threshold)


@pytest.mark.parametrize("expected", [(0.07, 0.03), (-1.0, 0.1), (0.0, float("nan")), (0.0, float("inf"))])
def test_an_expected_range_rises(expected: tuple[float, float]) -> None:
    with pytest.raises(WorkloadError, match="expected range"):
        Workload("lua/a", ("lua",), expected=expected)


def test_commands_and_timeouts_are_checked() -> None:
    with pytest.raises(WorkloadError, match="empty command"):
        Workload("lua/a", ())
    with pytest.raises(WorkloadError, match="empty command"):
        Workload("lua/a", ("lua",), prepare=((),))
    with pytest.raises(WorkloadError, match="timeouts"):
        Workload("lua/a", ("lua",), timeout=0)
