"""Reading one side of a runtime: what its own programs say, and what is left beside their code."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, cast

import pytest

from pytest_rtopt.base.errors import EvidenceError
from pytest_rtopt.base.process import check
from pytest_rtopt.claims.self_report import self_report
from pytest_rtopt.evidence.census.cpuid import host_has
from pytest_rtopt.evidence.observation import Observation
from pytest_rtopt.evidence.reader import Reader, refusal_to_run
from pytest_rtopt.hardware.host import read_host
from pytest_rtopt.nix.package_set import RuntimeDerivations
from pytest_rtopt.results.values import FindingStatus, StorePaths
from pytest_rtopt.runtimes.lua import LUA
from tests.support.evidence_builds import PROGRAM, compile_c
from tests.support.observations import derivation, profile

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_rtopt.claims.model import Runtime
    from pytest_rtopt.evidence.observation import Side
    from pytest_rtopt.nix.client import Nix
    from pytest_rtopt.nix.derivation import Derivation


@dataclass(frozen=True)
class Told:
    """A Nix that knows one derivation, and its log, and which derivations it was `requested` for together."""

    text: str | None = None
    requested: list[tuple[str, ...]] = field(default_factory=list)

    def derivations(self, drvs: list[str]) -> dict[str, Derivation]:
        """Return the derivation for every path."""
        self.requested.append(tuple(drvs))
        return {drv: derivation(PurePath(drv).stem) for drv in drvs}

    def log(self, _drv: str, _taken: Path | None = None) -> str | None:
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


def with_reports(runtime: Runtime, out: Path) -> Side:
    """Return what the runtime in `out` says."""
    read = reader(out).read(runtime, StorePaths("/a.drv", str(out)), None)
    return reader(out).with_reports(runtime, read)


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
    said = with_reports(speaking, out).reports
    assert said["home"] == "[]\nheard"
    assert said["lua"].startswith(str(out / "bin" / "lua"))


def test_the_programs_of_a_side_share_a_cache_that_the_other_side_does_not_see(out: Path) -> None:
    """Go fills its cache with 257 directories, which took longer than what it was asked."""
    keep = 'cd "$XDG_CACHE_HOME" && ls && touch seen'
    speaking = replace(LUA, reports=dict.fromkeys(("first", "second"), ("/bin/sh", "-c", keep)))
    paths = StorePaths("/a.drv", str(out))
    for side in reader(out).sides(speaking, RuntimeDerivations("lua5_4", "5.4", paths, paths, None, None)):
        assert side.reports == {"first": "", "second": "seen"}


def test_each_side_is_one_question_to_nix(out: Path) -> None:
    """Every process of Nix takes longer than its answer."""
    told = Told()
    sides = [(StorePaths(f"/{name}.drv", str(out)), StorePaths(f"/{name}-p.drv", str(out))) for name in "ab"]
    (stock, stock_programs), (optimized, programs) = sides
    built = RuntimeDerivations("lua5_4", "5.4", stock, optimized, stock_programs, programs)
    seen = Reader(cast("Nix", told), out.parent / "cache", frozenset()).sides(replace(LUA, reports={}), built)
    assert sorted(told.requested) == [("/a.drv", "/a-p.drv"), ("/b.drv", "/b-p.drv", "/a.drv")]
    assert [side.derivation.name for side in seen] == ["a", "b"]
    named = [side.program_derivation.name for side in seen if side.program_derivation is not None]
    assert named == ["a-p", "b-p"]


def test_a_program_that_fails_cannot_speak(out: Path) -> None:
    broken = replace(LUA, reports={"version": ("/bin/sh", "-c", "echo no library >&2; exit 3")})
    with pytest.raises(EvidenceError, match="ended with status 3, so its report cannot be used: no lib"):
        with_reports(broken, out)


# Builds for CPUs that hardly any host is both of: AVX-512, and AMD's first Bulldozer, whose FMA4 no CPU has
# any more. Where there is FMA3 as well, as in later ones, GCC prefers that.
FOREIGN = {"avx512f": ("-march=x86-64-v4", "-mprefer-vector-width=512"), "fma4": ("-march=bdver1",)}
MARKING = PROGRAM.replace(
    "int main(int argc, char **argv) {",
    'int main(int argc, char **argv) {\n  fclose(fopen("{mark}", "w"));',
)


@pytest.fixture
def foreign(tmp_path: Path) -> tuple[str, RuntimeDerivations, Path]:
    """Return a feature that this host lacks, builds of which the optimized one needs it, and a mark.

    The mark is a file that comes into being when the optimized program is run.
    """
    host = read_host().features
    feature = next(name for name in FOREIGN if not host_has(name, host))
    mark = tmp_path / "ran"
    sides = {}
    for name, flags in {"stock": ("-march=x86-64",), "optimized": FOREIGN[feature]}.items():
        (tmp_path / name / "bin").mkdir(parents=True)
        source = MARKING.replace("{mark}", str(mark if name == "optimized" else tmp_path / "stock-ran"))
        compile_c(tmp_path / name / "bin" / "lua", *flags, source=source)
        sides[name] = StorePaths(f"/{name}.drv", str(tmp_path / name))
    built = RuntimeDerivations("lua5_4", "5.4", sides["stock"], sides["optimized"], None, None)
    return feature, built, mark


@pytest.mark.detection
def test_a_build_for_another_cpu_is_refused_before_anything_runs_it(
    foreign: tuple[str, RuntimeDerivations, Path],
) -> None:
    """Programs were once run before their code was looked at, and the run ended with SIGILL."""
    feature, built, mark = foreign
    requested = self_report("version", "lua -v", "version", "Lua")
    speaking = replace(LUA, reports={"version": ("{lua}",)}, claims=(*LUA.claims, requested))
    host = read_host().features
    reader = Reader(cast("Nix", Told()), mark.parent / "cache", host)
    stock, optimized = reader.sides(speaking, built)
    assert not mark.exists()
    assert stock.reports["version"]
    seen = Observation("lua5_4", profile("x86-64-v3"), host, stock, optimized)
    findings = {claim.name: speaking.judge(claim, seen) for claim in speaking.claims}
    refused = findings["isa-runs-here"]
    assert refused.status is FindingStatus.REFUTED
    assert f"lua needs {feature} (" in refused.evidence
    assert "dot" in refused.evidence
    silent = findings["says-version"]
    assert silent.status is FindingStatus.UNPROVEN
    assert silent.evidence.startswith("lua needs ")
    assert "so the optimized build was not run" in silent.evidence
    assert not mark.exists()


@pytest.mark.detection
def test_what_this_cpu_has_may_be_run(foreign: tuple[str, RuntimeDerivations, Path]) -> None:
    _, built, mark = foreign
    reader = Reader(cast("Nix", Told()), mark.parent / "cache", frozenset())
    stock, optimized = (reader.read(LUA, side, None).code for side in (built.stock, built.optimized))
    assert refusal_to_run(frozenset(), stock, stock) is None
    assert refusal_to_run(frozenset(optimized["lua"].census.uses), stock, optimized) is None
    assert refusal_to_run(frozenset(), stock, optimized) == reader.refusal(LUA, built)
    assert reader.refusal(LUA, built) is not None
