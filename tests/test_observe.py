"""Reading one side of a runtime: what its own programs say, and what is left beside their code."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import pytest
from evidence_builds import compile_c
from observations import derivation

from pytest_rtopt.errors import EvidenceError
from pytest_rtopt.evidence.observe import Reader
from pytest_rtopt.process import check
from pytest_rtopt.results import StorePaths
from pytest_rtopt.runtimes.lua import LUA

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.evidence.observed import Side
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.derivation import Derivation
    from pytest_rtopt.runtimes.model import Runtime


@dataclass(frozen=True)
class Told:
    """A Nix that knows one derivation, and its log."""

    text: str | None = None

    def derivations(self, drvs: list[str]) -> dict[str, Derivation]:
        """Return the derivation for every path."""
        return {drv: derivation("told") for drv in drvs}

    def log(self, _drv: str) -> str | None:
        """Return the log."""
        return self.text


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return an output with a compiled bin/lua."""
    (tmp_path / "out" / "bin").mkdir(parents=True)
    compile_c(tmp_path / "out" / "bin" / "lua", "-march=x86-64-v3", "-frecord-gcc-switches")
    return tmp_path / "out"


def reader(out: Path, log: str | None = None) -> Reader:
    """Return a reader whose Nix only knows what it is told."""
    return Reader(cast("Nix", Told(log)), out.parent / "cache", frozenset())


def heard(runtime: Runtime, out: Path) -> Side:
    """Return what the runtime in `out` says."""
    read = reader(out).read(runtime, StorePaths("/a.drv", str(out)), None)
    return reader(out).heard(runtime, read)


def test_code_switches_and_log_are_read(out: Path) -> None:
    side = reader(out, "gcc -O2 -c lua.c").read(LUA, StorePaths("/a.drv", str(out)), None)
    lua = side.binaries["lua"]
    assert "bmi2" in lua.census.uses
    assert lua.switches.march() == {"x86-64-v3"}
    assert "shift" in lua.functions
    assert lua.has_symbols
    assert side.log is not None
    assert len(side.log.compilations) == 1
    assert reader(out).read(LUA, StorePaths("/a.drv", str(out)), None).log is None


def test_a_stripped_program_is_known_to_be_one(out: Path) -> None:
    check(["strip", "-s", str(out / "bin" / "lua")], timeout=60)
    side = reader(out).read(LUA, StorePaths("/a.drv", str(out)), None)
    assert not side.binaries["lua"].has_symbols


def test_programs_speak_without_a_home_that_they_could_write(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root, Go's commands once made the home directory that did not exist, and kept telemetry in it."""
    monkeypatch.setenv("GOAMD64", "v4")
    script = '! mkdir -p "$HOME/x" 2> /dev/null && touch "{scratch}/x" && echo "[$GOAMD64]" && echo heard >&2'
    speaking = replace(LUA, reports={"home": ("/bin/sh", "-c", script), "lua": ("{lua}",)})
    said = heard(speaking, out).reports
    assert said["home"] == "[]\nheard"
    assert said["lua"].startswith(str(out / "bin" / "lua"))


def test_a_program_that_fails_cannot_speak(out: Path) -> None:
    broken = replace(LUA, reports={"version": ("/bin/sh", "-c", "echo no library >&2; exit 3")})
    with pytest.raises(
        EvidenceError, match="ended with status 3, so nothing that it says can be used: no lib"
    ):
        heard(broken, out)
